"""A passkey after the password, where the set has them as second factors, and every way in which it must not be one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authsvc.login.rules import Ticket
from authsvc.passkeys.rules import PasskeyUse
from authsvc.second_factor.rules import Factor
from tests.merchants import PASSWORD
from tests.passkeys.authenticator import PRESENT, Authenticator
from tests.passkeys.conftest import Shops, account_id
from tests.storefront.shopper import ShopperBrowser
from tests.trail import actions

SITE = "Mystic Sports"


@dataclass(frozen=True)
class Step:
    """John's sign-in that waits, and what it is completed by."""

    shops: Shops
    limited: str

    def ask(self, site: str = SITE) -> TestResponse:
        """Ask for what the browser is asked with."""
        path = "authtickets/2fa/passkey/request"
        return self.shops.merchant.call("POST", path, site=site, shopper=self.limited)

    def asked(self) -> dict[str, Any]:
        """Return the answer of that."""
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        asked: dict[str, Any] = answer.get_json()
        return asked

    def give(self, asked: dict[str, Any], shown: dict[str, Any], site: str = SITE) -> TestResponse:
        """Complete the sign-in by what a device answered."""
        body = {"challengeToken": asked["challengeToken"], "credential": shown}
        client = self.shops.merchant.client.application.test_client()
        return replace(self.shops.merchant, client=client).call(
            "POST", "authtickets/2fa/passkey/auth", body, site=site, shopper=self.limited
        )

    def status(self, device: Authenticator, **said: Any) -> int:  # noqa: ANN401  as browsers do
        """Complete the sign-in with a device, from asking on."""
        asked = self.asked()
        return self.give(asked, device.show(asked["publicKey"], **said)).status_code


@pytest.fixture(name="key")
def _key(shops: Shops, john: Ticket) -> Authenticator:
    """John's security key, which asks its owner for nothing but a touch."""
    policies = shops.merchant.services.passkeys.policies
    policies.set_policy(shops.merchant.caller(), "b2c", PasskeyUse.SECOND_FACTOR)
    device = shops.device(flags=PRESENT)
    assert shops.add(john, device).status_code == 201
    return device


def begin(shops: Shops) -> Step:
    """Show John's password, which is not enough."""
    body = {"username": "john@mail.com", "password": PASSWORD}
    answer = shops.merchant.call("POST", "authtickets", body, site=SITE).get_json()
    assert (answer["requires2FA"], answer["secondFactors"]) == (True, ["passkey"])
    return Step(shops, answer["accessToken"])


def test_a_passkey_completes_the_sign_in_once_and_the_session_tells(
    shops: Shops, john: Ticket, key: Authenticator
) -> None:
    """[Issue 6] With the limited ticket of the password, which is used up by it."""
    step = begin(shops)
    asked = step.asked()
    assert len(asked["publicKey"]["allowCredentials"]) == 1
    answer = step.give(asked, key.show(asked["publicKey"]))
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["userId"] == john.user_id
    session = shops.merchant.check(answer.get_json()["accessToken"], SITE).get_json()
    assert session["methods"] == ["password", "passkey"]
    assert step.ask().status_code == 401
    assert step.give(asked, key.show(asked["publicKey"])).status_code == 401


def test_of_many_who_complete_it_at_once_one_is_signed_in(shops: Shops, key: Authenticator) -> None:
    """Whether they show one challenge or one each."""
    for challenges in (1, 3):
        step = begin(shops)
        asked = [step.asked() for _ in range(challenges)] * (3 // challenges)
        shown = [key.show(each["publicKey"]) for each in asked]
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(step.give, asked, shown))
        assert sorted(each.status_code for each in answers) == [201, 401, 401]


@pytest.mark.parametrize(
    "said",
    [{"origin": "https://evil.example"}, {"crossOrigin": True}, {"challenge": "AAAA"}],
    ids=str,
)
def test_what_was_signed_elsewhere_completes_nothing(
    shops: Shops, john: Ticket, key: Authenticator, said: dict[str, Any]
) -> None:
    step = begin(shops)
    assert step.status(key, **said) == 401
    assert step.status(replace(key, key=Authenticator("").key)) == 401
    # And is noted, as wrong codes are; the third try is the last.
    assert step.status(key) == 201
    done = actions(shops.merchant.services, shops.merchant.tenant_id, f"account:{account_id(john)}")
    assert done.count("account.second_factor_refused") == 2


