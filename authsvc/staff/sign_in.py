"""Signing staff in and out, and saying at every page whose session it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from authsvc import tokens
from authsvc.accounts.usernames import login_key
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.credentials.password_policy import comparable_password
from authsvc.errors import NotAuthenticated
from authsvc.staff.attempt_rules import code_counter, password_counters
from authsvc.staff.rules import (
    CODE_WAIT,
    SecondFactor,
    StaffLifetimes,
    StaffSession,
    StaffSessionEnd,
    StaffUser,
    Standing,
    UnknownStaffSession,
)
from authsvc.tokens import Audience

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.hashing import PasswordHashing
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.staff.attempts import StaffAttempts
    from authsvc.staff.session_store import StaffSessionStore
    from authsvc.staff.store import StaffStore

# How long an address stays known as one's own.
FAMILIAR_FOR = timedelta(days=30)
# Characters kept of what a browser says it is; real ones are shorter.
USER_AGENT_LENGTH = 300
# The audit trail's subject of a failed sign-in that names nobody; what was typed may be a password.
NOBODY = "staff"


class BadStaffCredentials(NotAuthenticated):
    """The name, the password or both are wrong, or the staff user is disabled; which is not said."""

    error_code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        """Say the same for every reason."""
        super().__init__("The username or the password is wrong.")


class StaffSessionOver(NotAuthenticated):
    """The session ended between two pages."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Your session has ended. Sign in again.")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from, for the session list and the audit trail."""

    remote_address: str | None = None
    user_agent: str = ""
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A staff user, the session a token shows, and how far the sign-in has come."""

    user: StaffUser
    session: StaffSession
    standing: Standing

    def caller(self, visit: Visit) -> Caller:
        """Return the staff user as a caller, who may do nothing before the sign-in is complete."""
        caller = self.user.caller(visit.remote_address, visit.correlation_id)
        return (
            caller
            if self.standing is Standing.SIGNED_IN
            else replace(caller, behaviors=frozenset())
        )


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    """The use cases."""

    store: StaffStore
    sessions: StaffSessionStore
    hashing: PasswordHashing
    attempts: StaffAttempts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    lifetimes: StaffLifetimes
    policy: SecondFactor
    # As in `StaffUsers`.
    end_acting: Callable[[int, str], None]

    def sign_in(
        self, tenant_id: int, username: str, password: str, visit: Visit
    ) -> tuple[str, SignedIn]:
        """Open a session for the right password; returns its token, and how far that gets.

        Where there is a second factor, the session is good for nothing but giving the code, and not for long.
        Unknown, disabled and wrong do the same work and get the same answer. Raises `BadStaffCredentials`,
        `TooManyStaffAttempts`, `HashingBusy`.
        """
        key = login_key(username)
        user = None if key is None else self.store.by_username(tenant_id, key)
        address = visit.remote_address or ""
        familiar = self.sessions.is_familiar(
            tenant_id,
            user.id if user else 0,
            address,
            self.clock() - FAMILIAR_FOR,
            second_factor=user is not None and user.has_second_factor,
        )
        self.attempts.begin(
            tenant_id, password_counters(key or username, address, familiar=familiar)
        )
        usable = user if user is not None and user.is_active else None
        shown = comparable_password(password)
        matches = self.hashing.matches(
            usable.password_hash if usable else None, shown.prepared, or_as=shown.older_form
        )
        if usable is None or not matches:
            self.trail.note(
                Caller(
                    tenant_id,
                    remote_address=visit.remote_address,
                    correlation_id=visit.correlation_id,
                ),
                "staff.sign_in_refused",
                user.subject if user else NOBODY,
            )
            raise BadStaffCredentials
        renewed = (
            self.hashing.hash(shown.prepared)
            if self.hashing.is_outdated(usable.password_hash)
            else None
        )
        return self._open(usable, renewed, visit)

    def check(self, token: str, visit: Visit) -> SignedIn | None:
        """Say whose session a token shows; None when there is none, or no longer."""
        known = tokens.reference(token, Audience.STAFF)
        session = known and self.sessions.by_digest(known.tenant_id, known.digest)
        if not session:
            return None
        user = self.store.user(session.tenant_id, session.staff_user_id)
        now = self.clock()
        if user is None or not user.is_active or session.is_over(now=now, idle=self.lifetimes.idle):
            return None
        if session.is_to_be_touched(now=now):
            self.sessions.touch(session.tenant_id, session.id, now, visit.remote_address)
        return SignedIn(user, session, session.standing(user, self.policy))

    def hold(self, signed_in: SignedIn) -> None:
        """Within a transaction, see to it that a session is as good as it was, and stays so until the end.

        Raises `StaffSessionOver` for one that has ended since, or whose user is there for something else by now.
        """
        then, now = signed_in.user, self.clock()
        user = self.store.user(then.tenant_id, then.id, held=True)
        session = self.sessions.held(then.tenant_id, signed_in.session.id)
        if user is None or not user.is_active or user.role is not then.role:
            raise StaffSessionOver
        if session is None or session.is_over(now=now, idle=self.lifetimes.idle):
            raise StaffSessionOver

    def proven(self, signed_in: SignedIn, visit: Visit, method: str) -> tuple[str, SignedIn]:
        """Within a transaction that holds the user, complete a sign-in by a second factor.

        The session goes on under a new token, so that one taken before is worth nothing; returns that token.
        Raises `StaffSessionOver`.
        """
        user, now = signed_in.user, self.clock()
        session = self.sessions.held(user.tenant_id, signed_in.session.id)
        if session is None or session.is_over(now=now, idle=self.lifetimes.idle):
            raise StaffSessionOver
        token = tokens.new_token(user.tenant_id, Audience.STAFF)
        expires_at = now + self.lifetimes.absolute
        self.sessions.prove(user.tenant_id, session.id, tokens.digest(token), now, expires_at)
        session = replace(session, second_factor_at=now, last_used_at=now, expires_at=expires_at)
        self._complete(user, visit, method)
        return token, SignedIn(user, session, Standing.SIGNED_IN)

    def sign_out(self, caller: Caller, signed_in: SignedIn) -> None:
        """End the session in hand."""
        self._end(caller, signed_in, StaffSessionEnd.SIGNED_OUT, "staff.signed_out")

    def open_sessions(self, signed_in: SignedIn) -> list[tuple[StaffSession, Standing]]:
        """List one's own sessions that are still good, and how far each has come."""
        user, now = signed_in.user, self.clock()
        return [
            (session, session.standing(user, self.policy))
            for session in self.sessions.open_sessions(user.tenant_id, user.id, now)
            if not session.is_over(now=now, idle=self.lifetimes.idle)
        ]

    def end_session(self, caller: Caller, signed_in: SignedIn, session_id: str) -> None:
        """End one of one's own sessions; raises `UnknownStaffSession`, also for somebody else's."""
        mine = {session.id for session, _ in self.open_sessions(signed_in)}
        if session_id not in mine:
            raise UnknownStaffSession
        self._end(
            caller,
            signed_in,
            StaffSessionEnd.ENDED_BY_OWNER,
            "staff.session_ended",
            session_id=session_id,
        )

    def end_everywhere(self, caller: Caller, signed_in: SignedIn) -> None:
        """End all of one's own sessions, this one too, and those that one acts for shoppers in."""
        user, now = signed_in.user, self.clock()
        with self.transaction():
            ended = self.sessions.end(user.tenant_id, user.id, StaffSessionEnd.ENDED_BY_OWNER, now)
            self.end_acting(user.tenant_id, user.subject)
            self.trail.note(
                caller,
                "staff.signed_out_everywhere",
                user.subject,
                [Change("openSessions", ended, 0)],
            )

    def _open(
        self, user: StaffUser, renewed_hash: str | None, visit: Visit
    ) -> tuple[str, SignedIn]:
        token = tokens.new_token(user.tenant_id, Audience.STAFF)
        with self.transaction():
            held = self.store.user(user.tenant_id, user.id, held=True)
            if held is None or not held.is_active or held.password_hash != user.password_hash:
                raise BadStaffCredentials
            now = self.clock()
            if renewed_hash is not None:
                self.store.set_password_hash(user.tenant_id, user.id, renewed_hash, now)
            session = self._session(held, visit, now)
            self.sessions.add(session, tokens.digest(token))
            if held.has_second_factor:
                self.trail.note(_as(held, visit), "staff.password_accepted", held.subject)
            else:
                self._complete(held, visit, "password")
        return token, SignedIn(held, session, session.standing(held, self.policy))

    def _session(self, user: StaffUser, visit: Visit, now: datetime) -> StaffSession:
        return StaffSession(
            user.tenant_id,
            str(uuid4()),
            user.id,
            now,
            None,
            now,
            now + (CODE_WAIT if user.has_second_factor else self.lifetimes.absolute),
            visit.remote_address,
            visit.user_agent[:USER_AGENT_LENGTH],
            False,
        )

    def _complete(self, user: StaffUser, visit: Visit, method: str) -> None:
        """Note a sign-in that is through; what was counted on the way to it counts no more."""
        self.store.note_sign_in(user.tenant_id, user.id, self.clock())
        own, address, everywhere = password_counters(
            user.username_key, visit.remote_address or "", familiar=False
        )
        self.attempts.succeed(user.tenant_id, [own, everywhere, code_counter(user.id)], [address])
        self.trail.note(
            _as(user, visit), "staff.signed_in", user.subject, [Change("method", None, method)]
        )

    def _end(
        self,
        caller: Caller,
        signed_in: SignedIn,
        reason: StaffSessionEnd,
        action: str,
        session_id: str | None = None,
    ) -> None:
        user, now = signed_in.user, self.clock()
        which = session_id or signed_in.session.id
        with self.transaction():
            if self.sessions.end(user.tenant_id, user.id, reason, now, only=which):
                self.trail.note(caller, action, user.subject, [Change("session", which, None)])


def _as(user: StaffUser, visit: Visit) -> Caller:
    return user.caller(visit.remote_address, visit.correlation_id)
