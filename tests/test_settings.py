"""Settings: from environment and file, and refused by name when they do not make a service."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from authsvc.infra.database import Database
from authsvc.settings import SettingsRefused, load_settings

GOOD = {
    "DATABASE_URL": "postgresql://authsvc:own@127.0.0.1/authsvc",
    "VALKEY_URL": "redis://127.0.0.1:6379",
    "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


@pytest.fixture(autouse=True)
def _good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def said_on_refusing() -> str:
    with pytest.raises(SettingsRefused) as refused:
        load_settings()
    return str(refused.value)


def test_three_secrets_in_the_environment_make_a_service() -> None:
    settings = load_settings()
    assert settings.database_url.get_secret_value() == (
        "postgresql+psycopg://authsvc:own@127.0.0.1/authsvc"
    )
    assert "own" not in repr(settings)


def test_several_postgresql_hosts_are_named_as_libpq_names_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever of them is the primary is used."""
    address = "postgresql://a:o%40n@one:5432,two:5433/b?target_session_attrs=read-write"
    monkeypatch.setenv("DATABASE_URL", address)
    database = Database(load_settings().database_url.get_secret_value())
    _, given = database.engine.dialect.create_connect_args(database.engine.url)
    hosts = {"host": "one,two", "port": "5432,5433", "target_session_attrs": "read-write"}
    assert hosts.items() <= given.items()
    assert given["password"] == "o@n"
    database.close()


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("AUTHSVC_ENCRYPTION_KEYS", "", "is missing or a sample"),
        ("AUTHSVC_ENCRYPTION_KEYS", "change-me", "is missing or a sample"),
        ("AUTHSVC_ENCRYPTION_KEYS", "tooshort", "must be Fernet keys"),
        ("DATABASE_URL", "somewhere", "must be postgresql://"),
        ("DATABASE_URL", "mysql://a:b@localhost/c", "must be postgresql://"),
        ("DATABASE_URL", "postgresql://a:b@localhost:port/c", "must be postgresql://"),
        ("DATABASE_URL", "postgresql://a:change-me@localhost/c", "stands in manuals"),
        ("VALKEY_URL", "somewhere", "must be redis://"),
        ("VALKEY_URL", "http://somewhere", "must be redis://"),
        ("VALKEY_URL", "redis://somewhere:port", "must be redis://"),
        ("VALKEY_URL", "unix:", "must be redis://"),
        ("VALKEY_URL", "redis+cluster://somewhere", "must be redis://"),
        ("VALKEY_URL", "unix+cluster://somewhere:1", "must be redis://"),
        ("VALKEY_URL", "redis://:example@localhost", "stands in manuals"),
        ("AUTHSVC_SMTP_URL", "smtp://user:half/other@host", "must be smtp://"),
        ("AUTHSVC_WORKERS", "many", "valid integer"),
        *(
            ("AUTHSVC_ADDRESS_FAILURES", text, "must be a number per time")
            for text in ("many", "50/10minutes;5/second", "0/minute", "1/0minutes")
        ),
        ("AUTHSVC_TLS_CERTIFICATE", "/not/there.pem", "does not point to a file"),
        ("AUTHSVC_TLS_PRIVATE_KEY", __file__, "give both or none"),
        ("AUTHSVC_CONFIG", "/not/there.toml", "cannot be read"),
    ],
)
def test_a_missing_sample_or_malformed_setting_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, what: str
) -> None:
    monkeypatch.setenv(name, value)
    said = said_on_refusing()
    assert name in said
    assert what in said
    # What was given may be most of a secret.
    for secret in ("change-me@", ":example@", "tooshort", "half"):
        assert secret not in said


@pytest.mark.parametrize(
    "address",
    [
        *("redis://a", "rediss://a:1", "valkey://a", "valkeys://u:own@a/2", "unix:///a/b.sock"),
        *("redis+cluster://a:1", "rediss+cluster://u:own@a:1,b:2,c:3"),
    ],
)
def test_every_form_of_a_valkey_address_is_taken(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("VALKEY_URL", address)
    assert load_settings().valkey_url.get_secret_value() == address


def test_a_file_holds_what_is_not_secret_and_the_environment_overrides_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "authsvc.toml"
    file.write_text('workers = 3\nhashing_lanes = 2\npropagation = "push"\n')
    monkeypatch.setenv("AUTHSVC_CONFIG", str(file))
    monkeypatch.setenv("AUTHSVC_WORKERS", "5")
    settings = load_settings()
    assert (settings.workers, settings.hashing_lanes, settings.propagation) == (5, 2, "push")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('database_url = "postgresql://a:b@c/d"', "secrets come from the environment only"),
        ('DATABASE_URL = "postgresql://a:b@c/d"', "secrets come from the environment only"),
        ('encryption_keys = "x"', "secrets come from the environment only"),
        ("workers =", "cannot be read"),
        ("wrokers = 2", "AUTHSVC_WROKERS"),
    ],
)
def test_a_file_with_a_secret_or_a_slip_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, what: str
) -> None:
    file = tmp_path / "authsvc.toml"
    file.write_text(content + "\n")
    monkeypatch.setenv("AUTHSVC_CONFIG", str(file))
    assert what in said_on_refusing()
