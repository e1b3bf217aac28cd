"""Contacts over their table: who is primary when two want to be, and what the trail says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from authsvc.accounts.rules import UnknownAccount
from authsvc.card_numbers import CardNumberRefused
from authsvc.contacts.rules import MOST_CONTACTS, Contact, TooManyContacts, UnknownContact
from authsvc.contacts.service import NEW, WantedContact
from authsvc.errors import Invalid
from authsvc.infra.schema import contacts
from authsvc.listing.paging import Page
from authsvc.services import Services
from tests.merchants import Merchant
from tests.trail import changes, entries

UNKNOWN = 999_999_999
VISA = "4111-1111-1111-1111"


@dataclass(frozen=True)
class Customer:
    """A guest of a merchant, whose contacts a test changes."""

    merchant: Merchant
    id: int

    def save(self, *wanted: WantedContact) -> list[Contact]:
        """Save contacts as the merchant's application."""
        return self.merchant.services.contacts.save(self.merchant.caller(), self.id, wanted)

    def add(self, **fields: object) -> Contact:
        """Add one contact."""
        (added,) = self.save(WantedContact(NEW, {"email": "s@mail.com"} | fields))
        return added

    def contacts(self) -> tuple[Contact, ...]:
        """Return the contacts, oldest first."""
        return self.merchant.services.contacts.of_account(self.merchant.tenant_id, self.id)


@pytest.fixture(name="customer")
def _customer(merchant: Merchant) -> Customer:
    made = merchant.services.accounts.create(merchant.caller(), merchant.site("Mystic Sports"), {})
    return Customer(merchant, made.id)


def test_a_new_primary_contact_takes_that_from_the_old_one(customer: Customer) -> None:
    first = customer.add(primary_billing=True, primary_shipping=True)
    second = customer.add(primary_billing=True)
    assert [(each.primary_billing, each.primary_shipping) for each in customer.contacts()] == [
        (False, True),
        (True, None),
    ]
    customer.save(WantedContact(first.id, {"primary_billing": True}))
    assert [each.primary_billing for each in customer.contacts()] == [True, False]
    customer.save(WantedContact(second.id, {"primary_billing": None, "label": "Work"}))
    assert [each.primary_billing for each in customer.contacts()] == [True, None]


def test_several_are_saved_all_or_none(customer: Customer) -> None:
    home = customer.add(label="Home")
    saved = customer.save(
        WantedContact(NEW, {"email": "a@mail.com", "primary_billing": True}),
        WantedContact(home.id, {"label": "Hut"}),
        WantedContact(NEW, {"email": "b@mail.com", "primary_billing": True}),
    )
    assert [each.primary_billing for each in saved] == [False, None, True]
    assert [each.email for each in saved] == ["a@mail.com", "s@mail.com", "b@mail.com"]
    before = customer.contacts()
    for refused, error in (
        (WantedContact(UNKNOWN, {"label": "x"}), UnknownContact),
        (WantedContact(NEW, {"label": "x"}), Invalid),
        (WantedContact(NEW, {"email": "x", "first_name": VISA}), CardNumberRefused),
    ):
        with pytest.raises(error):
            customer.save(WantedContact(home.id, {"label": "Lost"}), refused)
    assert customer.contacts() == before


def test_of_two_who_both_set_a_primary_contact_the_later_one_has(
    services: Services, customer: Customer
) -> None:
    with ThreadPoolExecutor(4) as threads:
        for run in [threads.submit(customer.add, primary_shipping=True) for _ in range(8)]:
            run.result()
    ranks = [each.primary_shipping for each in customer.contacts()]
    assert sorted(map(bool, ranks)) == [False] * 7 + [True]


def test_saving_a_contact_waits_for_no_move_of_the_account(
    services: Services, customer: Customer
) -> None:
    """A large move holds the accounts it moves for minutes."""
    with ThreadPoolExecutor(1) as threads, services.database.transaction():
        services.accounts.held(customer.merchant.tenant_id, customer.id)
        added = threads.submit(customer.add, label="Home").result(timeout=5)
    assert [each.id for each in customer.contacts()] == [added.id]


def test_an_account_that_is_deleted_takes_its_contacts_along(
    services: Services, customer: Customer
) -> None:
    customer.add()
    services.accounts.delete(customer.merchant.caller(), customer.id)
    with services.database.connection() as connection:
        query = select(func.count()).where(contacts.c.account_id == customer.id)
        assert connection.execute(query).scalar_one() == 0
    with pytest.raises(UnknownAccount):
        customer.add()


def test_there_is_an_end_to_how_many(services: Services, customer: Customer) -> None:
    many = [Contact(NEW, "s@mail.com")] * MOST_CONTACTS
    tenant = customer.merchant.tenant_id
    services.contacts.store.add_all(tenant, customer.id, many, "tests", services.clock())
    with pytest.raises(TooManyContacts):
        customer.add()
    assert len(customer.contacts()) == MOST_CONTACTS


def test_who_changed_what_is_written_down(services: Services, customer: Customer) -> None:
    first = customer.add(primary_billing=True, address={"address1": "1 Main St"})
    second = customer.add(primary_billing=True)
    customer.save(WantedContact(second.id, {"label": "Home"}))
    customer.save(WantedContact(second.id, {"label": "Home"}))
    services.contacts.delete(customer.merchant.caller(), customer.id, second.id)
    told = [
        (entry["action"], changes(entry))
        for entry in entries(services, customer.merchant.tenant_id, f"account:{customer.id}")
        if "contact" in entry["action"]
    ]
    one, two = f"contacts/{first.id}/", f"contacts/{second.id}/"
    assert told == [
        (
            "account.contact_added",
            {
                f"{one}email": (None, "s@mail.com"),
                f"{one}address": (None, {"address1": "1 Main St"}),
                f"{one}primary_billing": (None, True),
            },
        ),
        ("account.contact_updated", {f"{one}primary_billing": (True, False)}),
        (
            "account.contact_added",
            {f"{two}email": (None, "s@mail.com"), f"{two}primary_billing": (None, True)},
        ),
        ("account.contact_updated", {f"{two}label": (None, "Home")}),
        (
            "account.contact_deleted",
            {
                f"{two}email": ("s@mail.com", None),
                f"{two}label": ("Home", None),
                f"{two}primary_billing": (True, None),
            },
        ),
    ]


def test_lists_are_filtered_sorted_and_paged(services: Services, customer: Customer) -> None:
    for city in ("Austin", "Berlin", "Aachen"):
        customer.add(address={"cityOrTown": city})
    tenant = customer.merchant.tenant_id
    found, total = services.contacts.page(
        tenant,
        customer.id,
        Page(0, 1),
        "address.cityOrTown sw a",
        "address.cityOrTown desc",
    )
    assert ([each.address["cityOrTown"] for each in found], total) == (["Austin"], 2)
    with pytest.raises(UnknownAccount):
        services.contacts.page(tenant, UNKNOWN, Page())
