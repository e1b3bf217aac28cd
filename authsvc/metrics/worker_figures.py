"""One worker's figures, gathered when somebody asks: nothing here costs a request anything."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable
from pathlib import Path
from sys import getsizeof
from typing import TYPE_CHECKING, Any

from authsvc.sessions.check_front import OPERATION, CheckFront
from authsvc.web.request_figures import REQUESTS

if TYPE_CHECKING:
    from flask import Flask

    from authsvc.infra.database import Database
    from authsvc.infra.process_copies import ProcessCopies
    from authsvc.services import Services

# Where the application notes what answers checks.
CHECK_FRONT = "authsvc.check_front"
MANY_CHECKS = "authsvc.many_checks"
# Enough to tell what a record takes on average.
WEIGHED = 32
# What a dictionary's entry takes beside what it holds.
ENTRY_BYTES = 200

# Metric → its samples: labels, and a number or (of a histogram) how many up to each bound, how many more, and the sum.
# None is what JSON makes of infinity.
Figures = dict[str, list[tuple[dict[str, str], float | list[float] | None]]]


def figures_of(services: Services, app: Flask) -> Figures:
    """Return the figures of this process."""
    invalidation, hashing = services.invalidation, services.hashing
    front: CheckFront = app.extensions[CHECK_FRONT]
    kept = {"answers": front.answers, "answers_of_many": app.extensions[MANY_CHECKS].kept}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "authsvc_copies_age_seconds": [({}, invalidation.age())],
        "authsvc_copies_believed": [({}, float(invalidation.trusted()))],
        "authsvc_checks_total": [
            ({"source": source, "outcome": outcome}, count)
            for (source, outcome), count in services.sessions.records.figures.counts().items()
        ],
        "authsvc_copies": [
            ({"kind": "sessions"}, len(services.session_copies)),
            *(({"kind": name}, len(answers)) for name, answers in kept.items()),
        ],
        "authsvc_copies_bytes": [
            ({"kind": "sessions"}, weight(services.session_copies)),
            *(({"kind": name}, answers.size) for name, answers in kept.items()),
        ],
        "authsvc_requests_total": [
            ({"operation": OPERATION, "status": "200"}, front.answered),
            *(
                ({"operation": operation, "status": status}, count)
                for (operation, status), count in REQUESTS.counts().items()
            ),
        ],
        "authsvc_request_seconds": [
            ({"operation": operation}, found) for operation, found in REQUESTS.seconds().items()
        ],
        "authsvc_hashing_lanes": [({}, hashing.lanes)],
        "authsvc_hashing_in_use": [({}, hashing.in_use())],
        "authsvc_hashing_waiting": [({}, hashing.waiting())],
        "authsvc_attempts_total": [
            ({"door": door, "outcome": outcome}, count)
            for (door, outcome), count in services.attempts.figures.counts().items()
        ],
        "authsvc_attempts_in_memory_total": [({}, services.attempts.figures.counted_in_memory)],
        "authsvc_guessing_hardened": [({}, float(services.attempts.figures.is_hardened))],
        "authsvc_pool_in_use": list(_pools(services, in_use=True)),
        "authsvc_pool_open": list(_pools(services, in_use=False)),
        "process_cpu_seconds_total": [({}, usage.ru_utime + usage.ru_stime)],
        "process_resident_memory_bytes": [({}, _resident_bytes())],
    }


def weight(copies: ProcessCopies[Any]) -> float:
    """Estimate how many bytes copies take together, from a few of them."""
    some = copies.some(WEIGHED)
    if not some:
        return 0.0
    taken = sum(
        ENTRY_BYTES + getsizeof(record) + sum(getsizeof(each) for each in _fields(record))
        for record in some
    )
    return taken / len(some) * len(copies)


def _fields(record: object) -> Iterable[object]:
    return [getattr(record, name) for name in getattr(record, "__slots__", ())]


def _pools(services: Services, *, in_use: bool) -> Iterable[tuple[dict[str, str], float]]:
    databases: dict[str, Database] = {
        "requests": services.database,
        "follower": services.follower_line,
        "regrouping": services.beside,
    }
    for name, database in databases.items():
        taken, idle = database.connections()
        yield {"pool": name}, taken if in_use else taken + idle


def _resident_bytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
