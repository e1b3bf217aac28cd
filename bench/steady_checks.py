"""A service that checks a session at a steady pace, in a process of its own: nothing but the server delays it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection

# 200 checks a second, begun on time unless the last is still under way.
EVERY_SECONDS = 0.005


class SteadyChecks:
    """The process, from outside; it begins when this is made."""

    def __init__(self, port: int, headers: Mapping[str, str], seconds: float) -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-m", __name__, str(port), json.dumps(dict(headers)), str(seconds)],
            stdout=subprocess.PIPE,
        )

    def took(self) -> list[float]:
        """Wait for the end, and return how long each check took in milliseconds."""
        output, _ = self._running.communicate()
        took: list[float] = json.loads(output)
        return took


def _check(port: int, headers: Mapping[str, str], seconds: float) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port)
    took = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        connection.request("GET", "/session", headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        now = time.perf_counter()
        took.append((now - begun) * 1000)
        time.sleep(max(0.0, begun + EVERY_SECONDS - now))
    return took


if __name__ == "__main__":
    print(json.dumps(_check(int(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3]))))
