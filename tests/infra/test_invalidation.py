"""Trust in Valkey's copies: renewed by looking at PostgreSQL, whatever the requests are doing meanwhile."""

from __future__ import annotations

from contextlib import ExitStack

from authsvc.services import Services
from authsvc.settings import Settings
from tests.machines import machine


def test_trust_is_renewed_though_requests_hold_every_connection(
    settings: Settings, services: Services
) -> None:
    """Else load would end trust, and every check would turn to PostgreSQL and add to it."""
    with machine(settings, database_pool_size=1) as busy, ExitStack() as requests:
        # As many as the pool gives, with what it may open beyond its size.
        for _ in range(3):
            requests.enter_context(busy.database.engine.connect())
        busy.invalidation.follow()
        assert busy.invalidation.trusted()
