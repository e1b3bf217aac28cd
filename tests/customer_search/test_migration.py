"""A database that holds customers already is brought up to date: all of them are found, by all that they have."""

from __future__ import annotations

from importlib.resources import files

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from authsvc.customer_search.rules import CustomerQuery
from authsvc.customer_search.service import CustomerSearch
from authsvc.customer_search.store import CustomerSearchStore
from authsvc.migrations import upgrade
from authsvc.settings import Settings
from tests.isolation.fresh_database import fresh_database

BEFORE = "0008"
OF_SEARCH = "authsvc.migrations.versions.0009_customer_search"
# So that the customers are more than one batch.
BATCH = 3

FILLED = """
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO tenants (id, name, default_customer_set_code, created_at)
    VALUES (1, 'Mystic', 'b2c', now()), (2, 'Other', 'b2c', now());
INSERT INTO customer_sets (tenant_id, code, name, description, created_at, created_by, updated_at, updated_by)
    SELECT tenant_id, code, code, '', now(), '', now(), ''
    FROM unnest(ARRAY[1, 1, 2], ARRAY['b2c', 'b2b', 'b2c']) AS sets (tenant_id, code);
INSERT INTO accounts (tenant_id, id, customer_set_code, user_id, first_name, last_name, company_or_organization,
    email_address, email_key, username, username_key, account_type, tax_exempt, accepts_marketing, is_active, is_locked,
    customer_since, created_at, created_by, updated_at, updated_by)
    SELECT tenant_id, id, code, 'u' || id, first_name, last_name, company, email, lower(email), username,
        lower(username), 'B2C', false, false, true, is_locked, now(), now(), '', now(), ''
    FROM (VALUES
        (1, 1, 'b2c', 'John', 'Smith-Jones', NULL, 'John@mail.com', 'John@mail.com', false),
        (1, 2, 'b2c', 'Jose\u0301', 'M\u00fcller', NULL, 'jose@mail.com', 'jose@mail.com', true),
        (1, 3, 'b2b', NULL, NULL, 'Parts Supply', NULL, NULL, false),
        (1, 4, 'b2b', NULL, NULL, NULL, NULL, NULL, false),
        (2, 5, 'b2c', 'John', 'Elsewhere', NULL, NULL, 'johnny', false),
        (1, 6, 'b2b', 'Johanna', 'Zwick', NULL, NULL, 'jz', false),
        (1, 7, 'b2c', 'Ann', 'Zwick', NULL, 'ann@mail.com', NULL, false)
    ) AS people (tenant_id, id, code, first_name, last_name, company, email, username, is_locked);
INSERT INTO credentials (tenant_id, account_id, username_key, password_hash, must_change_password, password_changed_at,
    created_at, updated_at)
    SELECT tenant_id, id, username_key, 'x', false, now(), now(), now() FROM accounts WHERE username_key IS NOT NULL
"""

FOUND = [
    (1, CustomerQuery(), {1, 2, 3, 4, 6, 7}),
    (2, CustomerQuery(), {5}),
    (1, CustomerQuery("john"), {1}),
    (1, CustomerQuery("jones john"), {1}),
    (1, CustomerQuery("jos\u00e9 m\u00fc"), {2}),
    (1, CustomerQuery("supply"), {3}),
    (1, CustomerQuery("4"), {4}),
    (2, CustomerQuery("johnny"), {5}),
    (1, CustomerQuery("zwick", "b2b"), {6}),
    (1, CustomerQuery("zwick", is_guest=True), {7}),
    (1, CustomerQuery(is_guest=True, customer_set="b2b"), {3, 4}),
    (1, CustomerQuery("j", is_locked=True), {2}),
]


def test_everybody_is_found_after_the_upgrade(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{OF_SEARCH}.BATCH", BATCH)
    with fresh_database(settings, migrated=False) as database:
        config = Config()
        config.set_main_option("script_location", str(files("authsvc.migrations")))
        config.attributes["engine"] = database.engine
        command.upgrade(config, BEFORE)
        with database.transaction(), database.connection() as connection:
            for statement in FILLED.split(";\n"):
                connection.execute(text(statement))
        upgrade(database.engine)
        search = CustomerSearch(CustomerSearchStore(database)).search
        for tenant_id, query, ids in FOUND:
            assert {one.id for one in search(tenant_id, query).items} == ids, (tenant_id, query)
