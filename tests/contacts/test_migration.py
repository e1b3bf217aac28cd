"""A database with contacts in it is brought up to date, and loses nothing but a second primary contact."""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from authsvc.migrations import upgrade
from authsvc.settings import Settings
from tests.isolation.fresh_database import fresh_database

BEFORE = "0007"

FILLED = """
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO tenants (id, name, default_customer_set_code, created_at) VALUES (1, 'Mystic', 'default', now());
INSERT INTO customer_sets VALUES (1, 'default', 'Default', '', now(), '', now(), '');
INSERT INTO accounts (tenant_id, id, customer_set_code, user_id, account_type, tax_exempt, accepts_marketing, is_active,
    is_locked, customer_since, created_at, created_by, updated_at, updated_by)
    VALUES (1, 7, 'default', 'u', 'B2C', false, false, true, false, now(), now(), '', now(), '');
INSERT INTO contacts (tenant_id, account_id, id, email, types, created_at, created_by, updated_at, updated_by) VALUES
    (1, 7, 1, 'a', '[{"name": "Billing", "isPrimary": true}, {"name": "Shipping", "isPrimary": true}]',
        now(), '', now(), ''),
    (1, 7, 2, 'b', '[{"name": "Billing", "isPrimary": true}, {"name": "Shipping"}]', now(), '', now(), ''),
    (1, 7, 3, 'c', '[]', now(), '', now(), '');
"""


def test_of_two_primary_contacts_the_one_made_last_stays(settings: Settings) -> None:
    with fresh_database(settings, migrated=False) as database:
        config = Config()
        config.set_main_option("script_location", str(files("authsvc.migrations")))
        config.attributes["engine"] = database.engine
        command.upgrade(config, BEFORE)
        with database.transaction(), database.connection() as connection:
            for statement in filter(str.strip, FILLED.split(";\n")):
                connection.execute(text(statement.replace(":", "\\:")))
        upgrade(database.engine)
        with database.connection() as connection:
            rows = connection.execute(
                text("SELECT email, primary_billing, primary_shipping FROM contacts ORDER BY id")
            ).all()
        assert [tuple(row) for row in rows] == [
            ("a", False, True),
            ("b", True, False),
            ("c", None, None),
        ]
