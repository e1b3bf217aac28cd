"""What happens while a password is hashed, or a token looked up, counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from authsvc.errors import AuthsvcError
from authsvc.login.rules import (
    AccountLocked,
    BadCredentials,
    Ticket,
)
from authsvc.services import Services
from authsvc.sessions.rules import RefreshToken
from authsvc.settings import Settings
from authsvc.tokens import TokenReference
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def refusal_of(merchant: Merchant, username: str, site: str, password: str) -> AuthsvcError:
    """Return how a sign-in is refused."""
    with pytest.raises(AuthsvcError) as refused:
        merchant.sign_in(username, site, password)
    return refused.value


def lock(services: Services, merchant: Merchant, account: int) -> None:
    services.credentials.set_locked(merchant.caller(), account, locked=True)


def change_password(services: Services, merchant: Merchant, account: int) -> None:
    services.credentials.change_password(merchant.caller(), account, PASSWORD, "Mystic-2027")


def move(services: Services, merchant: Merchant, account: int) -> None:
    merchant.move(account, "b2b")


def delete(services: Services, merchant: Merchant, account: int) -> None:
    services.accounts.delete(merchant.caller(), account)


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (change_password, BadCredentials),
        (move, BadCredentials),
        (delete, BadCredentials),
        (lock, AccountLocked),
    ],
)
def test_what_happens_while_the_password_is_hashed_counts(
    settings: Settings,
    merchant: Merchant,
    meanwhile: Callable[[Services, Merchant, int], None],
    refusal: type[AuthsvcError],
) -> None:
    """A lock, a move or a new password that came meanwhile is seen."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        verify = services.hashing._verify

        def slowly(stored_hash: str, prepared: str) -> bool:
            matched = verify(stored_hash, prepared)
            meanwhile(merchant.services, merchant, account_id(ticket))
            return matched

        services.hashing._verify = slowly  # type: ignore[method-assign]  # a hash that takes its time
        refused = refusal_of(on(services, merchant), "stacy@mail.com", "Mystic Sports", PASSWORD)
    assert isinstance(refused, refusal)


def move_both(merchant: Merchant, account: int) -> None:
    """Move Mystic Sports to another set, together with an account."""
    merchant.move(account, "b2b")
    merchant.services.customer_sets.assign_site(
        merchant.caller(), merchant.site("Mystic Sports"), "b2b"
    )


def test_who_is_moved_together_with_the_site_meanwhile_is_let_in(
    settings: Settings, merchant: Merchant
) -> None:
    """[B]: …ensure that you also reassign all applicable customer accounts to the same customer set."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        verify = services.hashing._verify

        def slowly(stored_hash: str, prepared: str) -> bool:
            services.hashing._verify = verify  # type: ignore[method-assign]  # once
            move_both(merchant, account_id(ticket))
            return verify(stored_hash, prepared)

        services.hashing._verify = slowly  # type: ignore[method-assign]  # a hash that takes its time
        signed_in = on(services, merchant).sign_in("stacy@mail.com", "Mystic Sports")
    assert signed_in.account is not None
    assert signed_in.account.customer_set == "b2b"


def test_who_is_moved_together_with_the_site_meanwhile_can_refresh(
    settings: Settings, merchant: Merchant
) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        store = services.sessions.store
        look_up = store.refresh_token

        def slowly(token: TokenReference) -> RefreshToken | None:
            store.refresh_token = look_up  # type: ignore[method-assign]  # once
            move_both(merchant, account_id(ticket))
            return look_up(token)

        store.refresh_token = slowly  # type: ignore[method-assign]  # a look-up that takes its time
        renewed = services.login.refresh(
            merchant.caller("Mystic Sports"), ticket.tokens.refresh_token
        )
    assert renewed.user_id == ticket.user_id
