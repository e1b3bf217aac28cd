"""Questions about accounts."""

from __future__ import annotations

from authsvc.listing.paging import Page
from tests.isolation.world import Case, World


def _new(world: World, tenant_id: int, customer_set: str) -> dict[str, object]:
    columns = {
        "tenant_id": tenant_id,
        "customer_set_code": customer_set,
        "user_id": "brought-along",
        "account_type": "B2C",
        "tax_exempt": False,
        "accepts_marketing": False,
        "is_active": True,
        "is_locked": False,
        "customer_since": world.now,
        "visits_count": 0,
        "wishlist_count": 0,
    }
    stamp = {"created_at": world.now, "created_by": "x", "updated_at": world.now, "updated_by": "x"}
    return columns | stamp


CASES: dict[str, Case] = {
    "AccountStore.add": lambda w, tenant, code: (
        w.services.accounts.store.add(_new(w, tenant, code)).contacts
    ),
    "AccountStore.account": lambda w, tenant, _: w.services.accounts.store.account(
        tenant, w.account.id, for_update=True
    ),
    "AccountStore.names_taken": lambda w, tenant, code: [
        *(
            taken := w.services.accounts.store.names_taken(
                tenant, code, ["stacy", "stacy@mail.com"]
            )
        ).usernames,
        *taken.email_addresses,
    ],
    "AccountStore.update": lambda w, tenant, _: w.services.accounts.store.update(
        tenant, w.account.id, {"first_name": "Mallory"}
    ),
    "AccountStore.remove": lambda w, tenant, _: w.services.accounts.store.remove(
        tenant, w.account.id
    ),
    "AccountStore.count_by_set": lambda w, tenant, code: w.services.accounts.store.count_by_set(
        tenant, [code]
    ),
    "AccountStore.user_id": lambda w, tenant, _: w.services.accounts.store.user_id(
        tenant, w.account.id, stays=True
    ),
    "AccountList.page": lambda w, tenant, _: w.services.account_list.page(tenant, Page())[0],
}
