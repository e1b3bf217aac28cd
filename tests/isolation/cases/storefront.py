"""Questions about the codes that carry a browser's session to another host."""

from __future__ import annotations

from authsvc.sessions.arrival_store import ArrivalCode
from tests.isolation.world import ARRIVAL_DIGEST, Case, World


def _code(world: World) -> ArrivalCode:
    return ArrivalCode(
        str(world.browser_session_id),
        world.merchant.site("Mystic Kids"),
        "https://kids.example",
        b"b" * 32,
        world.now,
    )


CASES: dict[str, Case] = {
    "ArrivalStore.add": lambda w, tenant, _: w.services.storefront.arrivals.store.add(
        tenant, b"n" * 32, _code(w)
    ),
    "ArrivalStore.take": lambda w, tenant, _: w.services.storefront.arrivals.store.take(
        tenant, ARRIVAL_DIGEST
    ),
}
