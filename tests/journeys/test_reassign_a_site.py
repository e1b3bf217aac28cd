"""[B] Assign Sites to Customer Sets: a site that is reassigned without its customers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from authsvc.login.rules import BadCredentials, Ticket
from authsvc.sessions.rules import NoSession, Refusal, UnknownRefreshToken
from authsvc.settings import Propagation, Settings
from authsvc.tokens import Audience, reference
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant

# Sessions of this story outlive the 15 minutes that it is about.
LONG = {"access_token_seconds": 7200}


def refusal(merchant: Merchant, ticket: Ticket, site: str) -> Refusal | None:
    """Return why a session is refused on a site, or None."""
    token = reference(ticket.tokens.access_token, Audience.SHOPPER)
    try:
        merchant.services.sessions.check(token, merchant.site(site))
    except NoSession as refused:
        return refused.refusal
    return None


def move_kids(merchant: Merchant, code: str) -> None:
    """Reassign Mystic Kids."""
    merchant.services.customer_sets.assign_site(
        merchant.caller(), merchant.site("Mystic Kids"), code
    )


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="here")
def _here(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings, clock, **LONG) as services:
        yield on(services, merchant)


@pytest.fixture(name="there")
def _there(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings, clock, **LONG) as services:
        yield on(services, merchant)


def test_sessions_on_the_reassigned_site_end_when_the_cache_refreshes(
    here: Merchant, there: Merchant, clock: HeldClock
) -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    stacy = here.sign_up("stacy@mail.com", "Mystic Kids")
    for side in (here, there):
        assert refusal(side, stacy, "Mystic Kids") is None
        assert refusal(side, stacy, "Mystic Sports") is None
    move_kids(here, "b2b")
    clock.pass_time(minutes=14, seconds=59)
    assert refusal(there, stacy, "Mystic Kids") is None
    clock.pass_time(seconds=1)
    for side in (here, there):
        assert refusal(side, stacy, "Mystic Kids") is Refusal.OTHER_CUSTOMER_SET
        assert refusal(side, stacy, "Mystic Sports") is None


def test_pushed_they_end_at_once(settings: Settings, merchant: Merchant) -> None:
    """Design §4: with push, an admin's change invalidates it everywhere at once."""
    push = {"propagation": Propagation.PUSH}
    with machine(settings, None, **push) as one, machine(settings, None, **push) as two:
        here, there = on(one, merchant), on(two, merchant)
        stacy = here.sign_up("stacy@mail.com", "Mystic Kids")
        for side in (here, there):
            assert refusal(side, stacy, "Mystic Kids") is None
        move_kids(here, "b2b")
        two.invalidation.follow()
        for side in (here, there):
            assert refusal(side, stacy, "Mystic Kids") is Refusal.OTHER_CUSTOMER_SET
            assert refusal(side, stacy, "Mystic Sports") is None


def test_the_customers_can_no_longer_use_their_credentials_on_the_reassigned_site(
    here: Merchant, there: Merchant
) -> None:
    """[B]: …the customers will no longer be able to use their login credentials on the reassigned site."""
    stacy = here.sign_up("stacy@mail.com", "Mystic Kids")
    move_kids(here, "b2b")
    for side in (here, there):
        with pytest.raises(BadCredentials):
            side.sign_in("stacy@mail.com", "Mystic Kids")
        with pytest.raises(UnknownRefreshToken):
            side.services.login.refresh(side.caller("Mystic Kids"), stacy.tokens.refresh_token)
        assert side.sign_in("stacy@mail.com", "Mystic Sports").user_id == stacy.user_id


def test_they_will_have_to_create_a_new_account_for_that_site_and_can_at_once(
    here: Merchant, there: Merchant
) -> None:
    """[B]: …and will have to create a new customer account for that site. A remembered set keeps no door closed."""
    stacy = there.sign_up("stacy@mail.com", "Mystic Kids")
    move_kids(here, "b2b")
    anew = there.sign_up("stacy@mail.com", "Mystic Kids", "Another-2026")
    assert anew.account is not None
    assert anew.account.customer_set == "b2b"
    assert anew.user_id != stacy.user_id
    for side in (here, there):
        for site in ("Mystic Kids", "Mystic Parts"):
            assert refusal(side, anew, site) is None
            assert side.sign_in("stacy@mail.com", site, "Another-2026").user_id == anew.user_id
        assert refusal(side, anew, "Mystic Sports") is Refusal.OTHER_CUSTOMER_SET
        assert side.sign_in("stacy@mail.com", "Mystic Sports").user_id == stacy.user_id


def test_customers_of_the_new_set_are_let_in_at_once(here: Merchant, there: Merchant) -> None:
    """A remembered set must not keep a new door closed."""
    big_sports = there.sign_up("buying@bigsports.com", "Mystic Parts")
    assert refusal(there, big_sports, "Mystic Kids") is Refusal.OTHER_CUSTOMER_SET
    move_kids(here, "b2b")
    assert refusal(there, big_sports, "Mystic Kids") is None
    assert there.sign_in("buying@bigsports.com", "Mystic Kids").user_id == big_sports.user_id


def test_a_site_that_comes_back_lets_its_customers_in_again(
    here: Merchant, there: Merchant, clock: HeldClock
) -> None:
    stacy = here.sign_up("stacy@mail.com", "Mystic Kids")
    move_kids(here, "b2b")
    clock.pass_time(minutes=15)
    assert refusal(there, stacy, "Mystic Kids") is Refusal.OTHER_CUSTOMER_SET
    move_kids(here, "b2c")
    assert refusal(there, stacy, "Mystic Kids") is None


def test_anonymous_shoppers_stay_with_the_set_they_came_in(
    here: Merchant, clock: HeldClock
) -> None:
    visitor = here.services.login.anonymous(here.caller("Mystic Kids"))
    move_kids(here, "b2b")
    clock.pass_time(minutes=15)
    assert refusal(here, visitor, "Mystic Kids") is Refusal.OTHER_CUSTOMER_SET
    assert refusal(here, visitor, "Mystic Sports") is None
    again = here.services.login.anonymous(here.caller("Mystic Kids"))
    assert refusal(here, again, "Mystic Kids") is None
