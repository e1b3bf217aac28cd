"""The limits on guessing, connected: the settings as limits, Valkey and memory to count in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from limits import parse

from authsvc.audit.store import AuditTrail
from authsvc.guessing.counts import ValkeyCounts
from authsvc.guessing.resilience import ResilientCounts
from authsvc.guessing.rules import Limits, Window
from authsvc.guessing.service import Attempts
from authsvc.infra.clock import Clock
from authsvc.infra.database import Transaction
from authsvc.infra.valkey import Servers
from authsvc.settings import Settings

if TYPE_CHECKING:
    from authsvc.customer_sets.store import StructureStore


def connect_guessing(
    settings: Settings,
    valkey: Servers,
    structure: StructureStore,
    trail: AuditTrail,
    transaction: Transaction,
    clock: Clock,
) -> Attempts:
    """Count in `valkey`, by the settings."""
    limits = limits_of(settings)
    return Attempts(
        ResilientCounts(ValkeyCounts(valkey, limits), limits),
        limits,
        lambda: [tenant.id for tenant in structure.tenants()],
        trail,
        transaction,
        clock,
    )


def limits_of(settings: Settings) -> Limits:
    """Return what the settings allow."""
    return Limits(
        settings.failed_login_limit,
        timedelta(days=settings.failed_login_memory_days),
        timedelta(seconds=settings.failed_login_longest_wait_seconds),
        _window(settings.address_failures),
        _window(settings.site_failures),
        _window(settings.tenant_failures),
        _window(settings.all_failures),
        {name: _window(text) for name, text in settings.failures_of.items()},
        _window(settings.stuffing_noticed_at),
        timedelta(seconds=settings.hardened_seconds),
        settings.hardened_divisor,
    )


def _window(text: str) -> Window:
    """Read a window as the `limits` library writes them."""
    item = parse(text)
    return Window(item.amount, item.get_expiry())
