"""Design §3: Invariants are constraints. Each violation is attempted by SQL, past every rule, and refused."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from authsvc.services import Services
from tests.isolation.world import World, new_world
from tests.machines import taken_back
from tests.merchants import Merchant, new_merchant


@pytest.fixture(name="world", scope="module")
def _world(services: Services, app: Flask) -> World:
    """One for all tests: whatever is tried on it is taken back."""
    return new_world(new_merchant(services, app.test_client()))


VIOLATIONS = {
    # Rule 1: exactly one default set; every site and account in exactly one set, always.
    "a tenant without a default set": (
        "UPDATE tenants SET default_customer_set_code = NULL WHERE id = :tenant"
    ),
    "a default set that does not exist": (
        "UPDATE tenants SET default_customer_set_code = 'nowhere' WHERE id = :tenant"
    ),
    "a default set of another tenant": (
        "UPDATE tenants SET default_customer_set_code = 'theirs' WHERE id = :tenant"
    ),
    "a tenant born without its set": (
        "INSERT INTO tenants (name, default_customer_set_code, created_at) VALUES ('x', 'default', now())"
    ),
    "a site in no set": "UPDATE sites SET customer_set_code = NULL WHERE tenant_id = :tenant",
    "a site in a set that does not exist": (
        "UPDATE sites SET customer_set_code = 'nowhere' WHERE tenant_id = :tenant"
    ),
    "a site in a set of another tenant": (
        "UPDATE sites SET customer_set_code = 'theirs' WHERE tenant_id = :tenant"
    ),
    "an account in no set": "UPDATE accounts SET customer_set_code = NULL WHERE tenant_id = :tenant",
    "an account in a set that does not exist": (
        "UPDATE accounts SET customer_set_code = 'nowhere' WHERE tenant_id = :tenant"
    ),
    "an account in a set of another tenant": (
        "UPDATE accounts SET customer_set_code = 'theirs' WHERE tenant_id = :tenant"
    ),
    # Rule 2: a code has a shape and is immutable after the first save.
    "a set of the same code": (
        "INSERT INTO customer_sets SELECT * FROM customer_sets WHERE tenant_id = :tenant"
    ),
    "a code that is changed": (
        "UPDATE customer_sets SET code = 'c2c' WHERE tenant_id = :tenant AND code = 'b2c'"
    ),
    "an unused code that is changed": (
        "UPDATE customer_sets SET code = 'other' WHERE tenant_id = :tenant AND code = 'unused'"
    ),
    "a set that changes hands": (
        "UPDATE customer_sets SET tenant_id = :other WHERE tenant_id = :tenant AND code = 'unused'"
    ),
    "a code in capitals": "INSERT INTO customer_sets VALUES (:tenant, 'B2X', 'x', '', now(), '', now(), '')",
    "an empty code": "INSERT INTO customer_sets VALUES (:tenant, '', 'x', '', now(), '', now(), '')",
    "a code with a line break": (
        "INSERT INTO customer_sets VALUES (:tenant, E'b2x\\n', 'x', '', now(), '', now(), '')"
    ),
    "a nameless set": "UPDATE customer_sets SET name = '' WHERE tenant_id = :tenant",
    # Rule 3: the default set cannot be deleted; rule 6: nor one that still has sites or customers.
    "a default set that is deleted": (
        "DELETE FROM customer_sets WHERE tenant_id = :bare AND code = 'default'"
    ),
    "a set with sites that is deleted": (
        "DELETE FROM customer_sets WHERE tenant_id = :tenant AND code = 'b2b'"
    ),
    "a host of two sites": (
        "INSERT INTO site_hosts SELECT 'taken.example', tenant_id, id FROM sites WHERE tenant_id = :tenant"
    ),
    "a host in capitals": (
        "INSERT INTO site_hosts SELECT 'Taken.example', tenant_id, min(id) FROM sites"
        " WHERE tenant_id = :tenant GROUP BY tenant_id"
    ),
    # Rule 8: a username is unique within a set.
    "a second account of a username": "UPDATE accounts SET username = 'x', username_key = 'stacy' WHERE id = :guest",
    "a username without its key": "UPDATE accounts SET username_key = NULL WHERE id = :guest",
    "a key without its username": "UPDATE accounts SET username = NULL WHERE id = :guest",
    "an address without its key": "UPDATE accounts SET email_key = NULL WHERE id = :account",
    "a second account of a user id": (
        "UPDATE accounts SET user_id = (SELECT user_id FROM accounts WHERE id = :account) WHERE id = :guest"
    ),
    "a user id that is too long": "UPDATE accounts SET user_id = repeat('x', 56) WHERE id = :guest",
    "an account of no type": "UPDATE accounts SET account_type = 'B2D' WHERE id = :guest",
    # A login cannot exist without an account, nor without its username.
    "a login without a username": (
        "UPDATE accounts SET username = NULL, username_key = NULL WHERE id = :account"
    ),
    "a login of another username": "UPDATE credentials SET username_key = 'x' WHERE account_id = :account",
    "a login of nobody": (
        "INSERT INTO credentials SELECT tenant_id, 1, username_key, password_hash, false, now(), now(), now(), now()"
        " FROM credentials WHERE account_id = :account"
    ),
    "a second login": (
        "INSERT INTO credentials SELECT * FROM credentials WHERE account_id = :account"
    ),
    "a login of another tenant's account": (
        "UPDATE credentials SET tenant_id = :other WHERE account_id = :account"
    ),
    "a contact of nobody": "UPDATE contacts SET account_id = 1 WHERE account_id = :account",
    "a second primary contact to bill": (
        "INSERT INTO contacts (tenant_id, account_id, email, primary_billing, created_at, created_by, updated_at,"
        " updated_by) VALUES (:tenant, :account, 'x', true, now(), '', now(), '')"
    ),
    "a second primary contact to ship to": (
        "INSERT INTO contacts (tenant_id, account_id, email, primary_shipping, created_at, created_by, updated_at,"
        " updated_by) VALUES (:tenant, :account, 'x', true, now(), '', now(), '')"
    ),
    # A card is a token and few digits, of a contact of the same account; never a number.
    "a second default card": (
        "INSERT INTO cards (tenant_id, account_id, id, is_default, created_at, created_by, updated_at, updated_by)"
        " VALUES (:tenant, :account, 'x', true, now(), '', now(), '')"
    ),
    "a card number for a token": "UPDATE cards SET id = '4111111111111111' WHERE account_id = :account",
    "a grouped card number for a token": (
        "UPDATE cards SET id = '3782-822463-10005' WHERE account_id = :account"
    ),
    "a card that shows its number": (
        "UPDATE cards SET number_part = '4111-1111-1111-1111' WHERE account_id = :account"
    ),
    "a card named by its number": (
        "UPDATE cards SET name_on_card = '4111 1111 1111 1111' WHERE account_id = :account"
    ),
    "a card typed by its number": (
        "UPDATE cards SET card_type = '4111111111111111' WHERE account_id = :account"
    ),
    "a card of somebody else's contact": (
        "UPDATE cards SET contact_id = 1 WHERE account_id = :account"
    ),
    "a card that expires in no month": "UPDATE cards SET expire_month = 13 WHERE account_id = :account",
    "a card of nobody": "UPDATE cards SET account_id = 1 WHERE account_id = :account",
    "a note of nobody": "UPDATE account_notes SET account_id = 1 WHERE account_id = :account",
    "an empty note": "UPDATE account_notes SET content = '' WHERE account_id = :account",
    "an attribute of the same name in capitals": (
        "INSERT INTO attribute_definitions (tenant_id, fully_qualified_name, data_type, value_type, is_multi_valued,"
        " is_visible, is_read_only, is_active, vocabulary, description, created_at, created_by, updated_at, updated_by)"
        " SELECT tenant_id, upper(fully_qualified_name), data_type, value_type, false, true, false, true, '[]', '{}',"
        " now(), '', now(), '' FROM attribute_definitions WHERE tenant_id = :tenant"
    ),
    "an attribute without a value": (
        "UPDATE account_attributes SET values = '[]' WHERE account_id = :account"
    ),
    "an attribute that nobody defined": (
        "UPDATE account_attributes SET attribute_id = 1 WHERE account_id = :account"
    ),
    "an attribute of nobody": "UPDATE account_attributes SET account_id = 1 WHERE account_id = :account",
    # Segments are the tenant's, and so is everybody in them.
    "a segment of the same code in capitals": (
        "INSERT INTO customer_segments (tenant_id, code, name, description, created_at, created_by, updated_at,"
        " updated_by) SELECT tenant_id, upper(code), name, '', now(), '', now(), '' FROM customer_segments"
        " WHERE tenant_id = :tenant"
    ),
    "a segment of another tenant's customer": (
        "INSERT INTO account_segments SELECT tenant_id, 1, id, now(), '' FROM customer_segments"
        " WHERE tenant_id = :tenant"
    ),
    "another tenant's segment": (
        "UPDATE account_segments SET tenant_id = :other WHERE tenant_id = :tenant"
    ),
    # Rule 16: an order names a customer of the set of its site; it stays whoever moves, and keeps its customer.
    "an order of a customer of another set": (
        "UPDATE orders SET account_id = :moved WHERE tenant_id = :tenant"
    ),
    "a new order of a customer of another set": (
        "INSERT INTO orders SELECT tenant_id, 'S-9', kind, site_id, :moved, customer_set_code, status, is_counted,"
        " total, currency_code, placed_at, 1, now(), NULL, now(), now() FROM orders WHERE tenant_id = :tenant"
    ),
    "an order said to be placed in another set": (
        "INSERT INTO orders SELECT tenant_id, 'S-9', kind, site_id, account_id, 'b2b', status, is_counted,"
        " total, currency_code, placed_at, 1, now(), NULL, now(), now() FROM orders WHERE tenant_id = :tenant"
    ),
    "an order of nobody": "DELETE FROM accounts WHERE id = (SELECT account_id FROM orders WHERE tenant_id = :tenant)",
    "an order on a site of another set": (
        "UPDATE orders SET site_id = (SELECT min(id) FROM sites WHERE tenant_id = :tenant"
        " AND customer_set_code = 'b2b') WHERE tenant_id = :tenant"
    ),
    "an order for less than nothing": "UPDATE orders SET total = -0.01 WHERE tenant_id = :tenant",
    "an order in no currency": "UPDATE orders SET currency_code = 'dollars' WHERE tenant_id = :tenant",
    "a last order of none": "UPDATE order_totals SET order_count = 0 WHERE tenant_id = :tenant",
    # Design §3: only digests of tokens are stored.
    "a token instead of its digest": (
        "UPDATE session_tokens SET digest = convert_to('a token in clear', 'UTF8') WHERE tenant_id = :tenant"
    ),
    "a token of no session": (
        "UPDATE session_tokens SET session_id = gen_random_uuid() WHERE tenant_id = :tenant"
    ),
    "a token of another kind": "UPDATE session_tokens SET kind = 'cookies' WHERE tenant_id = :tenant",
    "a token replaced by nothing": (
        "UPDATE session_tokens SET replaced_at = now() WHERE tenant_id = :tenant"
    ),
    "a session of nobody": "UPDATE sessions SET account_id = 1 WHERE tenant_id = :tenant",
    "a session that ended for no reason": "UPDATE sessions SET ended_at = now() WHERE tenant_id = :tenant",
    "an application's secret instead of its digest": (
        "UPDATE application_secrets SET digest = convert_to('secret', 'UTF8') WHERE tenant_id = :tenant"
    ),
    "an application's token instead of its digest": (
        "UPDATE application_tokens SET digest = convert_to('token', 'UTF8') WHERE tenant_id = :tenant"
    ),
    "a token of no application": (
        "UPDATE application_tokens SET client_id = 'nobody' WHERE tenant_id = :tenant"
    ),
    # An audit trail is added to, never edited.
    "an audit entry that is edited": "UPDATE audit_entries SET actor = 'nobody' WHERE tenant_id = :tenant",
    "an audit entry that is removed": "DELETE FROM audit_entries WHERE tenant_id = :tenant",
    "a tenant that takes its audit trail along": "DELETE FROM tenants WHERE id = :tenant",
    "an audit trail that is emptied": "TRUNCATE audit_entries",
    "a second directory version": "INSERT INTO directory_version VALUES (false, 1)",
}

PREPARATION = (
    "INSERT INTO customer_sets VALUES (:other, 'theirs', 'x', '', now(), '', now(), '')",
    "INSERT INTO customer_sets VALUES (:tenant, 'unused', 'x', '', now(), '', now(), '')",
)


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_the_database_by_itself_refuses(
    violation: str, world: World, other_merchant: Merchant
) -> None:
    bare = world.services.customer_sets.create_tenant("Bare")
    values = {
        "tenant": world.merchant.tenant_id,
        "other": other_merchant.tenant_id,
        "bare": bare.id,
        "account": world.account.id,
        "guest": world.guest_id,
        "moved": world.moved_id,
    }
    with taken_back(world.services), world.services.database.connection() as connection:
        for statement in PREPARATION:
            connection.execute(text(statement), values)
        with pytest.raises(DatabaseError) as refused:  # noqa: PT012  deferred constraints speak at the end
            done = connection.execute(text(VIOLATIONS[violation]), values)
            assert done.rowcount
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert isinstance(refused.value, IntegrityError)


def test_deleting_an_account_deletes_what_is_only_its_own(world: World) -> None:
    tables = (
        "credentials",
        "contacts",
        "sessions",
        "account_segments",
        "cards",
        "account_notes",
        "account_attributes",
    )
    with taken_back(world.services), world.services.database.connection() as connection:
        values = {"account": world.account.id}
        for left, statement in (
            (True, "SELECT 1"),
            (False, "DELETE FROM accounts WHERE id = :account"),
        ):
            connection.execute(text(statement), values)
            for table in tables:
                query = text(f"SELECT count(*) FROM {table} WHERE account_id = :account")
                assert bool(connection.execute(query, values).scalar_one()) is left, table


def test_a_renamed_login_keeps_its_credential(world: World) -> None:
    with taken_back(world.services), world.services.database.connection() as connection:
        connection.execute(
            text("UPDATE accounts SET username = 'X', username_key = 'x' WHERE id = :account"),
            {"account": world.account.id},
        )
        found = connection.execute(
            text("SELECT username_key FROM credentials WHERE account_id = :account"),
            {"account": world.account.id},
        )
        assert found.scalar_one() == "x"
