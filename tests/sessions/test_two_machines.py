"""Design §4: a revocation, lock, disable, password change, account move or deletion is in force on every worker.

Two machines share the two stores; the second remembers each session, and believes Valkey's copy of it, when the first
ends it. What it remembers it forgets at its next look, which comes by itself within a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from authsvc.callers import Caller, Shopper
from authsvc.infra.schema import invalidation_backlog
from authsvc.login.rules import Ticket
from authsvc.services import Services
from authsvc.sessions.rules import NoSession, Refusal, SessionRecord
from authsvc.sessions.store import SessionStore
from authsvc.settings import Settings
from authsvc.tokens import Audience, TokenReference, reference
from tests.machines import NOWHERE, machine, on
from tests.merchants import PASSWORD, Merchant

NEW_PASSWORD = "Mystic-2027"


@pytest.fixture(name="here")
def _here(settings: Settings, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings) as services:
        yield on(services, merchant)


@pytest.fixture(name="there")
def _there(settings: Settings, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings) as services:
        yield on(services, merchant)


def access(ticket: Ticket) -> TokenReference:
    """Return what a ticket's access token is looked up by."""
    found = reference(ticket.tokens.access_token, Audience.SHOPPER)
    assert found is not None
    return found


def is_let_in(merchant: Merchant, ticket: Ticket, site: str = "Mystic Sports") -> bool:
    """Tell whether a machine lets a session in on a site."""
    try:
        merchant.services.sessions.check(access(ticket), merchant.site(site))
    except NoSession:
        return False
    return True


def is_copied(merchant: Merchant, ticket: Ticket) -> bool:
    """Tell whether a machine believes a copy of the session in Valkey."""
    records = merchant.services.sessions.records
    merchant.services.invalidation.follow()
    return records.remembered(access(ticket)) is not None


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def caller_with(merchant: Merchant, ticket: Ticket) -> Caller:
    """Return the caller that shows a ticket."""
    shopper = Shopper(ticket.tokens.session_id, ticket.user_id, account_id(ticket), "b2c")
    return replace(merchant.caller("Mystic Sports"), shopper=shopper, carries_shopper=True)


def lock(services: Services, caller: Caller, account: int) -> None:
    services.credentials.set_locked(caller, account, locked=True)


def disable(services: Services, caller: Caller, account: int) -> None:
    services.accounts.disable(caller, account)


def delete(services: Services, caller: Caller, account: int) -> None:
    services.accounts.delete(caller, account)


def change_password(services: Services, caller: Caller, account: int) -> None:
    services.credentials.change_password(caller, account, PASSWORD, NEW_PASSWORD)


ENDS = [lock, disable, delete, change_password]


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_an_accounts_access_ends_it_everywhere(
    here: Merchant, there: Merchant, end: Callable[[Services, Caller, int], None]
) -> None:
    tickets = [here.sign_up("stacy@mail.com", "Mystic Sports")]
    tickets += [side.sign_in("stacy@mail.com", "Mystic Kids") for side in (here, there)]
    bystander = there.sign_up("john@mail.com", "Mystic Sports")
    for ticket in (*tickets, bystander):
        assert is_let_in(there, ticket)
        assert is_copied(there, ticket)
    end(here.services, here.caller(), account_id(tickets[0]))
    for ticket in tickets:
        assert not is_let_in(here, ticket)
    there.services.invalidation.follow()
    for ticket in tickets:
        assert not is_let_in(there, ticket)
        with pytest.raises(NoSession):
            there.services.sessions.check(access(ticket), None)
    assert is_let_in(there, bystander)


def test_signing_out_ends_that_session_everywhere(here: Merchant, there: Merchant) -> None:
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    other = here.sign_in("stacy@mail.com", "Mystic Sports")
    assert is_let_in(there, ticket)
    assert is_copied(there, ticket)
    here.services.sessions.sign_out(here.caller(), ticket.tokens.session_id)
    there.services.invalidation.follow()
    assert not is_let_in(there, ticket)
    assert is_let_in(there, other)


