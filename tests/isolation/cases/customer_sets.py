"""Questions about tenants, sites and sets. The tenant that asks has a default set of its own and no site."""

from __future__ import annotations

from datetime import timedelta

from authsvc.customer_sets.propagation_store import PropagationStore
from tests.isolation.world import Case, World


def _propagation(world: World) -> PropagationStore:
    return world.services.propagation.store


def _others_own(world: World, tenant_id: int, answer: object, own: object) -> object:
    """Take the answer for nothing if it is what the other tenant itself has."""
    return None if tenant_id != world.merchant.tenant_id and answer == own else answer


CASES: dict[str, Case] = {
    "PropagationStore.note_change": lambda w, tenant, _: _propagation(w).note_change(
        tenant, w.now + timedelta(days=1)
    ),
    "PropagationStore.note_push": lambda w, tenant, _: _propagation(w).note_push(tenant, w.now),
    "PropagationStore.last": lambda w, tenant, _: _propagation(w).last(tenant),
    "StructureStore.tenant": lambda w, tenant, _: _others_own(
        w,
        tenant,
        (found := w.services.customer_sets.structure.tenant(tenant)) and found.id,
        tenant,
    ),
    "StructureStore.set_domain": lambda w, tenant, _: w.services.customer_sets.structure.set_domain(
        tenant, "new.example"
    ),
    "StructureStore.add_customer_set": lambda w, tenant, _: (
        w.services.customer_sets.structure.add_customer_set(
            tenant, "outlet", "Outlet", "", "x", w.now
        )
    ),
    "StructureStore.customer_set": lambda w, tenant, _: (
        w.services.customer_sets.structure.customer_set(tenant, "b2c")
    ),
    "StructureStore.customer_sets": lambda w, tenant, _: _others_own(
        w,
        tenant,
        [each.code for each in w.services.customer_sets.structure.customer_sets(tenant, [], 0, 9)],
        ["default"],
    ),
    "StructureStore.count_customer_sets": lambda w, tenant, _: _others_own(
        w, tenant, w.services.customer_sets.structure.count_customer_sets(tenant), 1
    ),
    "StructureStore.add_site": lambda w, tenant, code: (
        w.services.customer_sets.structure.add_site(tenant, "Golf", code, w.now).hosts
    ),
    "StructureStore.add_host": lambda w, tenant, _: w.services.customer_sets.structure.add_host(
        tenant, w.merchant.site("Mystic Sports"), f"t{tenant}.golf.example"
    ),
    "StructureStore.site": lambda w, tenant, _: w.services.customer_sets.structure.site(
        tenant, w.merchant.site("Mystic Sports"), for_share=True
    ),
    "StructureStore.sites_at": lambda w, tenant, _: w.services.customer_sets.structure.sites_at(
        [(tenant, w.merchant.site("Mystic Sports"))]
    ),
    "StructureStore.sites_to_choose": lambda w, tenant, _: (
        w.services.customer_sets.structure.sites_to_choose(tenant, "", "mystic", [], 10)
    ),
    "StructureStore.sites": lambda w, tenant, code: (
        w.services.customer_sets.structure.sites(tenant)
        if code == "b2c"
        else w.services.customer_sets.structure.sites(tenant, [code])
    ),
    "StructureStore.assign_site": lambda w, tenant, _: (
        w.services.customer_sets.structure.assign_site(
            tenant, w.merchant.site("Mystic Sports"), "default"
        )
    ),
}
