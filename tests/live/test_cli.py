"""The commands, from a bare database to a shopper who signs up with what they printed."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from authsvc.embedded.servers import EmbeddedServers
from tests.live.commands import COMMAND_SECONDS, Outcome, Run, in_a_process, refused
from tests.live.conftest import House
from tests.live.instances import Instance, wait_until
from tests.live.storefronts import Storefronts, send


def good(done: Outcome) -> str:
    """Return what a command that succeeded said."""
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(name="variables")
def _variables(data_dir: Path) -> Iterator[dict[str, str]]:
    """Settings for a database that nobody has used yet."""
    with EmbeddedServers(data_dir) as servers:
        yield {
            "DATABASE_URL": servers.database_url,
            "VALKEY_URL": servers.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "AUTHSVC_WORKERS": "1",
        }


def test_from_a_bare_database_to_a_shopper(
    run: Run, variables: dict[str, str], tmp_path: Path
) -> None:
    as_run, run = run, partial(run, variables)
    assert "Run: authsvc migrate" in refused(run("tenant", "list"))
    with ThreadPoolExecutor(2) as pool:
        migrations = [pool.submit(in_a_process, variables, "migrate") for _ in range(2)]
    for migration in migrations:
        assert good(migration.result()) == "The database is up to date."

    tenant = good(run("tenant", "create", "Mystic", "--domain", "api.mystic.example"))
    assert good(run("tenant", "list")) == f"{tenant}\tMystic\tapi.mystic.example"
    good(run("tenant", "set-domain", tenant, "login.mystic.example"))
    assert good(run("tenant", "list")) == f"{tenant}\tMystic\tlogin.mystic.example"
    sports = good(run("site", "create", tenant, "Mystic Sports", "--host", "sports.mystic.example"))
    parts = good(run("site", "create", tenant, "Mystic Parts"))
    assert good(run("customer-set", "create", tenant, "b2b", "Businesses")) == "b2b"
    for _ in range(2):
        said = good(run("site", "assign", tenant, parts, "b2b"))
        assert said.startswith(f"Site {parts} is in the customer set b2b. Plan ")
        assert said.endswith("customers who lost access to a site of theirs: 0.")
    assert good(run("site", "list", tenant)).splitlines() == [
        f"{sports}\tMystic Sports\tdefault\tsports.mystic.example",
        f"{parts}\tMystic Parts\tb2b",
    ]

    printed = good(run("application", "create", tenant, "Storefront")).splitlines()
    client_id, shared_secret = (line.split()[-1] for line in printed)
    listed = good(run("application", "list", tenant))
    assert listed.startswith(f"{client_id}\tStorefront\t")
    assert shared_secret not in listed
    rotated = good(run("application", "rotate-secret", tenant, client_id, "--overlap-hours", "1"))
    assert rotated.splitlines()[1].startswith("old one good until 20")
    assert good(run("application", "list", tenant)).count("secret since") == 2
    assert good(run("application", "bind", tenant, client_id, "--site", sports)) == (
        f"{client_id}\tsites {sports}"
    )
    assert f"\tsites {sports}\n" in good(run("application", "list", tenant))
    assert run("application", "bind", tenant, client_id).returncode == 2

    server = Instance(tmp_path / "serve.log", variables, is_measured=True)
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
        # The running server hears of it within a second, and the ticket with it.
        wait_until(
            lambda: send(connection, "POST", sign_up, enrolment, headers).status == 401,
            "the ticket of an application that is gone is refused",
            2,
        )
        connection.close()
    finally:
        server.put_away()
    (signs,) = good(run("keys", "list")).splitlines()
    assert "signing" in signs
    waits = good(run("keys", "rotate")).splitlines()[0].split()[-1]
    assert good(run("keys", "retire", waits)) == f"Key {waits} is retired."
    assert "authsvc keys rotate" in refused(run("keys", "retire", signs.split()[0]))
    # The future is no time ago: what has not ended yet would be deleted.
    too_few = run("purge", "--days", "-1")
    assert (too_few.returncode, "-1 is not in the range" in too_few.stderr) == (2, True)
    assert good(run("purge", "--days", "0")) == "Deleted 0 sessions and 0 application tokens."
    new_key = f"{Fernet.generate_key().decode()},{variables['AUTHSVC_ENCRYPTION_KEYS']}"
    newer = {**variables, "AUTHSVC_ENCRYPTION_KEYS": new_key}
    assert "need an older key: authsvc keys re-encrypt" in good(
        as_run(newer, "keys", "re-encrypt", "--check")
    )
    assert "The others are not needed." in good(as_run(newer, "keys", "re-encrypt"))
    lost = run("keys", "re-encrypt")
    assert (lost.returncode, "No key opens" in lost.stderr) == (1, True)
    the_trail_is_sealed_verified_and_given_out(run, tenant, tmp_path)


def the_trail_is_sealed_verified_and_given_out(
    run: Callable[..., Outcome], tenant: str, folder: Path
) -> None:
    """See it by the commands of docs/audit.md; `purge` has sealed it."""
    assert good(run("audit", "seal")) == "Sealed 0 entries."
    heads = folder / "heads"
    heads.write_text(good(run("audit", "head")) + "\n\n")
    assert json.loads(heads.read_text())["tenant"] == int(tenant)
    verdict = json.loads(good(run("audit", "verify", "--heads", str(heads))))
    assert (verdict["verified"], verdict["unsealed"]) == (True, 0)
    lines = good(run("audit", "export", "--action", "application.bound")).splitlines()
    (told,) = map(json.loads, lines)
    assert (told["actor"], told["changes"][0]["field"]) == ("system", "sites")
    head, *rows = csv.DictReader(
        good(run("audit", "export", "--tenant", tenant, "--format", "csv")).splitlines()
    )
    assert json.loads(head["changes"])[0]["new"] == "Mystic"
    assert len(rows) + 1 == verdict["sealed"]
    true = heads.read_text()
    forged = true.replace('"digest": "', '"digest": "00')
    # Whichever comes last, a place that was kept with two digests is told.
    for lines_kept in (forged, true + forged, forged + true):
        heads.write_text(lines_kept)
        done = run("audit", "verify", "--heads", str(heads))
        assert done.returncode == 1
        assert json.loads(done.stdout.splitlines()[0])["fault"] == "not as kept"
    heads.write_text("nonsense")
    assert "line 1 is no end of a chain" in run("audit", "verify", "--heads", str(heads)).stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("site", "create", "999999", "Nowhere"), "999999"),
        (("site", "list", "999999"), "999999"),
        (("site", "assign", "999999", "1", "default"), "no tenant 999999"),
        (("customer-set", "create", "999999", "b2c", "B2C"), "999999"),
        (("customer-set", "create", "TENANT", "default", "Again"), "default"),
        (("customer-set", "create", "TENANT", "Not a code", "Name"), "code"),
        (("site", "assign", "TENANT", "999999", "default"), "999999"),
        (("application", "create", "TENANT", "Name", "--behavior", "fly"), "fly"),
        (("application", "create", "999999", "Name"), "999999"),
        (("application", "remove", "TENANT", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    run: Run,
    house: House,
    storefronts: Storefronts,
    arguments: tuple[str, ...],
    word: str,
) -> None:
    tenant = str(storefronts.tenant_id)
    named = [tenant if argument == "TENANT" else argument for argument in arguments]
    assert word in refused(run(house.variables, *named))


def test_a_word_too_few_is_a_usage_error(run: Run) -> None:
    done = run({}, "site", "create")
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def test_a_new_key_needs_no_settings_and_the_module_is_the_command() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "authsvc", "keys", "new"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=True,
    ).stdout.strip()
    Fernet(made)
