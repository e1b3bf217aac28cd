"""What shoppers, storefronts and staff see of the limits: in pages, in the API, in the trail, in the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from authsvc.accounts.rules import EmailAddressTaken
from authsvc.app import create_app
from authsvc.callers import Caller, Shopper
from authsvc.errors import AuthsvcError
from authsvc.guessing.rules import (
    FREE_ALTOGETHER,
    FREE_FROM_ONE_ORIGIN,
    Door,
    TooManyFailures,
)
from authsvc.guessing.service import SUBJECT
from authsvc.login.rules import BadCredentials
from authsvc.metrics.worker_figures import figures_of
from authsvc.services import Services
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.guessing.conftest import forget_everything
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant
from tests.storefront.shopper import ShopperBrowser
from tests.trail import changes, entries

STACY, NOBODY = "stacy@mail.com", "nobody@mail.com"


@dataclass(frozen=True)
class Shop:
    """A merchant's site with a host, on a machine whose time the test holds."""

    merchant: Merchant
    services: Services
    clock: HeldClock
    address: str

    def browser(self, address: str) -> ShopperBrowser:
        """Return a shopper's browser at an address of the network."""
        return ShopperBrowser(create_app(self.services), address)

    def guess(self, name: str, number: int) -> None:
        """Type a wrong password, from an address that nobody else has."""
        caller = Caller(
            self.merchant.tenant_id,
            self.merchant.site("Mystic Sports"),
            remote_address=f"10.{number >> 8}.{number & 255}.1",
        )
        with pytest.raises(BadCredentials):
            self.services.login.sign_in(caller, name, "Wrong-1")


@pytest.fixture(name="shop")
def _shop(settings: Settings, merchant: Merchant) -> Iterator[Shop]:
    host = f"sports-{merchant.tenant_id}.example.com"
    structure = merchant.services.customer_sets.structure
    structure.add_host(merchant.tenant_id, merchant.site("Mystic Sports"), host)
    clock = HeldClock()
    with machine(settings, clock) as services:
        yield Shop(on(services, merchant), services, clock, f"https://{host}")
    forget_everything(settings)


def test_a_page_says_when_to_try_again_and_keeps_the_name_whether_it_exists_or_not(
    shop: Shop,
) -> None:
    """Status, words, time and header are the same, and nothing was hashed for it."""
    shop.merchant.sign_up(STACY, "Mystic Sports")
    told = {}
    for name in (STACY, NOBODY):
        for number in range(FREE_ALTOGETHER):
            shop.guess(name, number)
    shop.services.hashing.close()
    for name in (STACY, NOBODY):
        answer = shop.browser("203.0.113.7").post(
            f"{shop.address}/login", username=name, password=PASSWORD
        )
        assert answer.status_code == 429
        assert f'value="{name}"' in answer.text
        assert "Too many failed attempts. Try again in 1 second, or reset" in answer.text
        told[name] = (answer.headers["Retry-After"], answer.text.replace(name, ""))
    assert told[STACY] == told[NOBODY]
    assert told[STACY][0] == "1"


def test_a_browser_that_has_signed_in_before_is_not_kept_out_by_strangers(shop: Shop) -> None:
    shop.merchant.sign_up(STACY, "Mystic Sports")
    own, new = shop.browser("192.0.2.1"), shop.browser("198.51.100.1")
    own.post(f"{shop.address}/login", username=STACY, password=PASSWORD)
    own.post(f"{shop.address}/logout")
    for number in range(shop.services.attempts.limits.strangers):
        shop.clock.pass_time(minutes=16)
        shop.guess(STACY, number)
    typed = {"username": STACY, "password": PASSWORD}
    refused = new.post(f"{shop.address}/login", form=typed)
    assert refused.status_code == 429
    assert "Reset the password" in refused.text
    # On its way to another network it is the same browser.
    assert own.session(shop.address) == 401
    own._address = "198.51.100.2"
    assert own.post(f"{shop.address}/login", form=typed, follow=False).status_code == 303
    state = shop.merchant.services.credentials.login_state_by_name(
        shop.merchant.caller("Mystic Sports"), STACY, None
    )
    assert (state.is_locked, state.remaining_login_attempts) == (False, 0)
    assert state.is_refused_for_now


def test_the_api_says_so_in_its_envelope_and_the_login_state_tells_the_truth(
    merchant: Merchant, settings: Settings
) -> None:
    account = merchant.sign_up(STACY, "Mystic Sports").account
    assert account is not None
    ticket = {"username": STACY, "password": "Wrong-1"}
    for _ in range(FREE_FROM_ONE_ORIGIN):
        answer = merchant.call("POST", "authtickets", ticket, site="Mystic Sports")
        assert answer.status_code == 401
    answer = merchant.call("POST", "authtickets", ticket, site="Mystic Sports")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.json is not None
    assert answer.json["errorCode"] == "EXCEEDED_MAX_RETRIES"
    state = merchant.call("GET", f"accounts/{account.id}/loginstate").json
    assert state is not None
    told = (state["failedLoginAttemptCount"], state["remainingLoginAttempts"], state["isLocked"])
    assert told == (FREE_FROM_ONE_ORIGIN, settings.failed_login_limit - FREE_FROM_ONE_ORIGIN, False)
    assert state["firstFailedLoginAttemptOn"] is not None
    # From elsewhere the storefront tells where its shopper is.
    elsewhere = {"x-auth-device-address": "203.0.113.99"}
    good = merchant.call(
        "POST",
        "authtickets",
        {**ticket, "password": PASSWORD},
        site="Mystic Sports",
        headers=elsewhere,
    )
    assert good.status_code == 201
    state = merchant.call("GET", f"accounts/{account.id}/loginstate").json
    assert state is not None
    assert state["failedLoginAttemptCount"] == 0
    assert state["lastLoginOn"] is not None


