"""My Account › Addresses: added, changed and deleted, and which of them to bill and ship to first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.contacts.rules import MOST_CONTACTS, Contact
from authsvc.contacts.service import NEW, WantedContact
from authsvc.errors import AuthsvcError
from authsvc.storefront import address_fields
from authsvc.storefront.own_forms import REFUSALS, OwnForm, saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from authsvc.contacts.service import Contacts

PATH = "/my-account/addresses"
FORM = OwnForm("address_form.html", address_fields.FIELDS)


def add_address_pages(pages: StorefrontPages, contacts: Contacts) -> None:
    """Declare the forms and what they are sent to."""

    def form(place: Place, contact: Contact | None, error: AuthsvcError | None = None) -> Response:
        typed = request.form if error else address_fields.shown(contact)
        return FORM.show(pages, place, typed, error, contact=contact, most=MOST_CONTACTS)

    def save(place: Place, visitor: ShopperVisitor, contact: Contact | None) -> Answer:
        try:
            fields = address_fields.wanted(request.form, contact)
            wanted = WantedContact(contact.id if contact else NEW, fields)
            contacts.save(caller_of(request, place, visitor), visitor.account_id, [wanted])
        except REFUSALS as error:
            return form(place, contact, error)
        return saved(place, "address")

    @pages.own_page(f"{PATH}/new")
    def new_address(place: Place, visitor: ShopperVisitor) -> Answer:  # noqa: ARG001  who is signed in
        return form(place, None)

    @pages.own_form(f"{PATH}/new")
    def add_address(place: Place, visitor: ShopperVisitor) -> Answer:
        return save(place, visitor, None)

    @pages.own_page(f"{PATH}/<int:contact_id>")
    def address_form(place: Place, visitor: ShopperVisitor, contact_id: int) -> Answer:
        return form(place, _held(contacts, place, visitor, contact_id))

    @pages.own_form(f"{PATH}/<int:contact_id>")
    def save_address(place: Place, visitor: ShopperVisitor, contact_id: int) -> Answer:
        return save(place, visitor, _held(contacts, place, visitor, contact_id))

    _add_deletion(pages, contacts)


def _add_deletion(pages: StorefrontPages, contacts: Contacts) -> None:
    @pages.own_page(f"{PATH}/<int:contact_id>/delete")
    def ask_to_delete_address(place: Place, visitor: ShopperVisitor, contact_id: int) -> Answer:
        contact = _held(contacts, place, visitor, contact_id)
        return pages.show("address_deletion.html", place, contact=contact)

    @pages.own_form(f"{PATH}/<int:contact_id>/delete")
    def delete_address(place: Place, visitor: ShopperVisitor, contact_id: int) -> Answer:
        contacts.delete(caller_of(request, place, visitor), visitor.account_id, contact_id)
        return saved(place, "address-deleted")


def _held(contacts: Contacts, place: Place, visitor: ShopperVisitor, contact_id: int) -> Contact:
    return contacts.contact(place.tenant.id, visitor.account_id, contact_id)