def test_a_password_change_spares_the_callers_own_session_only(
    here: Merchant, there: Merchant
) -> None:
    """Design §4: A password change or reset ends every other session of the account."""
    own = here.sign_up("stacy@mail.com", "Mystic Sports")
    other = here.sign_in("stacy@mail.com", "Mystic Kids")
    for ticket in (own, other):
        assert is_let_in(there, ticket)
    here.services.credentials.change_password(
        caller_with(here, own), account_id(own), PASSWORD, NEW_PASSWORD
    )
    there.services.invalidation.follow()
    assert is_let_in(there, own)
    assert not is_let_in(there, other)


def test_a_moved_account_takes_its_sessions_along(here: Merchant, there: Merchant) -> None:
    """Rule 13: The site's set now is the account's set now."""
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    assert is_let_in(there, ticket)
    assert is_copied(there, ticket)
    here.move(account_id(ticket), "b2b")
    there.services.invalidation.follow()
    for side in (here, there):
        assert not is_let_in(side, ticket, "Mystic Sports")
        assert not is_let_in(side, ticket, "Mystic Kids")
        assert is_let_in(side, ticket, "Mystic Business")
        assert is_let_in(side, ticket, "Mystic Parts")


def test_a_change_whose_news_did_not_reach_valkey_is_learnt_at_the_next_look(
    settings: Settings, merchant: Merchant, there: Merchant
) -> None:
    """The machine that makes the change has lost Valkey; the others read of it in PostgreSQL."""
    ticket = there.sign_up("stacy@mail.com", "Mystic Sports")
    assert is_let_in(there, ticket)
    assert is_copied(there, ticket)
    with machine(settings, valkey_url=NOWHERE) as services:
        cut_off = on(services, merchant)
        assert is_let_in(cut_off, ticket)
        lock(services, cut_off.caller(), account_id(ticket))
        assert not is_let_in(cut_off, ticket)
    there.services.invalidation.follow()
    assert not is_let_in(there, ticket)
    with there.services.database.connection() as connection:
        waiting = connection.execute(
            invalidation_backlog.select().where(invalidation_backlog.c.tenant_id == there.tenant_id)
        ).all()
    assert waiting == []


def test_a_machine_that_has_not_looked_lately_does_not_believe_valkey(
    settings: Settings, merchant: Merchant, here: Merchant, there: Merchant
) -> None:
    """Design §4: a check that cannot know that does not use the process's own cache."""
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    assert is_let_in(there, ticket)
    assert is_copied(there, ticket)
    with machine(settings, valkey_url=NOWHERE) as services:
        lock(services, merchant.caller(), account_id(ticket))
        there.services.invalidation._trusted_until = float("-inf")
        assert not is_let_in(there, ticket)


def test_a_lock_that_is_taken_back_lets_the_shopper_sign_in_again(
    here: Merchant, there: Merchant
) -> None:
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    lock(here.services, here.caller(), account_id(ticket))
    there.services.credentials.set_locked(there.caller(), account_id(ticket), locked=False)
    assert not is_let_in(there, ticket)
    assert is_let_in(here, there.sign_in("stacy@mail.com", "Mystic Kids"))


class SlowStore(SessionStore):
    """A store whose answers take so long that something happens meanwhile."""

    def __init__(self, store: SessionStore, meanwhile: Callable[[], None]) -> None:
        super().__init__(store._database)
        self._meanwhile = meanwhile

    def by_shown_tokens(
        self, tokens: Sequence[TokenReference]
    ) -> dict[TokenReference, SessionRecord]:
        """Answer as things were when the question arrived."""
        answer = super().by_shown_tokens(tokens)
        self._meanwhile()
        return answer


def test_an_answer_that_was_under_way_brings_nothing_back(here: Merchant, there: Merchant) -> None:
    """A copy is written only where nothing stands, so a slow reader cannot undo a sign-out."""
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")

    def sign_out() -> None:
        here.services.sessions.sign_out(here.caller(), ticket.tokens.session_id)

    records = there.services.sessions.records
    slow = replace(records, store=SlowStore(records.store, sign_out))
    there.services.invalidation.follow()
    stale = slow.fresh(access(ticket))
    assert stale is not None
    assert not stale.ended
    there.services.invalidation.follow()
    assert not is_let_in(there, ticket)
    with pytest.raises(NoSession) as refused:
        there.services.sessions.check(access(ticket), there.site("Mystic Sports"))
    assert refused.value.refusal is Refusal.ENDED
