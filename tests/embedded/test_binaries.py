"""When a server program is missing, the message says what to do."""

import pytest

from authsvc.embedded import binaries
from authsvc.embedded.binaries import ServersNotInstalled


def test_the_programs_are_found_without_running_the_wheels_code() -> None:
    assert (binaries.postgres_programs() / "initdb").is_file()
    assert binaries.valkey_server().is_file()
    assert binaries.setpriv().is_file()


def test_a_missing_wheel_is_answered_with_make_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    for find in (binaries.postgres_programs, binaries.valkey_server):
        with pytest.raises(ServersNotInstalled, match="make install"):
            find()


def test_a_machine_without_a_program_is_told_to_bring_its_own_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    with pytest.raises(ServersNotInstalled, match="DATABASE_URL"):
        binaries.valkey_server()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServersNotInstalled, match="util-linux"):
        binaries.setpriv()
