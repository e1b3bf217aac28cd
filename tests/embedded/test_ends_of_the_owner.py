"""However the owner of the servers ends, they end with it, and the next start finds every acknowledged write."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis

from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import EmbeddedPostgres
from authsvc.embedded.server import ServerFailed
from authsvc.embedded.servers import EmbeddedServers
from authsvc.embedded.valkey import EmbeddedValkey
from tests.embedded.processes import (
    ENDED_WITHIN_SECONDS,
    go_on,
    next_line,
    owner_of_servers,
    stand_still,
    wait_for_end,
    working_in,
)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_no_server_outlives_its_owner(data_dir: Path, end: signal.Signals) -> None:
    with owner_of_servers(data_dir) as owner:
        servers = working_in(data_dir)
        assert len(servers) > 2
        owner.send_signal(end)
        wait_for_end(servers)
        assert not working_in(data_dir)


def test_a_start_right_after_a_kill_finds_every_acknowledged_write(data_dir: Path) -> None:
    with owner_of_servers(data_dir, "write") as owner:
        acknowledged = 0
        while acknowledged < 200:
            acknowledged = int(next_line(owner))
        owner.kill()
        with EmbeddedServers(data_dir) as servers:
            assert owner.stdout is not None
            acknowledged = max([acknowledged, *map(int, owner.stdout.read().split())])
            with psycopg.connect(servers.postgres.connection_string) as database:
                rows = database.execute("SELECT number FROM numbers ORDER BY number").fetchall()
            with redis.from_url(servers.valkey_url) as valkey:
                in_valkey = int(valkey.get("number") or 0)
    numbers = [number for (number,) in rows]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= acknowledged
    assert in_valkey >= acknowledged


def test_killed_servers_start_again_with_every_acknowledged_write(data_dir: Path) -> None:
    """The servers themselves are killed here, as when the machine runs out of memory."""
    with owner_of_servers(data_dir, "write") as owner:
        acknowledged = 0
        while acknowledged < 200:
            acknowledged = int(next_line(owner))
        for pid in working_in(data_dir):
            with suppress(
                ProcessLookupError
            ):  # PostgreSQL's children end by themselves when it is killed
                os.kill(pid, signal.SIGKILL)
        assert owner.stdout is not None
        acknowledged = max([acknowledged, *map(int, owner.stdout.read().split())])
    with EmbeddedServers(data_dir) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            row = database.execute("SELECT max(number), count(*) FROM numbers").fetchone()
        with redis.from_url(servers.valkey_url) as valkey:
            in_valkey = int(valkey.get("number") or 0)
    assert row is not None
    assert row[0] == row[1]
    assert row[0] >= acknowledged
    assert in_valkey >= acknowledged


def test_ctrl_c_in_the_terminal_reaches_the_owner_only(data_dir: Path) -> None:
    """The terminal signals a whole process group: the servers must live until the application has stopped."""
    with EmbeddedServers(data_dir) as servers:
        for server in (servers.postgres, servers.valkey):
            assert os.getpgid(server.pid) != os.getpgid(0)
            assert os.getsid(server.pid) != os.getsid(0)


def test_a_second_owner_is_refused_naming_the_first(data_dir: Path) -> None:
    with owner_of_servers(data_dir) as owner:
        second = subprocess.run(
            [sys.executable, "-c", START, str(data_dir)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode != 0
        assert f"in use by process {owner.pid}" in second.stderr
        assert owner.poll() is None


START = """
import sys; from pathlib import Path; from authsvc.embedded.servers import EmbeddedServers
with EmbeddedServers(Path(sys.argv[1])): print("started")
"""


def test_a_start_waits_until_dying_servers_are_gone(data_dir: Path) -> None:
    """Two servers never work on one folder, not even for the moment in which the first ones die."""
    with owner_of_servers(data_dir) as owner:
        dying = stand_still(data_dir)  # as if their last checkpoint took long
        owner.kill()
        owner.wait()
        with subprocess.Popen(
            [sys.executable, "-c", START, str(data_dir)], stdout=subprocess.PIPE, text=True
        ) as start:
            with pytest.raises(subprocess.TimeoutExpired):
                start.wait(2)
            # One that was about to end anyway may have; nobody new is at work.
            assert set() < working_in(data_dir) <= dying
            go_on(dying)
            assert start.communicate(timeout=ENDED_WITHIN_SECONDS)[0] == "started\n"


def test_a_start_gives_up_on_a_server_that_does_not_die_and_names_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authsvc.embedded.server.GONE_SECONDS", 0.1)
    with owner_of_servers(data_dir) as owner:
        dying = stand_still(data_dir)
        owner.kill()
        owner.wait()
        with pytest.raises(
            ServerFailed, match=r"earlier valkey \(process \d+\).*stop it, then start again"
        ):
            EmbeddedServers(data_dir).__enter__()
        go_on(dying)


@pytest.mark.parametrize("kind", [EmbeddedPostgres, EmbeddedValkey])
def test_a_server_whose_signal_was_missed_is_stopped_by_the_next_start(
    data_dir: Path, kind: type[EmbeddedPostgres] | type[EmbeddedValkey]
) -> None:
    with DataFolder(data_dir) as folder:
        left_behind = kind(folder)
        left_behind.start()
    with DataFolder(data_dir) as folder:
        server = kind(folder)
        server.start()
        assert not left_behind.is_running()
        assert server.answers()
        server.stop()


def test_a_server_dies_with_the_thread_that_started_it(tmp_path: Path) -> None:
    """Linux ties the signal to the thread; whoever starts servers must know."""
    with DataFolder(tmp_path) as folder:
        server = EmbeddedValkey(folder)
        starter = threading.Thread(target=server.start)
        starter.start()
        starter.join()
        wait_for_end({server.pid})
        server.stop()
