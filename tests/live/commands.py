"""Commands run as a shell runs them, and in this process, which spares a start that takes longer than most of them."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Protocol

import pytest
import structlog

from authsvc.cli import main
from tests.demos import AUTHSVC, environment

COMMAND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Runs a command with settings from `variables`."""

    def __call__(self, variables: dict[str, str], *arguments: str) -> Outcome:
        """Return what became of it."""


def in_a_process(variables: dict[str, str], *arguments: str) -> Outcome:
    """Run a command as a shell does."""
    done = subprocess.run(
        [AUTHSVC, *arguments],
        env=environment(is_measured=True) | variables,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def running_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Give what runs commands in this process, and put its log back afterwards."""

    def run(variables: dict[str, str], *arguments: str) -> Outcome:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["authsvc", *arguments])
        said, complained = StringIO(), StringIO()
        with (
            redirect_stdout(said),
            redirect_stderr(complained),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else 0, said.getvalue(), complained.getvalue())

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def refused(done: Outcome) -> str:
    """Return the refusal: no traceback, exit code 1, and a sentence or two."""
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    assert done.stderr.startswith("authsvc: ")
    assert "Traceback" not in done.stderr
    return done.stderr
