"""Explanations over their stores; services.py takes them from here."""

from __future__ import annotations

from authsvc.customer_sets.propagation import Propagation
from authsvc.explanations.history_store import HistoryStore
from authsvc.explanations.service import Explanations
from authsvc.explanations.store import ExplanationStore
from authsvc.guessing.service import Attempts
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database


def connect_explanations(
    database: Database, attempts: Attempts, propagation: Propagation, clock: Clock
) -> Explanations:
    """Connect the use case to its stores."""
    return Explanations(
        ExplanationStore(database), HistoryStore(database), attempts, propagation.delay, clock
    )
