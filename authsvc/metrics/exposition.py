"""The metrics by name, and the text that Prometheus reads (docs/metrics.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from authsvc.metrics.worker_figures import Figures
from authsvc.web.request_figures import BOUNDS_SECONDS

WORKER = "worker"
ANSWERS = "authsvc_worker_answers"
# Name → what it is. Those that end in _total only grow; the one in seconds with bounds is a histogram.
MEANINGS = {
    "authsvc_copies_age_seconds": "Age of the moment that answers from copies are true for; above 1 no copy is used.",
    "authsvc_copies_believed": "Whether checks may be answered from copies; else PostgreSQL is asked.",
    "authsvc_checks_total": "Session checks, by what came of them and where the record was found.",
    "authsvc_copies": "Copies and answers kept in memory.",
    "authsvc_copies_bytes": "About how many bytes they take.",
    "authsvc_requests_total": "Requests answered.",
    "authsvc_request_seconds": "How long requests took; of checks answered once more, one in 64 stands for all.",
    "authsvc_hashing_lanes": "Passwords that can be hashed at once.",
    "authsvc_hashing_in_use": "Passwords that are being hashed.",
    "authsvc_hashing_waiting": "Sign-ins that wait for a lane.",
    "authsvc_attempts_total": "Tries of passwords, codes, links and secrets, by door and what came of them.",
    "authsvc_attempts_in_memory_total": "Those counted by the worker alone, because Valkey could not be asked.",
    "authsvc_guessing_hardened": "Whether stuffing was noticed and strangers are held to less, as last heard.",
    "authsvc_pool_in_use": "Connections to PostgreSQL that are being used.",
    "authsvc_pool_open": "Connections to PostgreSQL that are open.",
    "process_cpu_seconds_total": "Processor time used.",
    "process_resident_memory_bytes": "Memory in use.",
}
HISTOGRAM = "authsvc_request_seconds"


def text(workers: Mapping[str, Figures | None]) -> bytes:
    """Return all workers' figures; None of a worker that did not answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(workers))
    return generate_latest(registry)


class _Told(Collector):
    def __init__(self, workers: Mapping[str, Figures | None]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        """Give one metric after the other, of all workers."""
        answers = GaugeMetricFamily(
            ANSWERS, "Whether the worker tells its figures.", labels=[WORKER]
        )
        for worker, figures in self._workers.items():
            answers.add_metric([worker], float(figures is not None))
        yield answers
        for name, meaning in MEANINGS.items():
            yield from self._metric(name, meaning)

    def _metric(self, name: str, meaning: str) -> Iterable[Metric]:
        samples = [
            ({WORKER: worker, **labels}, value)
            for worker, figures in self._workers.items()
            if figures is not None
            for labels, value in figures.get(name, [])
        ]
        if not samples:
            return
        labels = list(samples[0][0])
        if name == HISTOGRAM:
            histogram = HistogramMetricFamily(name, meaning, labels=labels)
            for its, found in samples:
                if isinstance(found, list):
                    histogram.add_metric(list(its.values()), _buckets(found), found[-1])
            yield histogram
            return
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        metric = kind(name, meaning, labels=labels)
        for its, found in samples:
            if not isinstance(found, list):
                # JSON has no infinity: a worker that has never looked.
                metric.add_metric(list(its.values()), float("inf") if found is None else found)
        yield metric


def _buckets(found: list[float]) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BOUNDS_SECONDS), "+Inf"]
    return list(zip(bounds, accumulate(found[:-1]), strict=True))
