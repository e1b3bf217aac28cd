"""Design §3: Every write of consequence adds an audit entry (who, from which application, what, old → new)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from authsvc.audit.rules import Change
from authsvc.callers import Shopper
from authsvc.login.rules import Enrolment
from authsvc.services import Services
from tests.machines import taken_back
from tests.merchants import PASSWORD, Merchant
from tests.trail import actions, changes, entries

NEW_PASSWORD = "Mystic-2027"


def test_each_write_to_an_account_is_told_old_and_new(
    services: Services, merchant: Merchant
) -> None:
    caller = merchant.caller("Mystic Sports")
    account = services.accounts.create(
        caller, merchant.site("Mystic Sports"), {"email_address": "john@mail.com"}
    )
    subject = f"account:{account.id}"
    services.login.create_login(caller, account.id, Enrolment({}, PASSWORD))
    services.accounts.update(caller, account.id, {"first_name": "John"})
    merchant.move(account.id, "b2b")
    services.credentials.change_password(caller, account.id, PASSWORD, NEW_PASSWORD)
    services.credentials.set_must_change(caller, account.id, must_change=True)
    services.credentials.set_locked(caller, account.id, locked=True)
    services.credentials.set_locked(caller, account.id, locked=False)
    services.accounts.disable(caller, account.id)
    services.accounts.delete(caller, account.id)
    told = {
        entry["action"]: changes(entry) for entry in entries(services, merchant.tenant_id, subject)
    }
    assert list(told) == [
        "account.created",
        "account.updated",
        "account.login_created",
        "account.password_changed",
        "account.password_change_required",
        "account.locked",
        "account.unlocked",
        "account.disabled",
        "account.deleted",
    ]
    made = {"customerSet": (None, "b2c"), "email_address": (None, "john@mail.com")}
    assert made.items() <= told["account.created"].items()
    assert told["account.login_created"] == {"userName": (None, "john@mail.com")}
    assert told["account.updated"] == {"first_name": (None, "John")}
    assert told["account.password_changed"] == {"password": (None, None)}
    assert told["account.password_change_required"] == {"isPasswordChangeRequired": (False, True)}
    assert told["account.locked"]["is_locked"] == (False, True)
    assert told["account.unlocked"] == {"is_locked": (True, False)}
    assert told["account.disabled"] == {"is_active": (True, False)}
    assert told["account.deleted"] == {
        "customerSet": ("b2b", None),
        "userName": ("john@mail.com", None),
    }


def test_no_secret_gets_into_the_trail(services: Services, merchant: Merchant) -> None:
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    again = merchant.sign_in("john@mail.com", "Mystic Kids")
    assert ticket.account is not None
    caller = merchant.caller("Mystic Sports")
    services.credentials.change_password(caller, ticket.account.id, PASSWORD, NEW_PASSWORD)
    secrets = {PASSWORD, NEW_PASSWORD, "$argon2", ticket.jwt}
    secrets |= {ticket.tokens.access_token, ticket.tokens.refresh_token, again.tokens.access_token}
    told = repr(entries(services, merchant.tenant_id))
    assert [secret for secret in secrets if secret in told] == []


def test_an_entry_says_who_from_where_by_which_application_and_on_which_site(
    services: Services, merchant: Merchant
) -> None:
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    shopper = Shopper(ticket.tokens.session_id, ticket.user_id, ticket.account.id, "b2c")
    caller = replace(
        merchant.caller("Mystic Kids"),
        shopper=shopper,
        remote_address="203.0.113.7",
        correlation_id="c-1",
    )
    services.accounts.update(caller, ticket.account.id, {"first_name": "John"})
    entry = entries(services, merchant.tenant_id, f"account:{ticket.account.id}")[-1]
    assert entry["actor"] == f"shopper:{ticket.user_id}"
    assert entry["application"] == "tests"
    assert entry["site_id"] == merchant.site("Mystic Kids")
    assert (entry["remote_address"], entry["correlation_id"]) == ("203.0.113.7", "c-1")
    assert changes(entry) == {"first_name": (None, "John")}


def test_what_was_not_done_is_not_told(services: Services, merchant: Merchant) -> None:
    """Design §3: in the same transaction."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    subject, caller = f"account:{ticket.account.id}", merchant.caller()
    before = actions(services, merchant.tenant_id, subject)
    with taken_back(services):
        services.accounts.update(caller, ticket.account.id, {"first_name": "Jane"})
    services.accounts.update(caller, ticket.account.id, {"email_address": "john@mail.com"})
    services.credentials.set_locked(caller, ticket.account.id, locked=False)
    services.credentials.set_must_change(caller, ticket.account.id, must_change=False)
    assert actions(services, merchant.tenant_id, subject) == before


def test_moments_and_sums_are_written_as_text(services: Services, merchant: Merchant) -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    services.trail.note(
        merchant.caller(),
        "test.noted",
        "test:1",
        [Change("moment", None, moment), Change("sum", Decimal("1.10"), Decimal("2.20"))],
    )
    entry = entries(services, merchant.tenant_id, "test:1")[0]
    assert changes(entry) == {
        "moment": (None, "2026-11-21T00:00:00+00:00"),
        "sum": ("1.10", "2.20"),
    }
