"""The servers run for root and for ordinary users, and nobody's folders are opened for it."""

import os
import pwd
import signal
import stat
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from authsvc.embedded.data_folder import DataFolderUnusable
from authsvc.embedded.processes import owner_of
from authsvc.embedded.servers import EmbeddedServers
from tests.embedded.processes import owner_of_servers, wait_for_end, working_in

ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root can become another user")
ORDINARY_USER = pwd.getpwnam("daemon").pw_uid
# An ordinary user for everything but this: the Python and the clone under test may lie behind folders closed to others.
AS_ORDINARY_USER = (
    "setpriv",
    f"--reuid={ORDINARY_USER}",
    f"--regid={ORDINARY_USER}",
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--securebits=+no_setuid_fixup",
    "--",
)


def state(folder: Path) -> tuple[int, int, int]:
    found = folder.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


def users_of(pids: set[int]) -> set[int]:
    found = set()
    for pid in pids:
        # PostgreSQL's helpers come and go.
        with suppress(FileNotFoundError):
            found.add(Path(f"/proc/{pid}").stat().st_uid)
    return found


def test_no_parent_folder_is_opened_or_given_away(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    data.mkdir(mode=0o755)
    folders = [data, *data.parents]
    before = [state(folder) for folder in folders]
    with EmbeddedServers(data) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            database.execute("SELECT 1")
        assert [state(folder) for folder in folders] == before
    assert [state(folder) for folder in folders] == before


def test_a_data_folder_that_we_make_is_private(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path / "data"):
        assert state(tmp_path / "data")[0] == 0o700


def test_the_servers_never_run_as_root(data_dir: Path) -> None:
    with EmbeddedServers(data_dir):
        expected = 65534 if ROOT else os.geteuid()
        assert users_of(working_in(data_dir)) == {expected}


@only_root
def test_an_ordinary_user_runs_the_servers_as_itself(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, ORDINARY_USER, ORDINARY_USER)
    with owner_of_servers(folder, run_by=AS_ORDINARY_USER) as owner:
        servers = working_in(folder)
        assert users_of(servers) == {ORDINARY_USER}
        owner.send_signal(signal.SIGKILL)
        wait_for_end(servers)
    with EmbeddedServers(folder) as started_by_root:
        assert users_of(working_in(folder)) == {ORDINARY_USER}
        assert started_by_root.postgres.folder.stat().st_uid == ORDINARY_USER


def test_a_server_folder_of_another_user_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: ORDINARY_USER)
    with pytest.raises(DataFolderUnusable, match=f"belongs to user {tmp_path.stat().st_uid}"):
        owner_of(tmp_path)
