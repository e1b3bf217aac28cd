"""Node's tests as pytest sees them: which there are, and what came of each."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.vendor_clients.node_packages import HERE, Node, node_environment

REPORTER = HERE / "json_lines_reporter.mjs"
# A test starts a line of its own, and its name is a plain string: that is what makes it one item of pytest.
DECLARED = re.compile(r'^test\(\s*"(?P<name>[^"\n]+)"', re.MULTILINE)
FILE_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class NodeTest:
    """One test of one file; `file` is relative to this folder."""

    file: str
    name: str

    def __str__(self) -> str:
        """Return the id that pytest shows and selects by."""
        return f"{self.file.removesuffix('.test.js')}: {self.name}"


@dataclass(frozen=True, slots=True)
class FileRun:
    """What came of one file: the failure of each test by name (None: it passed), and all that was printed."""

    failures: Mapping[str, str | None]
    output: str


def declared_tests(folder: str) -> list[NodeTest]:
    """Return the tests that the files of a folder declare, in order.

    Raises:
        ValueError: if a file declares a name twice, since results are told apart by name.
    """
    tests = [test for file in sorted((HERE / folder).glob("*.test.js")) for test in _declared(file)]
    if len(set(tests)) != len(tests):
        raise ValueError(f"two tests of one file in {folder} have the same name")
    return tests


def run_file(node: Node, file: str, *, demo_file: Path, authority_file: Path | None) -> FileRun:
    """Run the tests of one file against the server that `demo_file` describes.

    `authority_file`: the certificate of the authority to trust besides the public ones, or None.
    """
    trusted = {"NODE_EXTRA_CA_CERTS": str(authority_file)} if authority_file else {}
    finished = subprocess.run(
        [node.program, f"--test-reporter={REPORTER}", "--test-reporter-destination=stdout", file],
        cwd=HERE,
        env=node_environment(AUTHSVC_DEMO_FILE=str(demo_file), **trusted),
        capture_output=True,
        text=True,
        timeout=FILE_TIMEOUT_SECONDS,
        check=False,
    )
    failures = dict(_outcomes(finished.stdout))
    return FileRun(
        failures, f"exit status {finished.returncode}\n{finished.stdout}{finished.stderr}"
    )


def _declared(file: Path) -> Iterator[NodeTest]:
    for found in DECLARED.finditer(file.read_text()):
        yield NodeTest(str(file.relative_to(HERE)), found["name"])


def _outcomes(reported: str) -> Iterator[tuple[str, str | None]]:
    for line in reported.splitlines():
        if not line.startswith("{"):
            continue  # something the tests printed themselves
        outcome = json.loads(line)
        if outcome["nesting"] == 0:
            failure = "skipped; every test must run" if outcome["skipped"] else outcome["failure"]
            yield outcome["name"], failure