def test_an_account_on_which_nobody_can_go_on_is_locked_for_the_vendors_clients(
    shop: Shop,
) -> None:
    account = shop.merchant.sign_up(STACY, "Mystic Sports").account
    assert account is not None
    attempts, limits = shop.services.attempts, shop.services.attempts.limits
    site = shop.services.directory.site(
        shop.merchant.tenant_id, shop.merchant.site("Mystic Sports")
    )
    for number in range(limits.altogether):
        shop.clock.pass_time(minutes=16)
        device = "phone" if number >= limits.strangers else None
        elsewhere = replace(shop.merchant.caller(), application=f"a{number}")
        attempts.begin(elsewhere, site, STACY, device=device)
    state = shop.services.credentials.login_state(shop.merchant.tenant_id, account.id)
    assert (state.is_locked, state.failed_login_attempt_count) == (True, 100)
    assert state.last_locked_on is not None
    shop.services.credentials.set_locked(shop.merchant.caller(), account.id, locked=False)
    assert shop.merchant.sign_in(STACY, "Mystic Sports").account is not None


def test_stuffing_is_told_in_every_tenants_trail_and_where_only_in_its_own(
    shop: Shop, other_merchant: Merchant
) -> None:
    merchant, services = shop.merchant, shop.services
    # Of the tenants that other tests have made none is told.
    attempts = replace(
        services.attempts, tenant_ids=lambda: [merchant.tenant_id, other_merchant.tenant_id]
    )
    site = services.directory.site(merchant.tenant_id, merchant.site("Mystic Sports"))
    caller = Caller(merchant.tenant_id, site.id)
    for number in range(attempts.limits.noticed_at.amount):
        stranger = replace(caller, remote_address=f"10.{number >> 8}.{number & 255}.1")
        permit = attempts.begin(stranger, site, f"{number}@mail.com")
        attempts.failed(permit)
    (own,) = entries(services, merchant.tenant_id, SUBJECT)
    (told,) = entries(services, other_merchant.tenant_id, SUBJECT)
    assert own["action"] == told["action"] == "guessing.hardened"
    assert changes(own) == {"hardened": (False, True), "noticedOn": (None, "b2c")}
    assert changes(told) == {"hardened": (False, True)}
    assert figures_of(services, create_app(services))["authsvc_guessing_hardened"] == [({}, 1.0)]
    shop.clock.pass_time(seconds=services.settings.hardened_seconds)
    with attempts.judged(caller, Door.SIGN_UP):
        pass
    assert [each["action"] for each in entries(services, merchant.tenant_id, SUBJECT)] == [
        "guessing.hardened",
        "guessing.eased",
    ]
    counted = {
        (labels["door"], labels["outcome"]): count
        for labels, count in figures_of(services, create_app(services))["authsvc_attempts_total"]
    }
    assert counted["password", "failed"] == attempts.limits.noticed_at.amount


def test_an_address_tries_no_secrets_of_applications_for_ever(
    shop: Shop, settings: Settings
) -> None:
    with machine(settings, shop.clock, tenant_failures="3/10minutes") as its:
        client = create_app(its).test_client()
        tried = {"applicationId": "no-such", "sharedSecret": "wrong"}
        statuses = [
            client.post(
                "/api/platform/applications/authtickets",
                json=tried,
                environ_overrides={"REMOTE_ADDR": "203.0.113.200"},
            ).status_code
            for _ in range(5)
        ]
    assert statuses == [401, 401, 401, 429, 429]


def test_a_shopper_asks_for_no_taken_addresses_for_ever(shop: Shop, settings: Settings) -> None:
    """Each "already associated with a login" tells who exists, as it does at a sign-up."""
    shop.merchant.sign_up(STACY, "Mystic Sports")
    with machine(settings, shop.clock, address_failures="3/10minutes") as its:
        merchant = on(its, shop.merchant)
        ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
        account = ticket.account
        assert account is not None
        curious = Caller(
            merchant.tenant_id,
            merchant.site("Mystic Sports"),
            shopper=Shopper(ticket.tokens.session_id, ticket.user_id, account.id, "b2c"),
            carries_shopper=True,
            remote_address="203.0.113.201",
        )

        def ask_for(address: str) -> type[AuthsvcError] | None:
            try:
                its.accounts.update(curious, account.id, {"email_address": address})
            except AuthsvcError as refused:
                return type(refused)
            return None

        asked = [ask_for(STACY) for _ in range(5)]
        # What is sent back as it was read is no question.
        assert ask_for("John@mail.com") is None
    assert asked == [EmailAddressTaken] * 3 + [TooManyFailures] * 2
