"""A commit that stops where a test wants it to, in this process or in one that is killed there."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from authsvc.callers import Behavior, Caller
from authsvc.regrouping.service import Regrouping
from authsvc.regrouping.structure_store import StructureChanges
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings

# Where a commit can stop: clashes are looked for and nothing is moved yet, where a set is made or brought back;
# customers are moved and nothing is held; sites are held; all is done but the commit.
LOOKED, MOVED, HELD, DONE = "looked", "moved", "held", "done"
DEADLINE_SECONDS = 20.0


@dataclass
class Stop:
    """A point at which a commit waits until it is let go."""

    at: str
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def pass_(self, point: str) -> None:
        """Wait here if this is the point."""
        if point == self.at:
            self.reached.set()
            assert self.go_on.wait(DEADLINE_SECONDS)


class StoppingStructure(StructureChanges):
    """The store, with a stop on the way."""

    stop: Callable[[str], None]

    def add_set(
        self, tenant_id: int, code: str, name: str, description: str, by: str, now: datetime
    ) -> None:
        """Stop behind."""
        super().add_set(tenant_id, code, name, description, by, now)
        self.stop(LOOKED)

    def bring_back_set(self, tenant_id: int, code: str, kept: Mapping[str, Any]) -> None:
        """Stop behind."""
        super().bring_back_set(tenant_id, code, kept)
        self.stop(LOOKED)

    def hold_default(self, tenant_id: int) -> str | None:
        """Stop before."""
        self.stop(MOVED)
        return super().hold_default(tenant_id)

    def hold_sites(
        self, tenant_id: int, site_ids: Sequence[int], of_sets: Sequence[str]
    ) -> list[int]:
        """Stop behind, and before where nothing else is held."""
        if not of_sets:
            self.stop(MOVED)
        held = super().hold_sites(tenant_id, site_ids, of_sets)
        self.stop(HELD)
        return held

    def remove_set(self, tenant_id: int, code: str) -> dict[str, Any]:
        """Stop behind."""
        kept = super().remove_set(tenant_id, code)
        self.stop(DONE)
        return kept


def stopping(services: Services, stop: Callable[[str], None]) -> Regrouping:
    """Return the services' regrouping, which calls `stop` at each point of a commit."""
    structure = StoppingStructure(services.database)
    structure.stop = stop
    regrouping = services.regrouping
    return replace(regrouping, carrying_out=replace(regrouping.carrying_out, structure=structure))


def main(tenant_id: int, plan_id: int, at: str) -> None:
    """Commit a plan as a process of its own, say so at the point, and wait there to be killed."""

    def stop(point: str) -> None:
        if point == at:
            print("stopped", flush=True)  # noqa: T201  what the test waits for
            threading.Event().wait()

    services = connect_services(load_settings())
    caller = Caller(tenant_id, None, "killed", frozenset(Behavior))
    stopping(services, stop).commit(caller, plan_id)
    print("committed", flush=True)  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
