"""What a fail-over was like for those who called meanwhile, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.failover.load import Outcome
from bench.figures import p99, table

HEADS = (
    *("", "", "requests", "errors", "last error s after", "p99 ms", "longest wait ms"),
    "answers other than good",
)


@dataclass(frozen=True)
class Phase:
    """A part of the run, of what was answered between two moments."""

    name: str
    began: float
    ended: float


def phases_table(phases: Sequence[Phase], outcomes: Sequence[Outcome]) -> str:
    """Return a line for each phase and each kind of request."""
    rows = []
    for phase in phases:
        for kind in ("check", "sign-up", "sign-out"):
            found = [
                each
                for each in outcomes
                if each.kind == kind and phase.began <= each.answered < phase.ended
            ]
            if len(found) < 2:
                continue
            errors = [each for each in found if each.failed]
            waits = [(each.answered - each.asked) * 1000 for each in found]
            rows.append(
                [
                    phase.name,
                    kind,
                    f"{len(found):,}",
                    f"{len(errors):,}",
                    f"{max(each.answered for each in errors) - phase.began:.1f}" if errors else "-",
                    f"{p99(waits):.0f}",
                    f"{max(waits):.0f}",
                    ", ".join(
                        f"{status or 'broken'}: {count}"
                        for status, count in sorted(
                            Counter(
                                each.status for each in found if each.status >= 300 or each.failed
                            ).items()
                        )
                    ),
                ]
            )
    return table(HEADS, rows)
