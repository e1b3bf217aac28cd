"""Making, listing and disabling staff users, and their passwords."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.usernames import Username, login_key
from authsvc.audit.rules import Change
from authsvc.callers import Behavior, Caller
from authsvc.credentials.password_policy import PasswordPolicy, comparable_password
from authsvc.credentials.password_strength import Advice, advice
from authsvc.errors import Forbidden, Invalid
from authsvc.staff.attempt_rules import password_counters
from authsvc.staff.rules import (
    BEHAVIORS,
    PASSWORD_MINIMUM_LENGTH,
    OwnStaffUser,
    Role,
    StaffSessionEnd,
    StaffUser,
    UnknownStaffUser,
    refuse_guessable,
)

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.hashing import PasswordHashing
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.staff.attempts import StaffAttempts
    from authsvc.staff.session_store import StaffSessionStore
    from authsvc.staff.sign_in import SignedIn
    from authsvc.staff.store import StaffStore

# Any kind of character will do; length is what counts (NIST SP 800-63B-4 §3.1.1.2).
POLICY = PasswordPolicy(
    PASSWORD_MINIMUM_LENGTH, minimum_digits=0, minimum_letters=0, refuses_common=True
)
# 144 random bits: 24 characters to type at most once.
_GENERATED_BYTES = 18


class WrongStaffPassword(Invalid):
    """The present password, asked for again, was wrong."""

    def __init__(self) -> None:
        """Say which of the passwords is meant."""
        super().__init__("currentPassword", "The current password is wrong.")


@dataclass(frozen=True, slots=True)
class StaffUsers:
    """The use cases; each is one transaction."""

    store: StaffStore
    sessions: StaffSessionStore
    hashing: PasswordHashing
    attempts: StaffAttempts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    # (tenant, staff user as the trail names them): the sessions they act for shoppers in end.
    end_acting: Callable[[int, str], None]

    def create(
        self,
        caller: Caller,
        username: str,
        role: Role,
        password: str | None = None,
        *,
        must_enrol: bool = False,
        must_change: bool = False,
    ) -> tuple[StaffUser, str]:
        """Make a staff user of the caller's tenant; returns it and its password, a generated one without `password`.

        `must_enrol`: nothing may be done before a second factor is set up; `must_change`: before its owner has chosen
        another password. Raises `Invalid` for a name or password
        that cannot be one, `StaffUsernameTaken`, `HashingBusy`.
        """
        name = Username.parse(username, parameter="username")
        password = password or secrets.token_urlsafe(_GENERATED_BYTES)
        password_hash = self.hashing.hash(_prepared(password, name.key))
        with self.transaction():
            user = self.store.add(
                caller.tenant_id,
                name.as_typed,
                name.key,
                role,
                password_hash,
                must_enrol=must_enrol,
                now=self.clock(),
                must_change_password=must_change,
            )
            self.trail.note(
                caller,
                "staff.created",
                user.subject,
                [Change("username", None, user.username), Change("role", None, role.value)],
            )
        return user, password

    def users(self, tenant_id: int) -> list[StaffUser]:
        """List the tenant's staff."""
        return self.store.users(tenant_id)

    def other(self, caller: Caller, staff_user_id: int) -> StaffUser:
        """Return a staff user whom the caller may look after; raises `UnknownStaffUser`, `OwnStaffUser`."""
        user = self.store.user(caller.tenant_id, staff_user_id)
        if user is None:
            raise UnknownStaffUser(str(staff_user_id))
        if user.username_key == caller.staff:
            raise OwnStaffUser
        return user

    def set_role(self, caller: Caller, username: str, role: Role) -> None:
        """Let a staff user be there for something else, from their next page on.

        Raises `UnknownStaffUser`, or `Forbidden` for an administrator who is none any more.
        """
        with self.transaction():
            self._refuse_stopped(caller)
            user = self._held(caller.tenant_id, username)
            if user.role is role:
                return
            self.store.set_role(user.tenant_id, user.id, self.clock(), role)
            if Behavior.CUSTOMER_IMPERSONATE not in BEHAVIORS[role]:
                self.end_acting(user.tenant_id, user.subject)
            self.trail.note(
                caller,
                "staff.role_changed",
                user.subject,
                [Change("role", user.role.value, role.value)],
            )

    def sign_out_everywhere(self, caller: Caller, username: str) -> int:
        """End all sessions of a staff user; returns how many. Raises `UnknownStaffUser`."""
        with self.transaction():
            user = self._held(caller.tenant_id, username)
            reason = StaffSessionEnd.ENDED_BY_ADMINISTRATOR
            ended = self.sessions.end(user.tenant_id, user.id, reason, self.clock())
            self.end_acting(user.tenant_id, user.subject)
            self.trail.note(
                caller,
                "staff.signed_out_everywhere",
                user.subject,
                [Change("openSessions", ended, 0)],
            )
        return ended

    def set_active(self, caller: Caller, username: str, *, active: bool) -> None:
        """Let a staff user in again, or no longer: then all their sessions end at once.

        Raises `UnknownStaffUser`, or `Forbidden` for an administrator who is none any more.
        """
        with self.transaction():
            self._refuse_stopped(caller)
            user = self._held(caller.tenant_id, username)
            if user.is_active == active:
                return
            now = self.clock()
            self.store.set_active(user.tenant_id, user.id, now, active=active)
            if not active:
                self.sessions.end(user.tenant_id, user.id, StaffSessionEnd.DISABLED, now)
                self.end_acting(user.tenant_id, user.subject)
            self.trail.note(
                caller,
                "staff.enabled" if active else "staff.disabled",
                user.subject,
                [Change("isActive", user.is_active, active)],
            )

    def reset_password(
        self,
        caller: Caller,
        username: str,
        password: str | None = None,
        *,
        must_change: bool = False,
    ) -> str:
        """Give a staff user another password, a generated one without `password`; their sessions end.

        `must_change`: they choose another at the next sign-in. Returns the password. Raises `UnknownStaffUser`,
        `Invalid`, `HashingBusy`.
        """
        found = self._found(caller.tenant_id, username)
        password = password or secrets.token_urlsafe(_GENERATED_BYTES)
        password_hash = self.hashing.hash(_prepared(password, found.username_key))
        with self.transaction():
            held = self._held(caller.tenant_id, username)
            self._replace_password(caller, held, password_hash, must_change=must_change)
        return password

    def change_password(self, caller: Caller, signed_in: SignedIn, old: str, new: str) -> None:
        """Replace one's own password; all one's other sessions end.

        Raises `WrongStaffPassword`, `Invalid` for an unfit new one, `TooManyStaffAttempts`, `HashingBusy`.
        """
        user = signed_in.user
        prepared = _prepared(new, user.username_key)
        counters = password_counters(user.username_key, caller.remote_address or "", familiar=True)
        self.attempts.begin(user.tenant_id, counters)
        shown = comparable_password(old)
        if not self.hashing.matches(user.password_hash, shown.prepared, or_as=shown.older_form):
            self.trail.note(caller, "staff.password_change_refused", user.subject)
            raise WrongStaffPassword
        if user.must_change_password and prepared == shown.prepared:
            raise Invalid("newPassword", "The new password must be another than the present one.")
        password_hash = self.hashing.hash(prepared)
        with self.transaction():
            held = self._held(user.tenant_id, user.username)
            if held.password_hash != user.password_hash:
                # Somebody was faster: the old password is no longer the one that was checked.
                raise WrongStaffPassword
            self._replace_password(caller, held, password_hash, spare=signed_in.session.id)
            self.attempts.succeed(user.tenant_id, counters[:1], counters[1:])

    def _replace_password(
        self,
        caller: Caller,
        user: StaffUser,
        password_hash: str,
        spare: str | None = None,
        *,
        must_change: bool = False,
    ) -> None:
        now = self.clock()
        self.store.set_password(
            user.tenant_id, user.id, password_hash, now, must_change=must_change
        )
        self.sessions.end(
            user.tenant_id, user.id, StaffSessionEnd.PASSWORD_CHANGED, now, spare=spare
        )
        self.end_acting(user.tenant_id, user.subject)
        self.trail.note(
            caller, "staff.password_changed", user.subject, [Change("password", None, None)]
        )

    def _refuse_stopped(self, caller: Caller) -> None:
        """Refuse staff whom another administrator has stopped since the call began: or two could stop each other."""
        if caller.staff is not None:
            administrators = self.store.hold_administrators(caller.tenant_id)
            if caller.staff not in administrators:
                raise Forbidden("You are no administrator any more.")

    def _found(self, tenant_id: int, username: str) -> StaffUser:
        key = login_key(username)
        user = None if key is None else self.store.by_username(tenant_id, key)
        if user is None:
            raise UnknownStaffUser(username)
        return user

    def _held(self, tenant_id: int, username: str) -> StaffUser:
        user = self.store.user(tenant_id, self._found(tenant_id, username).id, held=True)
        if user is None:
            raise UnknownStaffUser(username)
        return user


def _prepared(password: str, username_key: str) -> str:
    prepared = POLICY.accept(password)
    refuse_guessable(prepared, username_key)
    return prepared


def advise(password: str, username_key: str) -> Advice | None:
    """Tell of a password that its owner is typing what would be said of it; None: not at this moment."""
    told = advice(password, POLICY, [username_key])
    if told is None or told.refusal is not None:
        return told
    try:
        refuse_guessable(POLICY.accept(password), username_key)
    except Invalid as refusal:
        return Advice(0, refusal)
    return told
