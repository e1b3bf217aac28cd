"""What is asked and done when a shopper's data comes to its end."""

from __future__ import annotations

from authsvc.privacy.store import ErasureStore
from tests.isolation.world import Case, World


def _store(world: World) -> ErasureStore:
    return world.services.privacy.store


CASES: dict[str, Case] = {
    "ErasureStore.has_orders": lambda w, t, _: _store(w).has_orders(t, w.order.state.account_id),
    "ErasureStore.subjects": lambda w, t, _: _store(w).subjects(t, w.account.id),
    "ErasureStore.empty": lambda w, t, _: _store(w).empty(t, w.account.id),
    "ErasureStore.redact": lambda w, t, _: _store(w).redact(
        t, [f"segment:{w.segment_id}", "order:S-1001"], w.now
    ),
}
