"""The live demos that the vendor's clients are run against, one over http and one over https."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

STOP_TIMEOUT_SECONDS = 30
# Few enough that the tests of too many failed sign-ins need not hash a password a hundred times.
FEW_ATTEMPTS = {"AUTHSVC_FAILED_LOGIN_LIMIT": "5"}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `authsvc demo`: where it answers, what its demo.json says, and its data folder."""

    base_url: str
    info: dict[str, Any]
    data_dir: Path


@pytest.fixture(scope="session", name="demo")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo merchant over http."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="session", name="demo_tls")
def _demo_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo merchant over https, with a certificate of its own authority."""
    with running_demo(tmp_path_factory.mktemp("demo_tls"), "--tls") as demo:
        yield demo


@contextmanager
def running_demo(data_dir: Path, *options: str) -> Iterator[Demo]:
    """Run `authsvc demo` on a free port until it says that it is ready, and stop it afterwards."""
    program = str(Path(sys.executable).parent / "authsvc")
    with (data_dir / "demo.log").open("w+") as log:
        process = subprocess.Popen(
            [program, "demo", "--port", str(free_port()), "--data-dir", str(data_dir), *options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | FEW_ATTEMPTS,
        )
        try:
            assert process.stdout is not None
            ready = any(line.startswith("ready ") for line in process.stdout)
            assert ready, f"the demo did not start:\n{(data_dir / 'demo.log').read_text()}"
            info = json.loads((data_dir / "demo.json").read_text())
            yield Demo(info["baseUrl"], info, data_dir)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=STOP_TIMEOUT_SECONDS)


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
