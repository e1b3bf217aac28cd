"""Everything that is kept on an account stays when it moves and goes when it goes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.contacts.service import NEW, WantedContact
from authsvc.services import Services
from tests.merchants import Merchant


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


def test_everything_held_on_an_account_moves_and_goes_with_it(
    merchant: Merchant, services: Services, account_id: int, other_merchant: Merchant
) -> None:
    data, caller = services.account_data, merchant.caller()

    def held(tenant_id: int) -> list[Sequence[object]]:
        features = (data.contacts, data.cards, data.notes, data.attributes, data.segments)
        return [feature.of_account(tenant_id, account_id) for feature in features]

    before = held(merchant.tenant_id)
    assert [len(its) for its in before] == [1] * 5
    merchant.move(account_id, "b2b")
    assert held(merchant.tenant_id) == before
    assert not any(held(other_merchant.tenant_id))
    services.accounts.delete(caller, account_id)
    assert not any(held(merchant.tenant_id))


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
