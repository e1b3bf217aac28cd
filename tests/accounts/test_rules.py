"""Who may change what of an account, and which names clash."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.accounts.names_taken import NamesTaken
from authsvc.accounts.rules import (
    APPLICATION_FIELDS,
    NEVER_CLEARED,
    SHOPPER_FIELDS,
    AccountType,
    CustomerAccount,
    EmailAddressTaken,
    UsernameTaken,
    changes_to_apply,
    fields_of_new_account,
    user_id,
)
from authsvc.errors import Forbidden, Invalid

NOW = datetime(2026, 11, 21, tzinfo=UTC)
STACY = CustomerAccount(
    tenant_id=1001,
    id=1001,
    customer_set="b2c",
    user_id="u",
    username="Stacy",
    username_key="stacy",
    email_address="stacy@mail.com",
    email_key="stacy@mail.com",
    first_name="Stacy",
    last_name="M.",
    company_or_organization=None,
    locale_code=None,
    account_type=AccountType.B2C,
    external_id="x",
    tax_id=None,
    tax_exempt=False,
    accepts_marketing=False,
    is_active=True,
    is_locked=False,
    locked_at=None,
    has_login=True,
    customer_since=NOW,
    order_count=0,
    total_order_amount=Decimal(0),
    last_order_at=None,
    order_currency=None,
    visits_count=0,
    wishlist_count=0,
    created_at=NOW,
    created_by="system",
    updated_at=NOW,
    updated_by="system",
)


def test_what_is_absent_stays_and_what_is_the_same_is_no_change() -> None:
    """[K] 3.3: absent key = unchanged."""
    wanted = {"first_name": "Stacy", "last_name": "Moore", "accepts_marketing": True}
    assert changes_to_apply(STACY, wanted, by_shopper=False) == {
        "last_name": "Moore",
        "accepts_marketing": True,
    }
    assert changes_to_apply(STACY, {}, by_shopper=True) == {}


@pytest.mark.parametrize("name", sorted(NEVER_CLEARED))
@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("by_shopper", [True, False])
def test_a_partial_body_blanks_neither_names_nor_address(
    name: str, nothing: str | None, by_shopper: bool
) -> None:
    """[K] 3.3: explicit null = cleared (refuse for the three)."""
    with pytest.raises(Invalid, match=NEVER_CLEARED[name]):
        changes_to_apply(STACY, {name: nothing}, by_shopper=by_shopper)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("first_name", "firstName"),
        ("last_name", "lastName"),
        ("company_or_organization", "companyOrOrganization"),
        ("locale_code", "localeCode"),
        ("external_id", "externalId"),
        ("tax_id", "taxId"),
    ],
)
@pytest.mark.parametrize("text", ["x" * 201, "a\0b"])
def test_no_door_takes_a_text_that_cannot_be_kept(name: str, parameter: str, text: str) -> None:
    """The API's bodies are bounded where they are read; pages and lists come here."""
    with pytest.raises(Invalid, match=parameter):
        changes_to_apply(STACY, {name: text}, by_shopper=False)
    with pytest.raises(Invalid, match=parameter):
        fields_of_new_account({name: text}, by_shopper=False)
    assert changes_to_apply(STACY, {name: "x" * 200}, by_shopper=False) == {name: "x" * 200}


def test_other_fields_can_be_cleared() -> None:
    assert changes_to_apply(STACY, {"external_id": None}, by_shopper=False) == {"external_id": None}


@given(st.dictionaries(st.sampled_from(sorted(APPLICATION_FIELDS)), st.just("new")))
def test_a_shopper_changes_what_is_theirs_to_change_and_nothing_else(
    wanted: dict[str, str],
) -> None:
    """Rule 15 and the vendor's account page: the rest is the merchant's to say."""
    if wanted.keys() <= SHOPPER_FIELDS:
        assert changes_to_apply(STACY, wanted, by_shopper=True) == wanted
    else:
        with pytest.raises(Forbidden):
            changes_to_apply(STACY, wanted, by_shopper=True)
    assert changes_to_apply(STACY, wanted, by_shopper=False) == wanted


def test_sending_a_field_back_as_it_is_does_no_harm() -> None:
    assert changes_to_apply(STACY, {"tax_exempt": False}, by_shopper=True) == {}


def test_what_is_no_field_of_an_account_is_ignored() -> None:
    wanted = {"id": 7, "is_locked": True, "is_active": False, "customer_set": "b2b", "user_id": "v"}
    assert changes_to_apply(STACY, wanted, by_shopper=False) == {}


@pytest.mark.parametrize(
    ("username", "email", "refusal"),
    [
        (None, None, None),
        ("free", "free@mail.com", None),
        ("name", "free@mail.com", UsernameTaken),
        ("guest", "free@mail.com", UsernameTaken),
        ("free", "a@mail.com", EmailAddressTaken),
        ("a@mail.com", "free@mail.com", UsernameTaken),
        ("free", "b@mail.com", EmailAddressTaken),
        ("a@mail.com", "a@mail.com", EmailAddressTaken),
        # The address of the account whose username it is too: said of the username, which is what clashes.
        ("b@mail.com", "b@mail.com", UsernameTaken),
        ("name", "a@mail.com", EmailAddressTaken),
    ],
)
def test_either_name_may_be_used_to_sign_in_so_each_is_compared_with_both(
    username: str | None, email: str | None, refusal: type[Exception] | None
) -> None:
    """Rules 8 and 10; the address is looked at first, as the vendor does ([K] 1.5)."""
    taken = NamesTaken(
        usernames=frozenset({"name", "guest", "b@mail.com"}),
        email_addresses=frozenset({"a@mail.com"}),
    )
    if refusal is None:
        taken.refuse(username, email)
    else:
        with pytest.raises(refusal):
            taken.refuse(username, email)


@pytest.mark.parametrize("text", ["u", "0" * 32, "x" * 55, "~!"])
def test_a_user_id_is_at_most_55_characters(text: str) -> None:
    """[K] 3.2."""
    assert user_id(text) == text


@pytest.mark.parametrize("text", ["", "x" * 56, "é", "a\nb", "a\x00"])
def test_what_is_no_user_id_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="userId"):
        user_id(text)
