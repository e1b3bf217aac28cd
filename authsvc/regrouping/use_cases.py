"""Regrouping put together: its stores, and what it needs of what is below."""

from __future__ import annotations

from authsvc.accounts.store import AccountStore
from authsvc.audit.store import AuditTrail
from authsvc.customer_sets.propagation import Propagation
from authsvc.customer_sets.service import CustomerSets
from authsvc.customer_sets.store import StructureStore
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.invalidation import TRUST_SECONDS, Invalidation
from authsvc.regrouping.carrying_out import CarryingOut
from authsvc.regrouping.moving_store import MovingStore
from authsvc.regrouping.plan_store import PlanStore
from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.rehearsal import Rehearsal
from authsvc.regrouping.rehearsal_store import RehearsalStore
from authsvc.regrouping.service import InForce, Regrouping
from authsvc.regrouping.site_store import SiteStore
from authsvc.regrouping.sites import Sites
from authsvc.regrouping.structure_store import StructureChanges
from authsvc.sessions.service import Sessions
from authsvc.settings import Propagation as PropagationSetting
from authsvc.settings import Settings


def connect_regrouping(
    settings: Settings,
    database: Database,
    beside: Database,
    invalidation: Invalidation,
    propagation: Propagation,
    structure: StructureStore,
    accounts: AccountStore,
    trail: AuditTrail,
    *,
    sessions: Sessions,
    clock: Clock,
) -> Regrouping:
    """Connect regrouping to its stores; `beside`: connections that are no part of a regrouping's transaction."""
    moving = MovingStore(database)
    pushes = settings.propagation is PropagationSetting.PUSH
    return Regrouping(
        Rehearsal(RehearsalStore(database), accounts.count_by_set, clock),
        PlanStore(database),
        CarryingOut(
            StructureChanges(database),
            moving,
            ProgressStore(beside),
            trail,
            propagation.changed,
            sessions.accounts_changed,
            invalidation.void_all_copies,
            clock,
        ),
        moving,
        structure,
        trail,
        database.transaction,
        clock,
        settings.rollback_days,
        InForce(TRUST_SECONDS if pushes else settings.directory_ttl_seconds, TRUST_SECONDS),
    )


def connect_sites(
    database: Database,
    regrouping: Regrouping,
    customer_sets: CustomerSets,
    propagation: Propagation,
) -> Sites:
    """Connect what is done to single sites."""
    return Sites(
        SiteStore(database),
        customer_sets,
        regrouping,
        regrouping.trail,
        database.transaction,
        propagation.changed,
    )
