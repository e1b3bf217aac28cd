"""Beginning to act for a shopper; it ends by itself, by signing out, or with the shopper's other sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import UnknownAccount
from authsvc.acting.rules import ACTING_LIFETIMES, Acting, method_of, refuse
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.login.rules import Ticket, holder_of

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.database import Transaction
    from authsvc.sessions.jwt import JwtTickets
    from authsvc.sessions.service import Sessions


@dataclass(frozen=True, slots=True)
class ActingForShoppers:
    """The use case."""

    accounts: Accounts
    sessions: Sessions
    directory: Directory
    jwt: JwtTickets
    transaction: Transaction

    def begin(
        self,
        caller: Caller,
        account_id: int,
        *,
        reason: str | None = None,
        user_id: str | None = None,
        cart_id: str | None = None,
    ) -> Acting:
        """Open a session of the account on the call's site, in which the caller acts for its shopper.

        `reason`, `cart_id`: what for, for the trail; `user_id` must be the account's if it is given. Passwords, cards
        and the account's end are out of reach in it (`Requires.acting`). Raises `UnknownAccount`, `UnknownSite`,
        `Forbidden`.
        """
        site = self.directory.fresh_site(caller.tenant_id, caller.site())
        with self.transaction():
            account = self.accounts.held(caller.tenant_id, account_id)
            if user_id and user_id != account.user_id:
                raise UnknownAccount(account_id)
            refuse(account, site)
            holder = holder_of(account)
            issued = self.sessions.open(site, holder, (method_of(caller),), ACTING_LIFETIMES)
            said = {
                "session": issued.session_id,
                "site": site.id,
                "reason": reason,
                "cart": cart_id,
            }
            self.accounts.trail.note(
                caller,
                "account.acted_for",
                f"account:{account_id}",
                [Change(name, None, value) for name, value in said.items() if value is not None],
            )
            account = self.accounts.with_contacts([account])[0]
        signed = self.jwt.sign(site, holder, issued, caller.application)
        ticket = Ticket(issued, signed, account.user_id, account)
        return Acting(ticket, site, issued.access_expires_at)
