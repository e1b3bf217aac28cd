"""Questions about whom a search finds."""

from __future__ import annotations

from dataclasses import replace

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.search_word_store import SearchWordStore
from authsvc.customer_search.cursors import Position
from authsvc.customer_search.rules import CustomerQuery, Wanted
from authsvc.customer_search.settling_store import SettlingStore
from tests.isolation.world import Case, World


def _wanted(text: str) -> Wanted:
    return Wanted.of(CustomerQuery(text))


def _as_of(world: World, tenant_id: int) -> CustomerAccount:
    return replace(
        world.account,
        tenant_id=tenant_id,
        first_name="Mallory",
        email_address=None,
        username=None,
    )


def _settling(world: World) -> SettlingStore:
    return SettlingStore(world.services.database)


CASES: dict[str, Case] = {
    "SettlingStore.notes": lambda w, tenant, code: _settling(w).notes(tenant, code),
    "SettlingStore.walk": lambda w, tenant, code: (
        _settling(w).walk(tenant, code, Position("", "", 0), 10).last
    ),
    "SettlingStore.settle": lambda w, tenant, _: _settling(w).settle(tenant, (w.account.id,)),
    "SettlingStore.drop": lambda w, tenant, code: _settling(w).drop(
        tenant, code, _settling(w).notes(w.merchant.tenant_id, code)
    ),
    "CustomerSearchStore.page": lambda w, tenant, _: w.services.customer_search.store.page(
        tenant, _wanted("stacy"), "stacy", 10
    ),
    "CustomerSearchStore.frequencies": lambda w, tenant, _: (
        w.services.customer_search.store.frequencies(tenant, _wanted("stacy"))
    ),
    "CustomerSearchStore.by_number": lambda w, tenant, _: (
        w.services.customer_search.store.by_number(tenant, _wanted(str(w.account.id)))
    ),
    "SearchWordStore.add": lambda w, tenant, _: SearchWordStore(w.services.database).add(
        _as_of(w, tenant)
    ),
    "SearchWordStore.replace": lambda w, tenant, _: SearchWordStore(w.services.database).replace(
        _as_of(w, tenant)
    ),
}
