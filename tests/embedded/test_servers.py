"""Both servers run on one folder, close themselves off, and keep what was written."""

import os
import stat
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text

from authsvc.embedded.data_folder import DataFolderInUse, DataFolderUnusable
from authsvc.embedded.postgres import EmbeddedPostgres
from authsvc.embedded.server import ServerFailed
from authsvc.embedded.servers import EmbeddedServers
from tests.embedded.processes import working_in


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_and_read(servers: EmbeddedServers) -> None:
    """Use both servers by their URLs, as the application does."""
    engine = create_engine(servers.database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
    with redis.from_url(servers.valkey_url) as valkey:
        valkey.set("key", "value")
        assert valkey.get("key") == b"value"


def test_what_was_written_is_there_after_a_clean_stop_and_start(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            database.execute("CREATE TABLE kept AS SELECT 'kept' AS word")
        with redis.from_url(servers.valkey_url) as valkey:
            valkey.set("word", "kept")
    assert not working_in(tmp_path)
    with EmbeddedServers(tmp_path) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            assert database.execute("SELECT word FROM kept").fetchone() == ("kept",)
        with redis.from_url(servers.valkey_url) as valkey:
            assert valkey.get("word") == b"kept"


def test_the_servers_listen_on_private_unix_sockets_only(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            assert database.execute("SHOW listen_addresses").fetchone() == ("",)
        with redis.from_url(servers.valkey_url) as valkey:
            assert valkey.config_get("port") == {"port": "0"}
        for server in (servers.postgres, servers.valkey):
            assert mode(server.socket) == 0o700
            assert mode(server.folder) == 0o700


def test_postgres_asks_for_a_password_that_only_its_owner_can_read(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path) as servers:
        for password in ("", "guessed"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(servers.postgres.connection_string, password=password)
    assert mode(tmp_path / "postgres.password") == 0o600
    with EmbeddedServers(tmp_path / "another") as other:
        assert other.database_url.split("@")[0] != servers.database_url.split("@")[0]


def test_acknowledged_writes_are_on_disk_and_many_workers_can_connect(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            assert database.execute("SHOW fsync").fetchone() == ("on",)
            assert database.execute("SHOW synchronous_commit").fetchone() == ("on",)
            assert database.execute("SHOW max_connections").fetchone() == ("200",)
        with redis.from_url(servers.valkey_url) as valkey:
            assert valkey.config_get("append*") | {
                "appendonly": "yes",
                "appendfsync": "everysec",
            } == (valkey.config_get("append*"))


def test_the_environment_of_the_owner_does_not_change_the_servers(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGDATA", "/nowhere")
    with EmbeddedServers(data_dir) as servers:
        write_and_read(servers)


def test_two_run_side_by_side_on_different_folders(data_dir: Path, tmp_path: Path) -> None:
    with EmbeddedServers(data_dir) as one, EmbeddedServers(tmp_path / "two") as two:
        write_and_read(one)
        write_and_read(two)


def test_a_second_start_on_the_same_folder_is_refused_naming_the_process(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        with pytest.raises(DataFolderInUse, match=f"process {os.getpid()}") as refused:
            EmbeddedServers(data_dir).__enter__()
        assert str(data_dir) in refused.value.message
        write_and_read(servers)


@pytest.mark.parametrize("name", ["with space", "per%25cent?&", 'quote"d', "a,b", "ü", "long" * 50])
def test_any_folder_name_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A name that no client could take as a socket's path gets its sockets elsewhere, in a private folder."""
    folder = tmp_path_factory.mktemp("short") / name
    with EmbeddedServers(folder) as servers:
        write_and_read(servers)
        sockets = {servers.postgres.socket.parent, servers.valkey.socket.parent}
        assert all(mode(socket_folder) == 0o700 for socket_folder in sockets)
    outside = {
        socket_folder for socket_folder in sockets if not socket_folder.is_relative_to(folder)
    }
    assert bool(outside) == (name == "a,b" or len(name) > 100)
    assert not any(socket_folder.exists() for socket_folder in outside)


def test_a_short_socket_folder_that_someone_else_made_is_refused(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path_factory.mktemp("shared")
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    folder = tmp_path / ("long" * 50)
    with EmbeddedServers(folder) as servers:
        taken = servers.valkey.socket.parent
        assert taken.parent == shared
    taken.mkdir()
    taken.chmod(0o777)
    with pytest.raises(DataFolderUnusable, match=str(taken)):
        EmbeddedServers(folder).__enter__()
    assert not working_in(folder)


def test_a_folder_that_cannot_be_made_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnusable, match=str(tmp_path / "file" / "data")):
        EmbeddedServers(tmp_path / "file" / "data").__enter__()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(data_dir: Path) -> None:
    with EmbeddedServers(data_dir):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match="database files are incompatible"):
        EmbeddedServers(data_dir).__enter__()
    assert not working_in(data_dir)


def test_a_first_start_that_failed_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authsvc.embedded.postgres.USER", "pg_reserved")
    with pytest.raises(ServerFailed, match="initdb failed"):
        EmbeddedServers(tmp_path).__enter__()
    assert not (tmp_path / "postgres").exists()
    monkeypatch.undo()
    with EmbeddedServers(tmp_path) as servers:
        write_and_read(servers)


def test_a_server_that_was_not_started_has_no_process(tmp_path: Path) -> None:
    servers = EmbeddedServers(tmp_path)
    assert not servers.postgres.is_running()
    with pytest.raises(ServerFailed, match="not started"):
        _ = servers.postgres.pid
    servers.postgres.stop()
    servers.postgres.kill()


def test_starting_a_running_server_again_changes_nothing(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        before = servers.postgres.pid
        servers.postgres.start()
        assert servers.postgres.pid == before


def test_each_server_can_be_stopped_killed_and_started_alone(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        with psycopg.connect(servers.postgres.connection_string) as database:
            database.execute("CREATE TABLE kept (number integer)")
        for end in ("stop", "kill"):
            for server in (servers.postgres, servers.valkey):
                pid = server.pid
                getattr(server, end)()
                assert not server.is_running()
                assert not server.answers()
                assert not working_in(server.folder)
                server.start()
                assert server.pid != pid
            with psycopg.connect(servers.postgres.connection_string) as database:
                database.execute("INSERT INTO kept VALUES (1)")
        with psycopg.connect(servers.postgres.connection_string) as database:
            assert database.execute("SELECT count(*) FROM kept").fetchone() == (2,)


def test_a_postgres_started_by_hand_on_the_folder_is_left_alone(data_dir: Path) -> None:
    """Files of a dead server are removed; those of a living one never."""
    with EmbeddedServers(data_dir) as servers:
        pid_file = (servers.postgres.folder / "postmaster.pid").read_text()
        by_hand = EmbeddedPostgres(servers.data_folder)
        with pytest.raises(DataFolderUnusable, match=f"process {servers.postgres.pid}"):
            by_hand.command()
        assert (servers.postgres.folder / "postmaster.pid").read_text() == pid_file
        write_and_read(servers)
