"""Customers whose hashes only the merchant's old system knows sign in, and nobody learns who they are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner

from authsvc.credentials.passwords import Passwords
from authsvc.login.rules import BadCredentials
from authsvc.password_verifiers.breaker import MOST_FAILURES
from authsvc.password_verifiers.commands import verifier_commands
from authsvc.password_verifiers.rules import TIMEOUT_SECONDS, NoVerifier, VerifierAway
from authsvc.services import Services
from tests.login.test_imported_hashes import account, hash_of, imported
from tests.merchants import PASSWORD, Merchant
from tests.password_verifiers.old_shop import OldShop, old_shop, verdict
from tests.trail import entries

SITE, EMAIL = "Mystic Sports", "ann@mail.com"
OPAQUE = "v9:" + PASSWORD[::-1]


@pytest.fixture(scope="session", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldShop]:
    with old_shop(tmp_path_factory.mktemp("old_shop")) as shop:
        yield shop


@pytest.fixture(name="shop")
def _shop(server: OldShop, merchant: Merchant) -> Iterator[OldShop]:
    """The old shop of a merchant with one customer who has not been here yet, and one who is at home here."""
    usual = server.answer
    passwords(merchant).verifiers.breaker.note(server.url, answered=True)
    server.asked.clear()
    server.secret = configured(merchant, server)
    merchant.sign_up("home@mail.com", SITE)
    assert imported(merchant, EMAIL, OPAQUE).status_code == 201
    server.asked.clear()
    # What another process remembers for a minute is no part of these tests.
    passwords(merchant)._kinds.clear()
    yield server
    server.answer = usual


def passwords(merchant: Merchant) -> Passwords:
    return merchant.services.login.passwords


def configured(merchant: Merchant, server: OldShop, *, private: bool = True) -> bytes:
    return (
        passwords(merchant)
        .verifiers.set(
            merchant.caller(),
            server.url,
            in_own_network=private,
            authorities=server.authorities,
        )
        .encode()
    )


def test_without_a_verifier_what_is_not_known_is_refused(merchant: Merchant) -> None:
    answer = imported(merchant, EMAIL, OPAQUE)
    assert answer.status_code == 400
    assert OPAQUE not in answer.text


def test_the_old_shop_is_asked_until_the_first_good_sign_in(
    merchant: Merchant, shop: OldShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert account(merchant, EMAIL)["hasExternalPassword"] is True
    with pytest.raises(BadCredentials):
        merchant.sign_in(EMAIL, SITE, "wrong-1")
    merchant.sign_in(EMAIL, SITE)
    assert shop.asked == [
        {"userName": EMAIL, "password": "wrong-1", "externalPassword": OPAQUE},
        {"userName": EMAIL, "password": PASSWORD, "externalPassword": OPAQUE},
    ]
    assert account(merchant, EMAIL)["hasExternalPassword"] is False
    assert hash_of(merchant, EMAIL).startswith("$argon2id$")
    merchant.sign_in(EMAIL, SITE)
    assert all(each["userName"] != EMAIL for each in shop.asked[2:])
    assert not any(secret in caplog.text for secret in ("wrong-1", OPAQUE, shop.secret.decode()))


def test_every_sign_in_asks_once_and_the_old_shop_learns_nothing_of_the_others(
    merchant: Merchant, shop: OldShop
) -> None:
    """Rule 11: unknown, wrong, at home here or there, a stranger who waits learns nothing from how long."""
    merchant.sign_in("home@mail.com", SITE)
    for username, password in (("home@mail.com", "wrong-2"), ("nobody@mail.com", PASSWORD)):
        with pytest.raises(BadCredentials):
            merchant.sign_in(username, SITE, password)
    assert [each["externalPassword"] for each in shop.asked] == [OPAQUE] * 3
    told = str([(each["userName"], each["password"]) for each in shop.asked])
    assert not any(known in told for known in ("home@", "nobody@mail", "wrong-2", PASSWORD))
    assert len({each["password"] for each in shop.asked}) == 3


def test_a_yes_about_nobody_opens_nothing(merchant: Merchant, shop: OldShop) -> None:
    shop.answer = lambda _: (200, {}, verdict(True))
    for username in ("home@mail.com", "nobody@mail.com"):
        with pytest.raises(BadCredentials):
            merchant.sign_in(username, SITE, "wrong-1")


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (302, {"Location": "https://elsewhere.example/"}, b""),
        (500, {}, b""),
        (200, {}, b"true"),
        (200, {}, b'{"isValid": "yes"}'),
        (200, {}, b"not JSON"),
        (200, {}, b" " * 5_000 + b'{"isValid": true}'),
    ],
)
def test_what_is_no_verdict_is_told_to_all_who_are_not_known_to_be_right(
    merchant: Merchant, shop: OldShop, status: int, headers: dict[str, str], said: bytes
) -> None:
    shop.answer = lambda _: (status, headers, said)
    for username, password in ((EMAIL, PASSWORD), (EMAIL, "wrong-1"), ("nobody@mail.com", "x")):
        with pytest.raises(VerifierAway):
            merchant.sign_in(username, SITE, password)
    merchant.sign_in("home@mail.com", SITE)
    answer = merchant.call(
        "POST", "authtickets", {"username": EMAIL, "password": PASSWORD}, site=SITE
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_guesses_count_while_it_is_away_and_it_is_left_alone(
    merchant: Merchant, shop: OldShop
) -> None:
    shop.answer = lambda _: (500, {}, b"")
    for nobody in range(MOST_FAILURES):
        with pytest.raises(VerifierAway):
            merchant.sign_in(f"nobody{nobody}@mail.com", SITE, "wrong-1")
    for _ in range(2):
        with pytest.raises(VerifierAway):
            merchant.sign_in(EMAIL, SITE, "wrong-1")
    assert len(shop.asked) == MOST_FAILURES
    assert account_failures(merchant) == 2


def account_failures(merchant: Merchant) -> int:
    found = account(merchant, EMAIL)["id"]
    return merchant.services.credentials.login_state(
        merchant.tenant_id, found
    ).failed_login_attempt_count


def test_an_endpoint_that_never_ends_its_answer_is_broken_off(
    merchant: Merchant, shop: OldShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = TIMEOUT_SECONDS / 10
    for module in ("calls", "service"):
        monkeypatch.setattr(f"authsvc.password_verifiers.{module}.TIMEOUT_SECONDS", short)

    def late(_: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        sleep(3 * short)
        return 200, {}, verdict(True)

    shop.answer = late
    with pytest.raises(VerifierAway):
        merchant.sign_in(EMAIL, SITE)


def test_a_private_address_and_a_certificate_nobody_vouches_for_are_not_talked_to(
    merchant: Merchant, shop: OldShop
) -> None:
    configured(merchant, shop, private=False)
    with pytest.raises(VerifierAway):
        merchant.sign_in(EMAIL, SITE)
    passwords(merchant).verifiers.set(merchant.caller(), shop.url, in_own_network=True)
    with pytest.raises(VerifierAway):
        merchant.sign_in(EMAIL, SITE)
    assert shop.asked == []


def test_who_is_let_into_the_own_network_is_said_by_the_operator_for_one_address(
    merchant: Merchant, shop: OldShop
) -> None:
    """What staff may set on a page keeps what the operator allowed, and takes it to no other address."""
    verifiers = passwords(merchant).verifiers
    verifiers.set(merchant.caller(), shop.url)
    kept = verifiers.verifier(merchant.tenant_id)
    assert kept is not None
    assert kept.in_own_network
    assert kept.authorities == shop.authorities
    verifiers.set(merchant.caller(), shop.url + "2")
    other = verifiers.verifier(merchant.tenant_id)
    assert other is not None
    assert not other.in_own_network
    assert other.authorities is None


def test_the_operator_configures_it_by_command_and_the_secret_is_encrypted(
    merchant: Merchant, services: Services, server: OldShop, tmp_path: Path
) -> None:
    command = verifier_commands(lambda: nullcontext(passwords(merchant).verifiers))
    (tmp_path / "ca.pem").write_text(server.authorities)
    tenant = str(merchant.tenant_id)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    secret = run(
        "set", tenant, server.url, "--in-own-network", "--authorities", str(tmp_path / "ca.pem")
    ).strip()
    assert run("show", tenant).startswith(f"{server.url}\nin our own network")
    kept = services.login.passwords.verifiers.verifier(merchant.tenant_id)
    assert kept is not None
    assert kept.secret == secret.encode()
    with services.database.connection() as connection:
        stored = connection.exec_driver_sql(
            "SELECT secret_encrypted FROM password_verifiers WHERE tenant_id = %(id)s",
            {"id": merchant.tenant_id},
        ).scalar_one()
    assert secret.encode() not in bytes(stored)
    run("remove", tenant)
    with pytest.raises(NoVerifier):
        run("show", tenant)
    noted = [each["action"] for each in entries(services, merchant.tenant_id)]
    assert noted[-2:] == ["password_verifier.set", "password_verifier.removed"]
    assert secret not in str(entries(services, merchant.tenant_id))


def test_without_it_those_who_waited_choose_a_new_password(
    merchant: Merchant, shop: OldShop
) -> None:
    passwords(merchant).verifiers.remove(merchant.caller())
    with pytest.raises(BadCredentials):
        merchant.sign_in(EMAIL, SITE)
