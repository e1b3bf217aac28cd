"""Questions about the contacts of an account."""

from __future__ import annotations

from authsvc.contacts.rules import Contact
from authsvc.listing.paging import Page
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "ContactStore.add_all": lambda w, tenant, _: w.services.contacts.store.add_all(
        tenant, w.account.id, [Contact(0, "m@mail.com")], "x", w.now
    ),
    "ContactStore.of_accounts": lambda w, tenant, _: w.services.contacts.store.of_accounts(
        tenant, [w.account.id]
    ),
    "ContactStore.held": lambda w, tenant, _: w.services.contacts.store.held(tenant, w.account.id),
    "ContactStore.page": lambda w, tenant, _: w.services.contacts.store.page(
        tenant, w.account.id, Page()
    )[0],
    "ContactStore.update": lambda w, tenant, _: w.services.contacts.store.update(
        tenant, w.account.id, Contact(w.contact_id, "m@mail.com"), "x", w.now
    ),
    "ContactStore.remove": lambda w, tenant, _: w.services.contacts.store.remove(
        tenant, w.account.id, w.contact_id
    ),
}
