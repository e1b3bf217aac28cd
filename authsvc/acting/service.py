"""Beginning to act for a shopper; it ends by itself, by signing out, with the shopper's other sessions or who acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.acting.rules import (
    ACTED_FOR,
    ACTING_LIFETIMES,
    ACTING_TIME,
    BEGUN_WITHIN,
    SESSION,
    Acting,
    NotBegun,
    method_of,
    refuse,
)
from authsvc.audit.rules import Change
from authsvc.callers import Caller, acted_for_by
from authsvc.customer_sets.rules import Site
from authsvc.login.rules import Ticket, holder_of
from authsvc.sessions.rules import EndReason, NoSession

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.acting.store import ActingStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.database import Transaction
    from authsvc.sessions.arrivals import Arrivals
    from authsvc.sessions.browser import BrowserSessions
    from authsvc.sessions.jwt import JwtTickets
    from authsvc.sessions.service import Sessions

Opened = TypeVar("Opened")


@dataclass(frozen=True, slots=True)
class ActingForShoppers:
    """The use cases.

    Passwords, cards and the account's end are out of reach in what they open (`Requires.acting`).
    """

    store: ActingStore
    accounts: Accounts
    sessions: Sessions
    directory: Directory
    jwt: JwtTickets
    transaction: Transaction
    browser_sessions: BrowserSessions
    arrivals: Arrivals

    def begin(
        self,
        caller: Caller,
        account_id: int,
        *,
        user_id: str | None = None,
        cart_id: str | None = None,
    ) -> Acting:
        """Open a session of the account on the call's site, in which the caller acts for its shopper.

        `cart_id`: what for, for the trail; `user_id` must be the account's if it is given. Raises `UnknownAccount`,
        `UnknownSite`, `Forbidden`.
        """
        methods = (method_of(caller),)
        site, account, issued = self._opened(
            caller,
            account_id,
            lambda site, account: self.sessions.open(
                site, holder_of(account), methods, ACTING_LIFETIMES
            ),
            lambda issued: {SESSION: issued.session_id, "cart": cart_id},
            user_id,
        )
        signed = self.jwt.sign(
            site,
            holder_of(account),
            issued,
            caller.application,
            acted_for_by=acted_for_by(methods),
        )
        account = self.accounts.with_contacts([account])[0]
        ticket = Ticket(issued, signed, account.user_id, account)
        return Acting(ticket, site, issued.access_expires_at)

    def begin_in_browser(
        self,
        caller: Caller,
        account_id: int,
        origin: str,
        *,
        reason: str,
        still: Callable[[], None],
    ) -> str:
        """Open a session as `begin` does, for a browser in which the caller is known at `origin`.

        `still`: is called within the transaction, and raises for who may not act any longer: whoever is stopped in this
        very moment is stopped before, or what they have begun is found and ended (`end_all`).
        Returns the code that the site's own host announces itself with, to be told there which session it is. Raises
        as `begin` does.
        """
        site, _, session_id = self._opened(
            caller,
            account_id,
            lambda site, account: self.browser_sessions.prepare(
                site,
                holder_of(account),
                (method_of(caller),),
                self.browser_sessions.clock() + ACTING_TIME,
            ),
            lambda session_id: {SESSION: session_id, "reason": reason},
            still=still,
        )
        return self.arrivals.announce(site, session_id, origin)

    def vouch(
        self, caller: Caller, session_id: str, browser: bytes, origin_of: Callable[[int], str]
    ) -> tuple[str, str]:
        """Return the origin where a session goes on that the caller has just begun, and a code to arrive there with.

        `browser`: the digest of what the browser is known by there; `origin_of`: where a site answers.
        Raises `NotBegun`.
        """
        with self.transaction():
            try:
                record = self.browser_sessions.prepared(caller.tenant_id, session_id)
            except NoSession:
                raise NotBegun from None
        is_old = self.browser_sessions.clock() > record.opened_at + BEGUN_WITHIN
        if record.methods != (method_of(caller),) or is_old:
            raise NotBegun
        site = self.directory.fresh_site(caller.tenant_id, record.site_id)
        origin = origin_of(site.id)
        return origin, self.arrivals.vouch(site, session_id, origin, browser)

    def end_all(self, tenant_id: int, actor: str) -> None:
        """Within a transaction, end whatever `actor`, named as in the trail (`staff:anna`), still acts in."""
        since = self.sessions.clock() - ACTING_TIME
        for session_id in self.store.begun_by(tenant_id, actor, since):
            self.sessions.end_one(tenant_id, session_id, EndReason.ACTING_ENDED)

    def _opened(
        self,
        caller: Caller,
        account_id: int,
        opening: Callable[[Site, CustomerAccount], Opened],
        said: Callable[[Opened], dict[str, str | None]],
        user_id: str | None = None,
        still: Callable[[], None] = lambda: None,
    ) -> tuple[Site, CustomerAccount, Opened]:
        site = self.directory.fresh_site(caller.tenant_id, caller.site())
        with self.transaction():
            still()
            account = self.accounts.held(caller.tenant_id, account_id)
            if user_id and user_id != account.user_id:
                raise UnknownAccount(account_id)
            refuse(caller, account, site)
            opened = opening(site, account)
            told = {"site": site.id} | said(opened)
            self.accounts.trail.note(
                caller,
                ACTED_FOR,
                f"account:{account_id}",
                [Change(name, None, value) for name, value in told.items() if value is not None],
            )
        return site, account, opened
