"""Everything that is kept on an account is found in one piece, stays when it moves and goes when it goes."""

from __future__ import annotations

import pytest

from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.contacts.service import NEW, WantedContact
from authsvc.services import Services
from tests.merchants import Merchant

FEATURES = {"contacts", "cards", "notes", "attributes", "segments"}


@pytest.fixture(name="account_id")
def _account_id(merchant: Merchant, services: Services) -> int:
    """An account with one of everything."""
    data, caller = services.account_data, merchant.caller()
    account = services.accounts.create(caller, merchant.site("Mystic Sports"), {})
    data.contacts.save(caller, account.id, [WantedContact(NEW, {"email": "s@mail.com"})])
    data.cards.add(caller, account.id, "token", {})
    data.notes.add(caller, account.id, "Calls back.")
    data.attributes.define(
        caller, Definition("tenant~x", DataType.STRING, ValueType.ADMIN_ENTERED, is_visible=False)
    )
    data.attributes.add(caller, account.id, "tenant~x", ["y"])
    segment = data.segments.create(caller, {"code": "vip"})
    data.segments.add_accounts(caller, segment.id, [account.id])
    return account.id


def test_everything_held_on_an_account_is_given_out_and_moves_and_goes_with_it(
    merchant: Merchant, services: Services, account_id: int, other_merchant: Merchant
) -> None:
    data, caller = services.account_data, merchant.caller()
    held = data.everything_of(merchant.tenant_id, account_id)
    assert {name: len(its) for name, its in held.items()} == dict.fromkeys(FEATURES, 1)
    merchant.move(account_id, "b2b")
    assert data.everything_of(merchant.tenant_id, account_id) == held
    assert not any(data.everything_of(other_merchant.tenant_id, account_id).values())
    services.accounts.delete(caller, account_id)
    assert not any(data.everything_of(merchant.tenant_id, account_id).values())


def test_a_list_shows_what_each_account_has(
    merchant: Merchant, services: Services, account_id: int
) -> None:
    bare = services.accounts.create(merchant.caller(), merchant.site("Mystic Sports"), {})
    first, second = merchant.call("GET", "accounts?sortBy=id").get_json()["items"]
    assert (first["id"], second["id"]) == (account_id, bare.id)
    shown = ("contacts", "notes", "attributes", "segments")
    assert [len(first[name]) for name in shown] == [1] * 4
    assert [second[name] for name in shown] == [[]] * 4
    assert first["segments"][0]["code"] == "vip"
    few = merchant.call("GET", f"accounts/{account_id}?responseGroups=Contacts").get_json()
    assert few["notes"] is None
