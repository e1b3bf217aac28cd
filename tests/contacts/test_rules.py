"""What a contact must have, and that each type has one primary contact at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.card_numbers import CardNumberRefused
from authsvc.contacts.rules import Contact, changed, checked, demoted, new_contacts
from authsvc.errors import Invalid

VISA = "4111 1111 1111 1111"
RANKS = st.sampled_from([None, False, True])
CONTACTS = st.lists(
    st.builds(
        Contact,
        id=st.just(0),
        email=st.just("s@mail.com"),
        primary_billing=RANKS,
        primary_shipping=RANKS,
    ),
    max_size=8,
)


@given(CONTACTS)
def test_a_new_account_has_one_primary_contact_of_each_type_at_most(sent: list[Contact]) -> None:
    kept = new_contacts(sent)
    for name in ("primary_billing", "primary_shipping"):
        claims = [index for index, each in enumerate(sent) if getattr(each, name)]
        ranks = [getattr(each, name) for each in kept]
        assert [index for index, rank in enumerate(ranks) if rank] == claims[-1:]
        # Nobody loses or gains a type by it.
        assert [rank is None for rank in ranks] == [getattr(each, name) is None for each in sent]


@given(CONTACTS, CONTACTS)
def test_setting_a_new_primary_clears_the_old_one(held: list[Contact], new: list[Contact]) -> None:
    """[K] 8.2."""
    others = new_contacts(held)
    for newest in new:
        others = [*demoted(others, newest), newest]
        for name in ("primary_billing", "primary_shipping"):
            assert sum(bool(getattr(each, name)) for each in others) <= 1


def test_one_contact_may_be_primary_for_both() -> None:
    """[K] 3.2: One contact may be primary billing and primary shipping."""
    both = Contact(0, "s@mail.com", primary_billing=True, primary_shipping=True)
    assert new_contacts([both]) == [both]


def test_a_contact_needs_an_email_address() -> None:
    for email in ("", " "):
        with pytest.raises(Invalid, match="email"):
            checked(Contact(0, email))
    with pytest.raises(Invalid, match="email"):
        changed(Contact(1, "s@mail.com"), {"email": ""})


@pytest.mark.parametrize(
    "contact",
    [
        Contact(0, "s@mail.com", first_name=VISA),
        Contact(0, "s@mail.com", label=VISA),
        Contact(0, "s@mail.com", company_or_organization=VISA),
        Contact(0, VISA),
        Contact(0, "s@mail.com", phone_home=VISA),
        Contact(0, "s@mail.com", fax_number=VISA),
        Contact(0, "s@mail.com", address={"address4": VISA}),
    ],
)
def test_no_field_of_a_contact_holds_a_card_number(contact: Contact) -> None:
    with pytest.raises(CardNumberRefused):
        checked(contact)


def test_what_is_left_out_stays() -> None:
    home = Contact(1, "s@mail.com", label="Home", primary_billing=True)
    assert changed(home, {"first_name": "Stacy", "id": 7}) == Contact(
        1, "s@mail.com", first_name="Stacy", label="Home", primary_billing=True
    )
