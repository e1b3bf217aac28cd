"""Who is signed in to an account, and ending that: one session of it, or all of them everywhere (design §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.sessions.rules import EndReason, LiveSession, UnknownSession

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.live_store import LiveSessionStore
    from authsvc.sessions.service import Sessions


@dataclass(frozen=True, slots=True)
class AccountSessions:
    """The use cases; what ends a session is in force on every worker within a second."""

    live: LiveSessionStore
    accounts: Accounts
    sessions: Sessions
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def signed_in(self, tenant_id: int, account_id: int) -> list[LiveSession]:
        """Return the sessions that go on, newest first; raises `UnknownAccount`."""
        account = self.accounts.account(tenant_id, account_id)
        return self.live.of_account(tenant_id, account.id, self.clock())

    def end(self, caller: Caller, account_id: int, session_id: str) -> None:
        """End one session of an account; raises `UnknownAccount`, or `UnknownSession` for one it does not have."""
        with self.transaction():
            account = self.accounts.held(caller.tenant_id, account_id)
            if not self.live.is_of(caller.tenant_id, account.id, _uuid(session_id)):
                raise UnknownSession
            self.sessions.end_one(caller.tenant_id, session_id, EndReason.SIGNED_OUT)
            self.trail.note(
                caller,
                "account.session_ended",
                f"account:{account_id}",
                [Change("session", session_id, None)],
            )

    def end_everywhere(self, caller: Caller, account_id: int) -> int:
        """End all sessions of an account; returns how many somebody could have gone on with.

        Raises `UnknownAccount`.
        """
        with self.transaction():
            account = self.accounts.held(caller.tenant_id, account_id)
            count = len(self.live.of_account(caller.tenant_id, account.id, self.clock()))
            self.sessions.end_all(caller.tenant_id, account.id, EndReason.SIGNED_OUT_EVERYWHERE)
            self.trail.note(
                caller,
                "account.signed_out_everywhere",
                f"account:{account_id}",
                [Change("sessions", count, 0)],
            )
        return count


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownSession from None
