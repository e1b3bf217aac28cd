"""The commands, from a bare database to a shopper who signs up with what they printed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from authsvc.embedded.servers import EmbeddedServers
from tests.demos import AUTHSVC
from tests.live.conftest import House
from tests.live.instances import Instance
from tests.live.storefronts import send

COMMAND_SECONDS = 60

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def command(variables: dict[str, str]) -> Run:
    """Return how to run a command with these settings."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [AUTHSVC, *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    return run


def good(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the refusal: one sentence, no traceback, exit code 1."""
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    assert done.stderr.startswith("authsvc: ")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(name="variables")
def _variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings for a database that nobody has used yet."""
    with EmbeddedServers(tmp_path / "bare") as servers:
        yield {
            "DATABASE_URL": servers.database_url,
            "VALKEY_URL": servers.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "AUTHSVC_WORKERS": "1",
        }


def test_from_a_bare_database_to_a_shopper(variables: dict[str, str], tmp_path: Path) -> None:
    run = command(variables)
    assert "Run: authsvc migrate" in refused(run("tenant", "list"))
    with ThreadPoolExecutor(2) as pool:
        assert [good(done) for done in pool.map(run, ["migrate"] * 2)] == [
            "The database is up to date."
        ] * 2
    tenant = good(run("tenant", "create", "Mystic", "--domain", "api.mystic.example"))
    assert good(run("tenant", "list")) == f"{tenant}\tMystic\tapi.mystic.example"
    sports = good(run("site", "create", tenant, "Mystic Sports", "--host", "sports.mystic.example"))
    parts = good(run("site", "create", tenant, "Mystic Parts"))
    assert good(run("customer-set", "create", tenant, "b2b", "Businesses")) == "b2b"
    assert good(run("site", "assign", tenant, parts, "b2b")) == (
        f"Site {parts} is in the customer set b2b."
    )
    assert good(run("site", "list", tenant)).splitlines() == [
        f"{sports}\tMystic Sports\tdefault\tsports.mystic.example",
        f"{parts}\tMystic Parts\tb2b",
    ]

    printed = good(run("application", "create", tenant, "Storefront")).splitlines()
    client_id, shared_secret = (line.split()[-1] for line in printed)
    listed = good(run("application", "list", tenant))
    assert listed.startswith(f"{client_id}\tStorefront\t")
    assert shared_secret not in listed

    server = Instance(tmp_path / "serve.log", variables)
    server.start()
    try:
        server.await_ready()
        connection = server.connect()
        ticket = send(
            connection,
            "POST",
            "/api/platform/applications/authtickets",
            {"applicationId": client_id, "sharedSecret": shared_secret},
            {},
        )
        headers = {
            "Authorization": f"Bearer {ticket.json['accessToken']}",
            "Host": "sports.mystic.example",
        }
        enrolment = {"account": {"emailAddress": "john@mail.com"}, "password": "Mystic-2026"}
        sign_up = "/api/commerce/customer/accounts/add-account-and-login"
        assert send(connection, "POST", sign_up, enrolment, headers).status == 201

        assert good(run("application", "remove", tenant, client_id)) == ""
        # The running server hears of it at once, and the ticket with it.
        assert send(connection, "POST", sign_up, enrolment, headers).status == 401
        connection.close()
    finally:
        server.put_away()
    assert good(run("purge", "--days", "0")) == "Deleted 0 sessions and 0 application tokens."


def test_what_cannot_be_done_is_refused_in_a_sentence(house: House) -> None:
    run = command(house.variables)
    tenant = good(run("tenant", "create", "Refused"))
    refusals: list[tuple[tuple[str, ...], str]] = [
        (("site", "create", "999999", "Nowhere"), "999999"),
        (("customer-set", "create", tenant, "default", "Again"), "default"),
        (("application", "create", tenant, "Name", "--behavior", "fly"), "fly"),
        (("application", "remove", tenant, "nobody"), "nobody"),
    ]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda refusal: run(*refusal[0]), refusals))
    for (arguments, word), outcome in zip(refusals, done, strict=True):
        assert word in refused(outcome), arguments


def test_a_word_too_few_is_a_usage_error() -> None:
    done = command({})("site", "create")
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def test_every_new_key_is_another_and_needs_no_settings() -> None:
    bare = {"PATH": os.environ["PATH"]}
    made = {
        subprocess.run(
            [sys.executable, "-m", "authsvc", "keys", "new"],
            env=bare,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    }
    assert len(made) == 2
    for key in made:
        Fernet(key)
