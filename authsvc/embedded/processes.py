"""Run a program that dies with us, as a user who may: the one place that knows parent-death signals and root."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from authsvc.embedded import binaries
from authsvc.embedded.data_folder import DataFolderUnusable

NOBODY = 65534
"""The user and the group that Linux keeps for those who own nothing."""
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""All that the servers see of the environment: PGPORT and its like would change what they do."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The user and group that a server runs as and that own its folder."""

    user_id: int
    group_id: int


def owner_of(server_folder: Path) -> Owner:
    """Return who runs the server of this folder: we, or when we are root the folder's owner, at first nobody.

    PostgreSQL refuses to run as root. Raises DataFolderUnusable when the folder belongs to another ordinary user.
    """
    us = Owner(os.geteuid(), os.getegid())
    if not server_folder.exists():
        return Owner(NOBODY, NOBODY) if us.user_id == 0 else us
    found = server_folder.stat()
    if us.user_id not in {0, found.st_uid}:
        raise DataFolderUnusable(
            server_folder,
            f"belongs to user {found.st_uid}: start as that user or root, or choose another folder",
        )
    return Owner(found.st_uid, found.st_gid)


def spawn(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    owner: Owner,
    folder: Path,
    output: IO[bytes],
    inherited: int,
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder` as `owner`, in a session of its own, with `output` as its only way to speak.

    `death_signal` is sent to it when the thread that called this ends. `inherited` is an open file that it and its
    children keep. Raises ServersNotInstalled when the machine has no `setpriv`.
    """
    return subprocess.Popen(
        [*_privileges(owner, death_signal), *command],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(inherited,),
        start_new_session=True,
    )


def _privileges(owner: Owner, death_signal: signal.Signals) -> list[str | Path]:
    setpriv: list[str | Path] = [
        binaries.setpriv(),
        f"--pdeathsig={death_signal.name.removeprefix('SIG')}",
    ]
    if os.geteuid() != 0:
        return [*setpriv, "--"]
    # A clone or a data folder under /root lies behind folders closed to everybody else. We must not open those, so
    # the server keeps the one right to pass through; no_setuid_fixup makes access(2), with which PostgreSQL looks
    # for its own programs, respect that right too.
    return [
        *setpriv,
        f"--reuid={owner.user_id}",
        f"--regid={owner.group_id}",
        "--clear-groups",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--securebits=+no_setuid_fixup",
        "--",
    ]
