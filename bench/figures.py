"""Many rounds → the few numbers that are worth reading, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles


def typical(values: Sequence[float], digits: int = 2) -> str:
    """Write the median, and the minimum in parentheses: noise only adds, so the minimum is the cost itself."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f})"


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return quantiles(values, n=100)[98]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
