"""More machines over the same two stores: each has its own caches, connections and clock, as in production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from pydantic import SecretStr

from authsvc.infra.clock import running_seconds, utc_now
from authsvc.services import Services, connect_services
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.merchants import Merchant

# Nothing listens there: what a machine sees of a Valkey that is gone.
NOWHERE = SecretStr("redis://127.0.0.1:1/0")


@contextmanager
def machine(
    settings: Settings, clock: HeldClock | None = None, **changes: object
) -> Iterator[Services]:
    """Start a machine with `changes` to the settings; it has looked at the backlog once, and looks no more by itself.

    `clock`: its time and ticks; the real ones without.
    """
    services = connect_services(
        settings.model_copy(update=changes),
        clock=clock.now if clock else utc_now,
        ticks=clock.ticks if clock else running_seconds,
    )
    services.invalidation.follow()
    try:
        yield services
    finally:
        services.close()


class _TakenBack(Exception):
    """Ends a transaction whose work shall not be kept."""


@contextmanager
def taken_back(services: Services) -> Iterator[None]:
    """Run the block in a transaction that is rolled back at its end."""
    with suppress(_TakenBack), services.database.transaction():
        yield
        raise _TakenBack


def on(services: Services, merchant: Merchant) -> Merchant:
    """Return the merchant as served by another machine."""
    return replace(merchant, services=services)