def test_three_tries_are_all(shops: Shops, key: Authenticator) -> None:
    step = begin(shops)
    assert [step.status(key, origin="https://evil.example") for _ in range(3)] == [401, 401, 401]
    assert step.status(key) == 401
    assert begin(shops).status(key) == 201


def test_it_takes_ones_own_passkey_ones_own_challenge_and_the_site_it_began_on(
    shops: Shops, key: Authenticator
) -> None:
    eve = shops.merchant.sign_up("eve@mail.com", SITE)
    eves = shops.device()
    assert shops.add(eve, eves).status_code == 201
    step, other = begin(shops), begin(shops)
    assert step.status(eves) == 401, "another account's passkey"
    asked = other.asked()
    assert step.give(asked, key.show(asked["publicKey"])).status_code == 401, "another sign-in's"
    assert step.ask("Mystic Kids").status_code == 401
    assert other.give(asked, key.show(asked["publicKey"]), "Mystic Kids").status_code == 401
    assert other.give(asked, key.show(asked["publicKey"])).status_code == 201
    # What shows no sign-in that waits tells nobody's passkeys.
    ticket = eve.tokens.access_token
    for shown in ("", "x", ticket):
        assert replace(other, limited=shown).ask().status_code == 401


def test_a_lock_and_a_set_that_changes_its_mind_count_until_the_end(
    shops: Shops, john: Ticket, key: Authenticator
) -> None:
    services, caller = shops.merchant.services, shops.merchant.caller()
    step = begin(shops)
    services.accounts.set_locked(caller, account_id(john), locked=True)
    assert step.status(key) == 403
    services.accounts.set_locked(caller, account_id(john), locked=False)
    asked = step.asked()
    services.passkeys.policies.set_policy(caller, "b2c", PasskeyUse.OFF)
    assert step.ask().status_code == 403
    assert step.give(asked, key.show(asked["publicKey"])).status_code == 401
    assert shops.merchant.sign_in("john@mail.com", SITE).user_id == john.user_id


def test_a_sign_in_that_waits_for_a_mailed_code_takes_no_passkey_and_tells_of_none(
    shops: Shops, key: Authenticator
) -> None:
    """A key that asks for a touch opens nothing by itself, and strangers may have codes mailed to anybody."""
    services, merchant = shops.merchant.services, shops.merchant
    (known,) = services.applications.store.applications(merchant.tenant_id)
    caller = replace(merchant.caller(SITE), application=known.client_id)
    step = begin(shops)
    waiting = services.sign_in.completion.second_factors.waiting(caller, step.limited)
    services.sign_in.completion.second_factors.pending.put(
        replace(waiting, methods=(), factors=frozenset({Factor.EMAIL_CODE}))
    )
    asked = begin(shops).asked()
    assert step.ask().status_code == 403
    assert step.give(asked, key.show(asked["publicKey"])).status_code == 401


def test_the_hosted_page_asks_for_the_passkey_alone_where_there_is_no_code(
    shops: Shops, app: Flask, key: Authenticator
) -> None:
    shop, browser = shops.origin(SITE), ShopperBrowser(app)
    own_page = {"on_code": f"{shop}/own-code"}
    page = browser.post(
        f"{shop}/login", username="john@mail.com", password=PASSWORD, form=own_page
    ).text
    assert "Use your passkey" in page
    assert 'id="code"' not in page
    assert browser.session(shop) == 401
    # Whoever has an app as well may give its code, without JavaScript too.
    factors = shops.merchant.services.sign_in.completion.second_factors
    token = browser.cookie(shop, "__Host-authsvc-sign-in") or ""
    caller = replace(shops.merchant.caller(SITE), application=None)
    waiting = factors.waiting(caller, token)
    factors.pending.put(replace(waiting, factors=waiting.factors | {Factor.AUTHENTICATOR_APP}))
    page = browser.get(f"{shop}/login/code").text
    assert 'id="code"' in page
    assert 'data-passkey="second-factor"' in page
    asked = browser.post(f"{shop}/login/code/passkey/request").get_json()

    def give(device: Authenticator) -> TestResponse:
        shown = json.dumps(device.show(asked["publicKey"]))
        return browser.post(
            f"{shop}/login/code/passkey", challenge=asked["challengeToken"], credential=shown
        )

    assert "does not sign in here" in give(replace(key, origin=shops.origin("Mystic Kids"))).text
    give(key)
    assert browser.session(shop) == 200
    # Another browser has nothing to complete.
    assert "too long" in ShopperBrowser(app).post(f"{shop}/login/code/passkey").text
