"""One `authsvc serve` with its worker processes, and connections that are known to reach a certain worker."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path

from authsvc.embedded.ports import free_port
from tests.demos import AUTHSVC, descendants, environment
from tests.embedded.processes import wait_for_end

READY_SECONDS = 60
STOP_SECONDS = 60
POLL_SECONDS = 0.02
# Longer than the service lets anybody wait, so that a hang shows as a failure and not as a slow success.
ANSWER_SECONDS = 30


class Instance:
    """A web server over given stores: it can be stopped, killed and started again, alone or worker by worker."""

    def __init__(
        self,
        log: Path,
        variables: Mapping[str, str],
        program: Sequence[str] = (AUTHSVC,),
        *,
        is_measured: bool = False,
    ) -> None:
        """Serve with settings from `variables`, on a port that stays the same; words go to `log`.

        `is_measured`: coverage counts what it runs.
        """
        self._environment = environment(is_measured=is_measured)
        self.log = log
        self._program = program
        self.port = free_port()
        self._variables = {**variables, "AUTHSVC_PORT": str(self.port)}
        self._workers = int(variables["AUTHSVC_WORKERS"])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting; several instances get ready side by side."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._program, "serve"],
                env=self._environment | self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        """Return when every worker answers."""
        for connection in self.connections().values():
            connection.close()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The server's first process."""
        assert self._process is not None, "not started"
        return self._process

    def is_running(self) -> bool:
        """Tell whether the first process is there."""
        return self._process is not None and self._process.poll() is None

    def workers(self) -> set[int]:
        """Return the worker processes' ids."""
        return descendants(self.process.pid)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to stop; returns its exit code when it and its workers are gone."""
        workers = self.workers()
        self.process.send_signal(how)
        code = self.process.wait(STOP_SECONDS)
        wait_for_end(workers)
        return code

    def kill(self) -> None:
        """Kill the first process; returns when the workers have noticed and gone."""
        workers = self.workers()
        self.process.kill()
        self.process.wait()
        wait_for_end(workers)

    def put_away(self) -> None:
        """Leave nothing running, whatever a test did."""
        if self.is_running():
            self.process.send_signal(signal.SIGCONT)
            self.stop()

    def connect(self) -> HTTPConnection:
        """Open a connection; the kernel chooses the worker."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        connection.connect()
        return connection

    def connections(self) -> dict[int, HTTPConnection]:
        """Return an open connection to each worker, by its process id, each proven by an answer."""
        found: dict[int, HTTPConnection] = {}
        spare: list[HTTPConnection] = []

        def every_worker_has_one() -> bool:
            assert self.is_running(), f"ended:\n{self.log.read_text()}"
            try:
                connection = self.connect()
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except OSError:
                return False
            worker = self._worker_of(connection)
            if worker is None or worker in found:
                spare.append(connection)
            else:
                found[worker] = connection
            return len(found) == self._workers

        wait_until(every_worker_has_one, "every worker answers", READY_SECONDS)
        for connection in spare:
            connection.close()
        return found

    def _worker_of(self, connection: HTTPConnection) -> int | None:
        """Return which worker holds the other end of a connection."""
        if connection.sock is None:  # the server has hung up after its answer
            return None
        client_port = connection.sock.getsockname()[1]
        inode = _socket_inode(self.port, client_port)
        return next((pid for pid in self.workers() if inode in _open_sockets(pid)), None)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 20) -> float:
    """Return how many seconds it took for `condition` to hold; fail when it does not come true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"not within {seconds} s: {what}"
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


def _socket_inode(local_port: int, remote_port: int) -> str | None:
    wanted = (f"0100007F:{local_port:04X}", f"0100007F:{remote_port:04X}")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if (fields[1], fields[2]) == wanted:
            return fields[9]
    return None


def _open_sockets(pid: int) -> set[str]:
    found = set()
    try:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            target = str(file.readlink())
            if target.startswith("socket:["):
                found.add(target[len("socket:[") : -1])
    except OSError:
        return found  # the worker, or one of its files, has just gone
    return found
