"""Rule 8: True under any concurrency, and the loser of a race gets the same clean refusal.

Each race is held open by a transaction that is not committed yet, and decided by what the second one does meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.errors import AuthsvcError
from authsvc.login.rules import Enrolment, Ticket
from authsvc.sessions.rules import UnknownRefreshToken
from tests.merchants import PASSWORD, Merchant
from tests.overlaps import DEADLINE_SECONDS, meanwhile


def sign_up(
    merchant: Merchant, site: str, email: str | None, username: str | None
) -> Callable[[], Ticket]:
    """Return a sign-up to be done later."""
    enrolment = Enrolment({"email_address": email, "username": username}, PASSWORD)
    return lambda: merchant.services.login.sign_up(merchant.caller(site), enrolment)


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        (("a@mail.com", "x"), ("b@mail.com", "X"), UsernameTaken),
        (("a@mail.com", "x"), ("A@mail.com", "y"), EmailAddressTaken),
        (("a@mail.com", "x"), ("b@mail.com", "a@mail.com"), UsernameTaken),
        ((None, "b@mail.com"), ("b@mail.com", "y"), EmailAddressTaken),
    ],
)
def test_the_loser_of_a_race_gets_the_same_clean_refusal(
    merchant: Merchant,
    first: tuple[str | None, str],
    second: tuple[str | None, str],
    refusal: type[AuthsvcError],
) -> None:
    winner = sign_up(merchant, "Mystic Sports", *first)
    loser = sign_up(merchant, "Mystic Kids", *second)
    with meanwhile(merchant.services, winner, loser) as race, pytest.raises(refusal):
        race.result(DEADLINE_SECONDS)
    count = merchant.services.accounts.store.count_by_set(merchant.tenant_id, ["b2c"])
    assert count == {"b2c": 1}


def test_there_is_no_race_between_two_sets(merchant: Merchant) -> None:
    one = sign_up(merchant, "Mystic Sports", "a@mail.com", None)
    other = sign_up(merchant, "Mystic Parts", "a@mail.com", None)
    with meanwhile(merchant.services, one, other) as race:
        assert isinstance(race.result(DEADLINE_SECONDS), Ticket)


def test_an_account_moved_into_a_set_meanwhile_has_its_username(merchant: Merchant) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Parts").account
    assert account is not None

    def move() -> None:
        merchant.move(account.id, "b2c")

    newcomer = sign_up(merchant, "Mystic Sports", "other@mail.com", "stacy@mail.com")
    with meanwhile(merchant.services, move, newcomer) as race, pytest.raises(UsernameTaken):
        race.result(DEADLINE_SECONDS)


def test_a_sign_up_keeps_the_site_in_its_set_until_it_is_done(merchant: Merchant) -> None:
    """Rule 7: in the set the site is in at this moment."""
    kids = merchant.site("Mystic Kids")

    def move() -> str:
        sets = merchant.services.customer_sets
        return sets.assign_site(merchant.caller(), kids, "b2b").customer_set

    newcomer = sign_up(merchant, "Mystic Kids", "stacy@mail.com", None)
    with meanwhile(merchant.services, newcomer, move) as race:
        assert race.result(DEADLINE_SECONDS) == "b2b"
    stacy = merchant.services.login.credentials.answering_to(
        merchant.tenant_id, "b2c", "stacy@mail.com"
    )
    assert len(stacy) == 1


def test_a_lock_that_comes_first_keeps_a_sign_in_from_opening_a_session(
    merchant: Merchant,
) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None

    def lock() -> None:
        merchant.services.credentials.set_locked(merchant.caller(), account.id, locked=True)

    def sign_in() -> Ticket:
        return merchant.sign_in("stacy@mail.com", "Mystic Kids")

    with meanwhile(merchant.services, lock, sign_in) as race, pytest.raises(AuthsvcError):
        race.result(DEADLINE_SECONDS)


def test_two_tabs_that_refresh_at_once_get_the_same_successor(merchant: Merchant) -> None:
    """Design §4: the previous one works for a 30 s grace and returns the same successor."""
    old = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens
    got: list[Ticket] = []

    def refresh() -> Ticket:
        caller = merchant.caller("Mystic Kids")
        return merchant.services.login.refresh(caller, old.refresh_token)

    with meanwhile(merchant.services, lambda: got.append(refresh()), refresh) as race:
        second = race.result(DEADLINE_SECONDS)
    assert isinstance(second, Ticket)
    assert second.tokens == got[0].tokens


def test_a_password_is_replaced_by_the_first_of_two_who_know_it(merchant: Merchant) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None

    def change(new: str) -> None:
        merchant.services.credentials.change_password(merchant.caller(), account.id, PASSWORD, new)

    with (
        meanwhile(
            merchant.services, lambda: change("First-2026"), lambda: change("Second-2026")
        ) as race,
        pytest.raises(AuthsvcError),
    ):
        race.result(DEADLINE_SECONDS)
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports", "First-2026").user_id


def test_a_refresh_that_comes_while_the_account_is_locked_continues_nothing(
    merchant: Merchant,
) -> None:
    """Design §4: what is ended is ended for the tokens that were being made meanwhile, too."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    accounts, account_id = merchant.services.accounts, ticket.account.id

    def lock() -> None:
        accounts.set_locked(merchant.caller(), account_id, locked=True)

    def refresh() -> Ticket:
        caller = merchant.caller("Mystic Sports")
        return merchant.services.login.refresh(caller, ticket.tokens.refresh_token)

    with (
        meanwhile(merchant.services, lock, refresh) as race,
        pytest.raises(UnknownRefreshToken),
    ):
        race.result(DEADLINE_SECONDS)


def test_a_lock_that_comes_while_a_session_is_refreshed_voids_the_new_tokens_too(
    merchant: Merchant,
) -> None:
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    accounts, account_id = merchant.services.accounts, ticket.account.id
    renewed: list[Ticket] = []

    def refresh() -> None:
        caller = merchant.caller("Mystic Sports")
        renewed.append(merchant.services.login.refresh(caller, ticket.tokens.refresh_token))

    def lock() -> None:
        accounts.set_locked(merchant.caller(), account_id, locked=True)

    with meanwhile(merchant.services, refresh, lock) as race:
        race.result(DEADLINE_SECONDS)
    assert merchant.check(renewed[0].tokens.access_token, "Mystic Sports").status_code == 401
