"""The demo runs its servers, data and web server, and however it ends it leaves nothing behind."""

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from authsvc.embedded.servers import EmbeddedServers
from tests.embedded.processes import (
    ENDED_WITHIN_SECONDS,
    next_line,
    wait_for_end,
    working_in,
)

EXAMPLE = Path(__file__).with_name("example_demo.py")
ROOT = Path(__file__).parents[2]


@contextmanager
def demo(folder: Path, *mode: str, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Run the example demo on `folder` until the block ends."""
    command = [sys.executable, str(EXAMPLE), str(port), str(folder), *mode]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                left = everything_of(process.pid, folder)
                process.kill()
                wait_for_end(left)


def everything_of(pid: int, folder: Path) -> set[int]:
    """Return the demo's processes: itself, its children, and the servers in its folder."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {pid, *map(int, children)} | working_in(folder)


def ready(process: subprocess.Popen[str]) -> str:
    """Return the base URL once the demo says that it is ready."""
    while not (line := next_line(process)).startswith("ready "):
        pass
    return line.removeprefix("ready ")


def described(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "demo.json").read_bytes())
    return content


def get(url: str, authority: str | None = None) -> str:
    trust = ssl.create_default_context(cafile=authority) if authority else None
    with urllib.request.urlopen(url, context=trust, timeout=ENDED_WITHIN_SECONDS) as answer:
        return str(answer.read(), "ascii")


def test_ready_is_the_last_line_and_true(data_dir: Path) -> None:
    with demo(data_dir) as process:
        base_url = ready(process)
        get(base_url)
        assert described(data_dir) == {"baseUrl": base_url, "authority": None}
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate(timeout=ENDED_WITHIN_SECONDS)
        assert rest == "stopping\n"
        assert complaints == ""


def test_what_the_demo_writes_is_for_its_user_only(data_dir: Path) -> None:
    with demo(data_dir, "tls") as process:
        ready(process)
        for name in ("demo.json", "secrets.json", "server.log", "tls/server.key", "tls/ca.key"):
            assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGHUP])
def test_a_stop_lets_the_web_server_finish_first_and_leaves_nothing(
    data_dir: Path, asked: signal.Signals
) -> None:
    """Ctrl-C in a terminal reaches the whole process group; requests under way still find their stores."""
    with demo(data_dir) as process:
        ready(process)
        running = everything_of(process.pid, data_dir)
        assert len(running) > 4
        os.killpg(process.pid, asked)
        assert process.wait(ENDED_WITHIN_SECONDS) == 0
        wait_for_end(running)
    with (
        EmbeddedServers(data_dir) as servers,
        psycopg.connect(servers.postgres.connection_string) as database,
    ):
        assert database.execute("SELECT text FROM events").fetchall() == [
            ("last request answered",)
        ]


def test_a_killed_demo_leaves_nothing_and_starts_again_at_once(data_dir: Path) -> None:
    with demo(data_dir) as process:
        secret = get(ready(process))
        running = everything_of(process.pid, data_dir)
        process.kill()
        with demo(data_dir) as again:
            assert get(ready(again)) == secret
            wait_for_end(running)


def test_a_stop_while_it_still_starts_is_obeyed(data_dir: Path) -> None:
    with demo(data_dir, "hang") as process:
        while next_line(process) != "hanging":
            pass
        running = everything_of(process.pid, data_dir)
        process.send_signal(signal.SIGINT)
        assert process.wait(ENDED_WITHIN_SECONDS) == 0
        wait_for_end(running)


@pytest.mark.parametrize("victim", ["web server", "PostgreSQL", "Valkey"])
def test_the_end_of_one_process_ends_all_and_is_told(data_dir: Path, victim: str) -> None:
    with demo(data_dir) as process:
        ready(process)
        running = everything_of(process.pid, data_dir)
        if victim == "web server":
            servers = working_in(data_dir) | {process.pid}
            (pid,) = running - servers
        else:
            pid = int(
                (
                    data_dir / {"PostgreSQL": "postgres.lock", "Valkey": "valkey.lock"}[victim]
                ).read_text()
            )
        os.kill(pid, signal.SIGKILL)
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert f"The {victim} ended unexpectedly" in process.stderr.read()
        wait_for_end(running)


def test_a_web_server_that_ends_at_its_start_is_told_with_its_words(data_dir: Path) -> None:
    with demo(data_dir, "silent") as process:
        _, complaints = process.communicate(timeout=60)
        assert process.returncode == 1
        assert complaints == "The web server ended at its start: no luck\n"
        assert not working_in(data_dir)


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo(tmp_path / "data", port=port) as process:
            said, complaints = process.communicate(timeout=ENDED_WITHIN_SECONDS)
    assert process.returncode == 1
    assert f"Port {port}" in complaints
    assert "--port" in complaints
    assert said == ""
    assert not (tmp_path / "data").exists()


def test_a_second_demo_on_the_folder_is_refused_and_the_first_goes_on(data_dir: Path) -> None:
    with demo(data_dir) as first:
        base_url = ready(first)
        with demo(data_dir) as second:
            _, complaints = second.communicate(timeout=ENDED_WITHIN_SECONDS)
        assert second.returncode == 1
        assert f"in use by process {first.pid}" in complaints
        get(base_url)
        assert described(data_dir)["baseUrl"] == base_url


def test_two_demos_run_side_by_side(data_dir: Path, tmp_path: Path) -> None:
    with demo(data_dir) as one, demo(tmp_path / "two") as two:
        assert get(ready(one)) != get(ready(two))


def test_with_tls_clients_that_trust_the_local_authority_reach_it(data_dir: Path) -> None:
    with demo(data_dir, "tls") as process:
        base_url = ready(process)
        assert base_url.startswith("https://127.0.0.1:")
        get(base_url, described(data_dir)["authority"])
