"""`authsvc serve`: it stops gracefully, leaves nothing behind, mends itself, and does not start to fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import EmbeddedPostgres
from tests.demos import environment
from tests.embedded.processes import wait_for_end
from tests.live.commands import Run, in_a_process, refused
from tests.live.conftest import House
from tests.live.instances import Instance, wait_until
from tests.live.storefronts import Answer, Storefronts

# With nothing under way a stop takes a second; half a minute is what a worker that does not listen is given.
SOON_SECONDS = 10
# A stop that can hang when it is interrupted does so within fewer.
IMPATIENT = 100


@pytest.fixture(name="instance")
def _instance(house: House, tmp_path: Path) -> Iterator[Instance]:
    """An instance of the test's own, over the house's stores; hashes that take a while."""
    instance = Instance(
        tmp_path / "serve.log", {**house.variables, "AUTHSVC_ARGON2_TIME_COST": "10"}
    )
    instance.start()
    try:
        instance.await_ready()
        yield instance
    finally:
        instance.put_away()


def test_a_stop_answers_what_is_under_way_and_takes_nothing_new(
    instance: Instance, storefronts: Storefronts
) -> None:
    workers = instance.workers()
    sent = threading.Semaphore(0)
    idle = instance.connect()

    def sign_up(number: int) -> Answer:
        with_connection = instance.connect()
        sent.release()
        answer = storefronts.call(
            "POST",
            "accounts/add-account-and-login",
            {"account": {"emailAddress": f"late-{number}@mail.com"}, "password": "Mystic-2026"},
            site="Mystic Sports",
            at=with_connection,
        )
        with_connection.close()
        return answer

    with ThreadPoolExecutor(6) as pool:
        under_way: list[Future[Answer]] = [pool.submit(sign_up, number) for number in range(6)]
        for _ in under_way:
            sent.acquire()
        # The first one is through: the others wait for their hash.
        wait_until(lambda: any(answer.done() for answer in under_way), "the first sign-up")
        assert not all(answer.done() for answer in under_way)
        assert instance.stop() == 0
        answers = [answer.result() for answer in under_way]
    idle.close()
    assert {answer.status for answer in answers} == {201}
    assert len(workers) == 2
    for answer in answers:
        account_id = answer.json["customerAccount"]["id"]
        assert storefronts.call("GET", f"accounts/{account_id}").status == 200
    with pytest.raises(ConnectionRefusedError):
        instance.connect()


def test_signals_to_all_its_processes_end_it_well_and_soon(instance: Instance) -> None:
    """A terminal's Ctrl-C reaches the whole group, and is pressed again; systemd signals the whole service."""
    workers = instance.workers()
    for _ in range(IMPATIENT):
        with suppress(ProcessLookupError):
            os.killpg(instance.process.pid, signal.SIGINT)
    assert instance.process.wait(SOON_SECONDS) == 0
    wait_for_end(workers)


def test_a_worker_hears_of_one_stop_only(house: House) -> None:
    """Interrupted by a second one, Granian's handler would wait for itself: in one stop of five, on Ctrl-C."""
    script = """
import os, signal, threading
from authsvc import wsgi
calls, heard = [], threading.Event()
wsgi.worker()
signal.signal(signal.SIGTERM, lambda *_: (calls.append(1), heard.set()))
for _ in range(100):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
assert heard.wait(20)
print(len(calls))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(is_measured=False) | house.variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "1\n"


def test_a_killed_server_leaves_no_worker(instance: Instance) -> None:
    workers = instance.workers()
    assert len(workers) == 2
    # They hash in huge pages and keep them, which can be asked for only when a program starts.
    for pid in workers:
        assert b"glibc.malloc.hugetlb=1" in Path(f"/proc/{pid}/environ").read_bytes()
    instance.kill()
    wait_for_end(workers)
    with pytest.raises(ConnectionRefusedError):
        instance.connect()


def test_a_killed_worker_is_replaced_and_the_other_goes_on(
    instance: Instance, storefronts: Storefronts
) -> None:
    shopper = storefronts.new_shopper()
    connections = instance.connections()
    victim, survivor = connections
    os.kill(victim, signal.SIGKILL)
    with pytest.raises((OSError, HTTPException)):
        storefronts.check(shopper.access_token, at=connections[victim])
    assert storefronts.check(shopper.access_token, at=connections[survivor]).status == 200
    wait_until(lambda: len(instance.workers() - {victim}) == 2, "a new worker")
    renewed = instance.connections()
    assert victim not in renewed
    assert survivor in renewed
    for connection in renewed.values():
        assert storefronts.check(shopper.access_token, at=connection).status == 200
    for connection in (*connections.values(), *renewed.values()):
        connection.close()
    # A stop that comes after is as good as any.
    assert instance.stop() == 0


def test_nothing_set_is_refused_naming_all_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name.startswith("AUTHSVC_") or name in {"DATABASE_URL", "VALKEY_URL"}:
            monkeypatch.delenv(name)
    said = refused(in_a_process({}, "serve"))
    for name in ("DATABASE_URL", "VALKEY_URL", "AUTHSVC_ENCRYPTION_KEYS"):
        assert f"{name}: is missing" in said
    assert "authsvc keys new" in said


def test_a_database_that_does_not_answer_is_refused_with_the_reason(run: Run, house: House) -> None:
    away = "postgresql://authsvc:own@127.0.0.1:1/authsvc"
    said = refused(run({**house.variables, "DATABASE_URL": away}, "serve"))
    assert "DATABASE_URL: " in said
    assert "Connection refused" in said


def test_a_database_without_tables_is_refused_naming_the_remedy(
    run: Run, house: House, data_dir: Path
) -> None:
    with DataFolder(data_dir) as folder:
        bare = EmbeddedPostgres(folder)
        bare.start()
        try:
            said = refused(run({**house.variables, "DATABASE_URL": bare.url}, "serve"))
        finally:
            bare.stop()
    assert "Run: authsvc migrate" in said


def test_another_encryption_key_than_the_databases_is_refused(run: Run, house: House) -> None:
    key = Fernet.generate_key().decode()
    said = refused(run({**house.variables, "AUTHSVC_ENCRYPTION_KEYS": key}, "serve"))
    assert "AUTHSVC_ENCRYPTION_KEYS does not open the stored signing keys" in said
    assert key not in said


def test_a_port_that_is_taken_is_refused_by_number(run: Run, house: House) -> None:
    taken = str(house.instances[0].port)
    assert taken in refused(run({**house.variables, "AUTHSVC_PORT": taken}, "serve"))


def test_valkey_need_not_be_there_for_a_start(
    house: House, storefronts: Storefronts, tmp_path: Path
) -> None:
    variables = {**house.variables, "VALKEY_URL": "redis://127.0.0.1:1", "AUTHSVC_WORKERS": "1"}
    alone = Instance(tmp_path / "alone.log", variables)
    alone.start()
    try:
        alone.await_ready()
        shopper = storefronts.new_shopper(at=alone)
        assert storefronts.check(shopper.access_token, at=alone).status == 200
        assert storefronts.call("GET", "/readyz", at=alone).is_clean_503()
    finally:
        alone.put_away()
