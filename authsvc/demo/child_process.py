"""The demo's own `authsvc serve` and `authsvc worker`: children that are stopped gracefully and never outlive it."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

from authsvc.embedded import binaries
from authsvc.embedded.data_folder import POLL_SECONDS
from authsvc.embedded.log_file import last_lines, new_log
from authsvc.errors import Unavailable

READY_SECONDS = 30.0
"""Importing and connecting takes a second or two, on a busy machine ten."""
STOP_SECONDS = 30.0
"""For requests under way; longer than any of them may take."""
ANSWER_SECONDS = 2.0
"""For one look at whether the server answers."""


class WebServerFailed(Unavailable):
    """The web server ended by itself or never answered."""


class ChildProcess:
    """A web server or worker in a session of its own, so that Ctrl-C reaches the demo alone, which stops all in order.

    Start it from a thread that lives as long as the child shall: it is asked to stop when that thread ends.
    """

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], log: Path) -> None:
        """Prepare to run `command` with `variables` added to our environment, its words going to `log`."""
        self.log = log
        with new_log(log) as output:
            self._process = subprocess.Popen(
                [str(binaries.setpriv()), "--pdeathsig=TERM", "--", *command],
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of the first process."""
        return self._process.pid

    def await_answer(self, url: str, authority: Path | None) -> None:
        """Return when a GET of `url` is answered 200; `authority` is trusted for https. Raises WebServerFailed."""
        trust = ssl.create_default_context(cafile=authority) if authority else None
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(url, trust):
            if self._process.poll() is not None:
                raise WebServerFailed(f"The web server ended at its start: {last_lines(self.log)}")
            if time.monotonic() > deadline:
                raise WebServerFailed(
                    f"The web server did not answer within {READY_SECONDS:.0f} s; see {self.log}."
                )
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Let what is under way end, for 30 s at most, and return when no process of it is left."""
        with suppress(subprocess.TimeoutExpired):
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
        # Its workers are in its process group; after a graceful stop there is none left.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _answers(url: str, trust: ssl.SSLContext | None) -> bool:
    # No proxy of the environment stands between us and ourselves.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    )
    try:
        with opener.open(url, timeout=ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
