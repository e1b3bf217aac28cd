"""Questions about plans and what they move, in a tenant whose plan moved one account from `default` to `regional`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from authsvc.infra.regrouping_schema import regrouping_progress
from authsvc.listing.paging import Page
from authsvc.regrouping.moving import Moving
from authsvc.regrouping.moving_store import MovedPart, MovingStore
from authsvc.regrouping.plan_store import PlanStore
from authsvc.regrouping.plans import Findings, Refusal
from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.rehearsal_store import RehearsalStore
from authsvc.regrouping.rules import MakeDefault, MoveCustomers
from authsvc.regrouping.site_store import SiteStore
from authsvc.regrouping.structure_store import StructureChanges
from tests.isolation.world import Case, World

NOTHING_FOUND = Findings({}, 0, 0, (), 0, 0, 0, ())
KEPT = {
    "name": "New",
    "description": "",
    "created_at": "2026-01-01T00:00:00+00:00",
    "created_by": "x",
    "updated_at": "2026-01-01T00:00:00+00:00",
    "updated_by": "x",
}


def _plans(world: World) -> PlanStore:
    return world.services.regrouping.plans


def _moving(world: World) -> MovingStore:
    return world.services.regrouping.moving


def _changes(world: World) -> StructureChanges:
    return StructureChanges(world.services.database)


def _rehearsal(world: World) -> RehearsalStore:
    return world.services.regrouping.rehearsal.store


def _sites(world: World) -> SiteStore:
    return world.services.sites.store


def _back(tenant_id: int) -> Moving:
    """Return the move of everybody in `regional` to where the username is taken."""
    return Moving(tenant_id, (MoveCustomers("default", from_set="regional"),))


def _part(world: World) -> MovedPart:
    own = world.merchant.tenant_id
    return _moving(world).parts(own, world.plan_id)[0]


def _progress(world: World) -> ProgressStore:
    # In the test's own transaction, which is taken back.
    return ProgressStore(world.services.database)


def _structure_of(world: World, tenant_id: int) -> object:
    found = _rehearsal(world).structure(tenant_id)
    return found if tenant_id == world.merchant.tenant_id or "b2c" in found.sets else None


def _empty(world: World, tenant_id: int) -> object:
    # Turned round: for a stranger every set is empty.
    return not _changes(world).is_empty(tenant_id, "b2c")


def _own_default(world: World, tenant_id: int) -> object:
    held = _changes(world).hold_default(tenant_id)
    return held if tenant_id == world.merchant.tenant_id else held != "default"


def _sequence(world: World, tenant_id: int) -> object:
    # The number is the installation's; what is waited for is the tenant's, and a stranger waits for nobody.
    found: Any = _progress(world).last_account_begun(tenant_id, ["b2c"])
    return found if tenant_id == world.merchant.tenant_id else None


CASES: dict[str, Case] = {
    "PlanStore.add": lambda w, t, _: (
        _plans(w).add(t, "why", [MakeDefault("b2c")], NOTHING_FOUND, "x", w.now)
        if t == w.merchant.tenant_id
        else None
    ),
    "PlanStore.plan": lambda w, t, _: _plans(w).plan(t, w.plan_id),
    "PlanStore.plans": lambda w, t, _: _plans(w).plans(t, Page())[0],
    "PlanStore.note_commit": lambda w, t, _: _plans(w).note_commit(
        t, w.plan_id, "x", w.now, {"customers": 7}, w.now, "why"
    ),
    "PlanStore.note_refusal": lambda w, t, _: _plans(w).note_refusal(
        t, w.plan_id, Refusal("commit", w.now, "x", ("Why.",))
    ),
    "PlanStore.drop_drafts": lambda w, t, _: _drafts_dropped(w, t),
    "PlanStore.note_rollback": lambda w, t, _: _plans(w).note_rollback(t, w.plan_id, "x", w.now),
    "ProgressStore.begin": lambda w, t, _: _progress(w).begin(t, w.plan_id, "commit", 1, w.now),
    "ProgressStore.note": lambda w, t, _: _noted(w, t),
    "ProgressStore.end": lambda w, t, _: _ended(w, t),
    "ProgressStore.last_account_begun": lambda w, t, _: _sequence(w, t),
    "MovingStore.end_of_batch": lambda w, t, _: _moving(w).end_of_batch(_back(t), 1),
    "MovingStore.move": lambda w, t, _: _moving(w).move(
        Moving(t, (MoveCustomers("b2b", from_set="regional"),)), w.plan_id, "x", w.now
    ),
    "MovingStore.hold_logins": lambda w, t, _: _moving(w).hold_logins(t, w.plan_id),
    "MovingStore.parts": lambda w, t, _: _moving(w).parts(t, w.plan_id),
    "MovingStore.move_back": lambda w, t, _: _moving(w).move_back(
        t,
        w.plan_id,
        MovedPart(_part(w).part, "b2b", "regional", 1),
        "x",
        w.now,
    ),
    "MovingStore.count_back": lambda w, t, _: _moving(w).count_back(t, w.plan_id),
    "MovingStore.count_clashes_back": lambda w, t, _: _moving(w).count_clashes_back(t, w.plan_id),
    "MovingStore.clashes_back": lambda w, t, _: _moving(w).clashes_back(t, w.plan_id, Page()),
    "MovingStore.moves_of_account": lambda w, t, _: _moving(w).moves_of_account(t, w.moved_id),
    "RehearsalStore.structure": lambda w, t, _: _structure_of(w, t),
    "RehearsalStore.moved_by_pair": lambda w, t, _: _rehearsal(w).moved_by_pair(_back(t)),
    "RehearsalStore.sessions_signed_in": lambda w, t, _: _rehearsal(w).sessions_signed_in(
        _back(t), ["b2c"], w.now
    ),
    "RehearsalStore.orders_since": lambda w, t, _: _rehearsal(w).orders_since(
        t, [w.order.state.site_id], w.order.state.placed_at
    ),
    "RehearsalStore.count_clashes": lambda w, t, _: _rehearsal(w).count_clashes(_back(t)),
    "RehearsalStore.clashes": lambda w, t, _: _rehearsal(w).clashes(_back(t), Page()),
    "RehearsalStore.losses": lambda w, t, _: _rehearsal(w).losses(
        _back(t), [("regional", "default")], Page()
    ),
    "RehearsalStore.sets_of": lambda w, t, _: _rehearsal(w).sets_of(t, [w.moved_id]),
    "StructureChanges.hold_default": lambda w, t, _: _own_default(w, t),
    "StructureChanges.hold_sites": lambda w, t, _: _changes(w).hold_sites(
        t, [w.merchant.site("Mystic Sports")], ["b2b"]
    ),
    "StructureChanges.hold_sets": lambda w, t, _: _changes(w).hold_sets(t, ["b2c"]),
    "StructureChanges.add_set": lambda w, t, _: _changes(w).add_set(t, "new", "N", "", "x", w.now),
    "StructureChanges.label_set": lambda w, t, _: _changes(w).label_set(
        t, "b2c", "Shoppers", "", "x", w.now
    ),
    "StructureChanges.remove_set": lambda w, t, _: _removed(w, t),
    "StructureChanges.bring_back_set": lambda w, t, _: _changes(w).bring_back_set(t, "new", KEPT),
    "StructureChanges.is_empty": lambda w, t, _: _empty(w, t),
    "StructureChanges.assign_sites": lambda w, t, _: _changes(w).assign_sites(
        t, [w.merchant.site("Mystic Sports")], "default"
    ),
    "StructureChanges.assign_new_sites_of": lambda w, t, _: _changes(w).assign_new_sites_of(
        t, "b2c", "default"
    ),
    "StructureChanges.make_default": lambda w, t, _: _changes(w).make_default(t, "b2c"),
    "SiteStore.site": lambda w, t, _: _sites(w).site(t, w.merchant.site("Mystic Sports")),
    "SiteStore.page": lambda w, t, _: _sites(w).page(t, Page())[0],
    "SiteStore.names": lambda w, t, _: _sites(w).names(t, [w.merchant.site("Mystic Sports")]),
    "SiteStore.rename": lambda w, t, _: _sites(w).rename(
        t, w.merchant.site("Mystic Sports"), "Mystic Golf"
    ),
    "SiteStore.set_looks": lambda w, tenant, _: w.services.sites.store.set_looks(
        tenant, w.merchant.site("Mystic Sports"), "#b00020", "MYSTIC", "de"
    ),
    "SiteStore.remove_hosts": lambda w, t, _: _host_removed(w, t),
    "SiteStore.set_origins": lambda w, t, _: _sites(w).set_origins(
        t, w.merchant.site("Mystic Sports"), ["https://sports.example"]
    ),
}


def _drafts_dropped(world: World, tenant_id: int) -> object:
    _plans(world).add(
        world.merchant.tenant_id, "", [MakeDefault("b2c")], NOTHING_FOUND, "x", world.now, world.now
    )
    dropped = _plans(world).drop_drafts(tenant_id, world.now + timedelta(days=1))
    _plans(world).drop_drafts(world.merchant.tenant_id, world.now + timedelta(days=1))
    return dropped


def _noted(world: World, tenant_id: int) -> object:
    progress, own = _progress(world), world.merchant.tenant_id
    progress.begin(own, world.plan_id, "commit", 5, world.now)
    progress.note(tenant_id, world.plan_id, 3, world.now)
    found = _plans(world).plan(own, world.plan_id)
    moved = found.progress.moved if found and found.progress else None
    _clear(world)
    return moved


def _ended(world: World, tenant_id: int) -> object:
    progress, own = _progress(world), world.merchant.tenant_id
    progress.begin(own, world.plan_id, "commit", 5, world.now)
    progress.end(tenant_id, world.plan_id)
    found = _plans(world).plan(own, world.plan_id)
    ended = found is not None and found.progress is None
    _clear(world)
    return ended


def _clear(world: World) -> None:
    with world.services.database.connection() as connection:
        connection.execute(regrouping_progress.delete())


def _removed(world: World, tenant_id: int) -> object:
    own = world.merchant.tenant_id
    if tenant_id == own:
        _changes(world).add_set(own, "new", "New", "", "x", world.now)
        return _changes(world).remove_set(own, "new")
    return None


def _host_removed(world: World, tenant_id: int) -> object:
    own, site = world.merchant.tenant_id, world.merchant.site("Mystic Sports")
    host = f"t{own}.sports.example"
    structure = world.services.customer_sets.structure
    structure.add_host(own, site, host)
    _sites(world).remove_hosts(tenant_id, site, [host])
    gone = structure.site_of_host(host) is None
    if not gone:
        _sites(world).remove_hosts(own, site, [host])
    return gone
