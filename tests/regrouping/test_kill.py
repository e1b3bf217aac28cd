"""Kill -9 at any point leaves before or after, never between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from authsvc.callers import Caller
from authsvc.regrouping.plans import Plan, PlanState
from authsvc.regrouping.rules import DeleteSet
from authsvc.settings import Settings
from tests.merchants import Merchant
from tests.regrouping import held_commits
from tests.regrouping.answers import customer, set_of, structure
from tests.regrouping.held_commits import DEADLINE_SECONDS, DONE, HELD, MOVED

NOWHERE = "nowhere"


@contextmanager
def process(settings: Settings, plan: Plan, at: str) -> Iterator[str]:
    """Commit a plan in a process of its own until it stops, give what it said, and kill it."""
    variables = {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "VALKEY_URL": settings.valkey_url.get_secret_value(),
        "AUTHSVC_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    module = held_commits.__name__
    command = [sys.executable, "-m", module, str(plan.tenant_id), str(plan.id), at]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def await_free(merchant: Merchant) -> None:
    """Wait until PostgreSQL has noticed that the process is gone, and let go of what it held."""
    deadline = monotonic() + DEADLINE_SECONDS
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2")
    while True:
        with merchant.services.database.engine.connect() as connection:
            if connection.execute(query).scalar_one() == 0:
                return
        assert monotonic() < deadline
        sleep(0.02)


@pytest.mark.parametrize("at", [MOVED, HELD, DONE])
def test_a_process_killed_before_its_commit_leaves_everything_as_it_was(
    settings: Settings, merchant: Merchant, at: str
) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    before = structure(merchant)
    regrouping, caller = merchant.services.regrouping, Caller(merchant.tenant_id)
    plan = regrouping.ask(caller, [DeleteSet("b2c", "b2b")])
    with process(settings, plan, at) as said:
        assert said == "stopped"
    await_free(merchant)
    assert structure(merchant) == before
    assert set_of(merchant, john) == "b2c"
    assert regrouping.plan(merchant.tenant_id, plan.id).state is PlanState.ASKED
    assert regrouping.commit(caller, plan.id).state is PlanState.COMMITTED
    assert set_of(merchant, john) == "b2b"


def test_a_process_killed_after_its_commit_leaves_everything_done(
    settings: Settings, merchant: Merchant
) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    regrouping, caller = merchant.services.regrouping, Caller(merchant.tenant_id)
    plan = regrouping.ask(caller, [DeleteSet("b2c", "b2b")])
    with process(settings, plan, NOWHERE) as said:
        assert said == "committed"
    assert set_of(merchant, john) == "b2b"
    done = regrouping.plan(merchant.tenant_id, plan.id)
    assert done.state is PlanState.COMMITTED
    assert done.committed_at is not None
    assert done.rollback_until == done.committed_at + timedelta(days=7)
    regrouping.rollback(caller, plan.id)
    assert set_of(merchant, john) == "b2c"
