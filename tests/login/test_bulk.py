"""Several accounts at once: all of them, or none ([K] 3.1, Bulk)."""

from __future__ import annotations

import pytest

from authsvc.errors import AuthsvcError, Invalid
from authsvc.login.rules import MOST_ACCOUNTS_AT_ONCE, Enrolment
from tests.merchants import PASSWORD, Merchant


def people(*names: str) -> list[Enrolment]:
    """Return sign-ups of these people."""
    return [Enrolment({"email_address": f"{name}@mail.com"}, PASSWORD) for name in names]


def count(merchant: Merchant) -> int:
    """Return how many accounts the merchant has in set b2c."""
    found = merchant.services.accounts.store.count_by_set(merchant.tenant_id, ["b2c"])
    return found.get("b2c", 0)


def test_accounts_with_and_without_login_are_created_in_the_set_of_the_site(
    merchant: Merchant,
) -> None:
    guest = Enrolment({"email_address": "guest@mail.com"}, None)
    created = merchant.services.on_behalf.create_several(
        merchant.caller("Mystic Sports"), [*people("a", "b"), guest, guest]
    )
    assert [account.has_login for account in created] == [True, True, False, False]
    assert {account.customer_set for account in created} == {"b2c"}
    assert merchant.sign_in("a@mail.com", "Mystic Kids").user_id == created[0].user_id


def test_each_that_is_refused_is_named_and_none_is_created(merchant: Merchant) -> None:
    merchant.sign_up("taken@mail.com", "Mystic Sports")
    weak = Enrolment({"email_address": "weak@mail.com"}, "weak")
    with pytest.raises(Invalid, match="2 of 4 cannot be created; none was") as refused:
        merchant.services.on_behalf.create_several(
            merchant.caller("Mystic Kids"), [*people("a", "taken", "b"), weak]
        )
    assert [item.error_code for item in refused.value.items] == [
        "MISSING_OR_INVALID_PARAMETER",
        "MISSING_OR_INVALID_PARAMETER",
    ]
    assert "already associated" in refused.value.items[0].message
    assert "minimum of 6 characters" in refused.value.items[1].message
    assert count(merchant) == 1


@pytest.mark.parametrize(
    "second",
    [
        Enrolment({"email_address": "A@mail.com"}, PASSWORD),
        Enrolment({"email_address": "not an address"}, None),
    ],
)
def test_what_shows_only_while_creating_takes_all_back(
    merchant: Merchant, second: Enrolment
) -> None:
    with pytest.raises(AuthsvcError):
        merchant.services.on_behalf.create_several(
            merchant.caller("Mystic Sports"), [*people("a"), second]
        )
    assert count(merchant) == 0


def test_more_than_a_page_is_refused(merchant: Merchant) -> None:
    with pytest.raises(Invalid, match=f"at most {MOST_ACCOUNTS_AT_ONCE}"):
        merchant.services.on_behalf.create_several(
            merchant.caller("Mystic Sports"), people("a") * (MOST_ACCOUNTS_AT_ONCE + 1)
        )
