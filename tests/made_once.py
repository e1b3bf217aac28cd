"""A PostgreSQL that is made and migrated once a run, for every test process to copy in a tenth of the time."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import EmbeddedPostgres
from authsvc.migrations import upgrade

# What of a data folder is PostgreSQL's own; the rest says who is using it.
_PARTS = ("postgres", "postgres.password")
_CP = shutil.which("cp") or "/bin/cp"


@dataclass(frozen=True, slots=True)
class MadeOnce:
    """Two data folders that nobody uses: `bare` as `initdb` leaves one, `migrated` with all tables."""

    bare: Path
    migrated: Path

    @classmethod
    def below(cls, shared: Path) -> MadeOnce:
        """Return them, made by the first process of the run that asks; the others wait."""
        made = cls(shared / "bare", shared / "migrated")
        with _only_one_at_a_time(shared):
            if not (made.bare / "postgres").exists():
                _run_once(made.bare)
            if not (made.migrated / "postgres").exists():
                _run_once(copied(made.bare, shared / "migrating"), migrates=True)
                (shared / "migrating").rename(made.migrated)
        return made


def copied(source: Path, folder: Path) -> Path:
    """Give a data folder, new or empty, the PostgreSQL of another; returns the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = [source / part for part in _PARTS]
    # With owners and modes: PostgreSQL refuses a folder that others can read.
    subprocess.run([_CP, "--archive", *parts, folder], check=True)
    return folder


def _run_once(folder: Path, *, migrates: bool = False) -> None:
    with DataFolder(folder) as held:
        postgres = EmbeddedPostgres(held)
        postgres.start()
        try:
            if migrates:
                engine = create_engine(postgres.url)
                upgrade(engine)
                engine.dispose()
        finally:
            postgres.stop()


@contextmanager
def _only_one_at_a_time(shared: Path) -> Iterator[None]:
    with (shared / "made_once.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
