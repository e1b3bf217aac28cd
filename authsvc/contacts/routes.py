"""Contacts of an account: list, add, change, delete ([K] 3.1, 3.5)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel

from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.card_numbers import CardNumberRefused
from authsvc.contacts.rules import Contact, TooManyContacts, UnknownContact
from authsvc.contacts.service import NEW, Contacts, WantedContact
from authsvc.contacts.wire import ContactBody, CustomerContact
from authsvc.listing.paging import Page
from authsvc.listing.queries import FieldsQuery, ListQuery
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes

# As many as a page of the list shows.
MOST_AT_ONCE = 200

_READS = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
_CHANGES = Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT)


class ContactQuery(FieldsQuery):
    """What of the contact is wanted; a `userId` must be the account's."""

    user_id: str | None = None


class ContactListQuery(ContactQuery, ListQuery):
    """Which contacts, in which order."""


class ContactBodies(RootModel[list[ContactBody]]):
    """Several contacts."""

    root: Annotated[list[ContactBody], Field(min_length=1, max_length=MOST_AT_ONCE)]


def routes(service: Contacts) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("contacts", prefix="/api/commerce/customer/accounts", tag="Contacts")
    _reading(part, service)
    _changing(part, service)
    return part


def _reading(part: Routes, service: Contacts) -> None:
    @part.get(
        "/<int:account_id>/contacts",
        requires=_READS,
        answers=Collection[CustomerContact],
        refuses=(UnknownContact,),
    )
    def list_contacts(
        caller: Caller, account_id: int, query: ContactListQuery
    ) -> Collection[CustomerContact]:
        """List the contacts of an account."""
        caller.may_see_account(account_id)
        page = query.page
        found, total = service.page(
            caller.tenant_id,
            account_id,
            page,
            query.filter or "",
            query.sort_by or "",
            user_id=query.user_id,
        )
        return _collection(account_id, found, page, total)

    @part.get(
        "/<int:account_id>/contacts/<int:contact_id>",
        requires=_READS,
        answers=CustomerContact,
        refuses=(UnknownContact,),
    )
    def get_contact(
        caller: Caller, account_id: int, contact_id: int, query: ContactQuery
    ) -> CustomerContact:
        """Get a contact."""
        caller.may_see_account(account_id)
        service.accounts.known(caller.tenant_id, account_id, query.user_id)
        contact = service.contact(caller.tenant_id, account_id, contact_id)
        return CustomerContact.of(account_id, contact)


def _changing(part: Routes, service: Contacts) -> None:
    @part.post(
        "/<int:account_id>/contacts",
        requires=_CHANGES,
        answers=CustomerContact,
        status=201,
        refuses=(UnknownContact, TooManyContacts, CardNumberRefused),
        body_name="contact",
    )
    def add_contact(
        caller: Caller, account_id: int, body: ContactBody, query: ContactQuery
    ) -> CustomerContact:
        """Add a contact; one that is primary for a type takes that from the one that was."""
        caller.may_see_account(account_id)
        (contact,) = service.save(caller, account_id, [WantedContact(NEW, body.fields())])
        return CustomerContact.of(account_id, contact)

    @part.put(
        "/<int:account_id>/contacts",
        requires=_CHANGES,
        answers=Collection[CustomerContact],
        status=201,
        refuses=(UnknownContact, TooManyContacts, CardNumberRefused),
        body_name="contacts",
    )
    def add_contacts(
        caller: Caller, account_id: int, body: ContactBodies, query: ContactQuery
    ) -> Collection[CustomerContact]:
        """Add several contacts, and change those that name their id: all of them or none."""
        caller.may_see_account(account_id)
        wanted = [WantedContact(each.id or NEW, each.fields()) for each in body.root]
        saved = service.save(caller, account_id, wanted)
        return _collection(account_id, saved, Page(0, len(saved)), len(saved))

    @part.put(
        "/<int:account_id>/contacts/<int:contact_id>",
        requires=_CHANGES,
        answers=CustomerContact,
        refuses=(UnknownContact, CardNumberRefused),
        body_name="contact",
    )
    def update_contact(
        caller: Caller, account_id: int, contact_id: int, body: ContactBody, query: ContactQuery
    ) -> CustomerContact:
        """Change a contact; what is left out stays, but address, telephone numbers and types are sent whole."""
        caller.may_see_account(account_id)
        if contact_id == NEW:
            raise UnknownContact(contact_id)
        (contact,) = service.save(caller, account_id, [WantedContact(contact_id, body.fields())])
        return CustomerContact.of(account_id, contact)

    @part.delete(
        "/<int:account_id>/contacts/<int:contact_id>",
        requires=_CHANGES,
        status=200,
        refuses=(UnknownContact,),
    )
    def delete_contact(caller: Caller, account_id: int, contact_id: int) -> None:
        """Delete a contact; a card that names it stays and names none."""
        caller.may_see_account(account_id)
        service.delete(caller, account_id, contact_id)


def _collection(
    account_id: int, contacts: list[Contact], page: Page, total: int
) -> Collection[CustomerContact]:
    return Collection[CustomerContact].page(
        [CustomerContact.of(account_id, contact) for contact in contacts],
        start_index=page.start_index,
        page_size=page.size,
        total_count=total,
    )
