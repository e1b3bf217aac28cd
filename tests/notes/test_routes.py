"""Notes: the vendor's shapes and statuses, and that shoppers see nothing of them ([K] 3.2, 3.5)."""

from __future__ import annotations

import pytest

from authsvc.login.rules import Ticket
from authsvc.services import Services
from tests.merchants import Merchant
from tests.trail import actions

UNKNOWN = 999_999_999
CALLS_BACK = {"content": "Calls back on Mondays."}


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def path(ticket: Ticket) -> str:
    """Return where a ticket's account is."""
    assert ticket.account is not None
    return f"accounts/{ticket.account.id}"


def test_a_note_is_the_merchants(merchant: Merchant, stacy: Ticket, services: Services) -> None:
    notes = f"{path(stacy)}/notes"
    added = merchant.call("POST", notes, CALLS_BACK)
    assert added.status_code == 201
    note = added.get_json()
    assert set(note) == {"id", "content", "auditInfo"}
    one = f"{notes}/{note['id']}"
    assert merchant.call("GET", one).get_json() == note
    changed = merchant.call("PUT", one, {"content": "On Tuesdays."})
    assert (changed.status_code, changed.get_json()["content"]) == (200, "On Tuesdays.")
    merchant.call("PUT", one, {"content": "On Tuesdays."})
    merchant.call("POST", notes, CALLS_BACK)
    listed = merchant.call("GET", f"{notes}?filter=content cont tuesday&sortBy=id desc").get_json()
    assert [each["id"] for each in listed["items"]] == [note["id"]]
    whole = merchant.call("GET", path(stacy)).get_json()
    assert [each["content"] for each in whole["notes"]] == ["On Tuesdays.", CALLS_BACK["content"]]
    assert merchant.call("DELETE", one).status_code == 204
    assert merchant.call("DELETE", one).status_code == 404
    assert stacy.account is not None
    told = actions(services, merchant.tenant_id, f"account:{stacy.account.id}")
    assert [action for action in told if "note" in action] == [
        "account.note_added",
        "account.note_updated",
        "account.note_added",
        "account.note_deleted",
    ]
    held = services.account_data.notes.of_account(merchant.tenant_id, stacy.account.id)
    assert [each.content for each in held] == [CALLS_BACK["content"]]


def test_statuses_are_the_vendors(merchant: Merchant, stacy: Ticket) -> None:
    notes = f"{path(stacy)}/notes"
    kept = merchant.call("POST", notes, CALLS_BACK).get_json()["id"]
    for method, where, body, status in (
        ("POST", notes, None, 400),
        ("POST", notes, {}, 400),
        ("POST", notes, {"content": " "}, 400),
        ("POST", notes, {"content": "Paid with 4111 1111 1111 1111"}, 400),
        ("PUT", f"{notes}/{kept}", {"content": "4111-1111-1111-1111"}, 400),
        ("POST", f"accounts/{UNKNOWN}/notes", CALLS_BACK, 404),
        ("GET", f"accounts/{UNKNOWN}/notes", None, 404),
        ("GET", f"{notes}/{UNKNOWN}", None, 404),
        ("PUT", f"{notes}/{UNKNOWN}", CALLS_BACK, 404),
        ("DELETE", f"{notes}/{UNKNOWN}", None, 404),
    ):
        answer = merchant.call(method, where, body)
        assert answer.status_code == status, (method, where, answer.text)
        assert "1111" not in answer.text


def test_a_shopper_sees_no_notes_and_writes_none(merchant: Merchant, stacy: Ticket) -> None:
    """[K] 3.2: Notes are available only from the merchant's view, customers cannot view these notes."""
    notes = f"{path(stacy)}/notes"
    kept = merchant.call("POST", notes, CALLS_BACK).get_json()["id"]
    token = stacy.tokens.access_token
    for method, where in (
        ("GET", notes),
        ("POST", notes),
        ("GET", f"{notes}/{kept}"),
        ("PUT", f"{notes}/{kept}"),
        ("DELETE", f"{notes}/{kept}"),
    ):
        assert merchant.call(method, where, CALLS_BACK, shopper=token).status_code == 403
    for where in (
        path(stacy),
        "accounts/current",
        f"{path(stacy)}?responseGroups=CustomerAccountNotes",
    ):
        seen = merchant.call("GET", where, shopper=token, site="Mystic Sports").get_json()
        assert seen["notes"] is None
    sent = merchant.call("PUT", path(stacy), {"notes": [CALLS_BACK]}, shopper=token)
    assert (sent.status_code, sent.get_json()["notes"]) == (200, None)
    ticket = merchant.call(
        "POST",
        "authtickets",
        {"username": "stacy@mail.com", "password": "Mystic-2026"},
        site="Mystic Sports",
    ).get_json()
    assert ticket["customerAccount"]["notes"] is None
    made = {"emailAddress": "eve@mail.com", "notes": [CALLS_BACK]}
    assert (
        merchant.call("POST", "accounts", made, site="Mystic Sports", shopper=token).status_code
        == 403
    )
