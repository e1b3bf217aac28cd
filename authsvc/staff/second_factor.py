"""The second factor: setting it up, giving it, recovery codes, and taking it away when a telephone is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import MultiFernet

from authsvc.accounts.usernames import login_key
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import Conflict, Invalid
from authsvc.one_time_codes import (
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    recovery_digests,
)
from authsvc.staff.attempt_rules import code_counter
from authsvc.staff.rules import StaffSessionEnd, StaffUser, Standing, UnknownStaffUser
from authsvc.staff.sign_in import SignedIn, StaffSessionOver, Visit

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.staff.attempts import StaffAttempts
    from authsvc.staff.session_store import StaffSessionStore
    from authsvc.staff.sign_in import StaffSignIn
    from authsvc.staff.store import StaffStore

ONE_TIME_CODE = "password and one-time code"
RECOVERY_CODE = "password and recovery code"


class WrongCode(Invalid):
    """The code is wrong, too old, or was used before; which is not said."""

    def __init__(self) -> None:
        """Say what to do next."""
        super().__init__("code", "This code is not good. Wait for the next one and enter that.")


class HasSecondFactor(Conflict):
    """There is a second factor already."""

    def __init__(self) -> None:
        """Say how to get another."""
        super().__init__(
            "Your second factor is set up already. To replace it, ask an administrator to reset it."
        )


class NoSecondFactor(Conflict):
    """There is none to confirm, or to make recovery codes for."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is no second factor yet. Start to set it up first.")


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """The use cases."""

    store: StaffStore
    sessions: StaffSessionStore
    sign_in: StaffSignIn
    attempts: StaffAttempts
    encryption: MultiFernet
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    # As in `StaffUsers`.
    end_acting: Callable[[int, str], None]

    def begin(self, signed_in: SignedIn) -> None:
        """Make a secret to be shown; it counts for nothing until it is confirmed. Raises `HasSecondFactor`."""
        if signed_in.user.has_second_factor:
            raise HasSecondFactor
        sealed = self.encryption.encrypt(new_secret().encode())
        self.sessions.set_enrolment(signed_in.user.tenant_id, signed_in.session.id, sealed)

    def shown(self, signed_in: SignedIn) -> str:
        """Return the secret that waits to be confirmed; raises `NoSecondFactor`, `HasSecondFactor`."""
        if signed_in.user.has_second_factor:
            raise HasSecondFactor
        sealed = self.sessions.enrolment(signed_in.user.tenant_id, signed_in.session.id)
        if sealed is None:
            raise NoSecondFactor
        return self.encryption.decrypt(sealed).decode()

    def decline(self, caller: Caller, signed_in: SignedIn) -> None:
        """Note that the offer was made and not taken; it is not made again, and stays open."""
        if signed_in.standing is Standing.SIGNED_IN:
            user, now = signed_in.user, self.clock()
            with self.transaction():
                self.store.note_offer(user.tenant_id, user.id, now)
                self.trail.note(
                    caller,
                    "staff.second_factor_declined",
                    user.subject,
                    [Change("secondFactorOffered", user.second_factor_offered_at, now)],
                )

    def confirm(
        self, caller: Caller, signed_in: SignedIn, code: str, visit: Visit
    ) -> tuple[str, list[str]]:
        """Set the second factor up by a first code; returns the session's new token and the recovery codes.

        Raises `WrongCode`, `NoSecondFactor`, `HasSecondFactor`, `StaffSessionOver`, `TooManyStaffAttempts`.
        """
        user, secret = signed_in.user, self.shown(signed_in)
        counter = code_counter(user.id)
        self.attempts.begin(user.tenant_id, [counter])
        step = matching_step(secret, code, self.clock())
        if step is None:
            raise WrongCode
        codes = new_recovery_codes()
        with self.transaction():
            if self._held(user).has_second_factor:
                raise HasSecondFactor
            self.store.set_second_factor(
                user.tenant_id,
                user.id,
                self.encryption.encrypt(secret.encode()),
                step,
                recovery_digests(codes),
                self.clock(),
            )
            self.trail.note(
                caller,
                "staff.second_factor_enrolled",
                user.subject,
                [Change("secondFactor", False, True)],
            )
            token, _ = self.sign_in.proven(signed_in, visit, ONE_TIME_CODE)
        return token, codes

    def give(self, signed_in: SignedIn, code: str, visit: Visit) -> str:
        """Complete a sign-in by a one-time code or a recovery code; returns the session's new token.

        Each code is good once, whoever comes first. Raises `WrongCode`, `NoSecondFactor`, `StaffSessionOver`,
        `TooManyStaffAttempts`.
        """
        user = signed_in.user
        self.attempts.begin(user.tenant_id, [code_counter(user.id)])
        caller = signed_in.caller(visit)
        with self.transaction():
            method = self._use(self._held(user), code)
            if method is not None:
                if method == RECOVERY_CODE:
                    self._note_recovery_code(caller, user)
                return self.sign_in.proven(signed_in, visit, method)[0]
        self.trail.note(caller, "staff.code_refused", user.subject)
        raise WrongCode

    def renew_recovery_codes(self, caller: Caller, signed_in: SignedIn, code: str) -> list[str]:
        """Replace all recovery codes, by who shows a one-time code once more; returns the new ones.

        Raises `WrongCode`, `NoSecondFactor`, `TooManyStaffAttempts`.
        """
        user = signed_in.user
        counter = code_counter(user.id)
        self.attempts.begin(user.tenant_id, [counter])
        codes = new_recovery_codes()
        with self.transaction():
            if self._use(self._held(user), code) == ONE_TIME_CODE:
                left = self.store.recovery_codes_left(user.tenant_id, user.id)
                self.store.set_recovery_codes(user.tenant_id, user.id, recovery_digests(codes))
                self.attempts.succeed(user.tenant_id, [counter], [])
                self.trail.note(
                    caller,
                    "staff.recovery_codes_renewed",
                    user.subject,
                    [Change("recoveryCodesLeft", left, len(codes))],
                )
                return codes
        self.trail.note(caller, "staff.code_refused", user.subject)
        raise WrongCode

    def recovery_codes_left(self, signed_in: SignedIn) -> int:
        """Count one's recovery codes that are still good."""
        return self.store.recovery_codes_left(signed_in.user.tenant_id, signed_in.user.id)

    def reset(self, caller: Caller, username: str) -> None:
        """Take a staff user's second factor away; they set up another at the next sign-in, and all sessions end.

        Raises `UnknownStaffUser`.
        """
        key = login_key(username)
        found = None if key is None else self.store.by_username(caller.tenant_id, key)
        if found is None:
            raise UnknownStaffUser(username)
        with self.transaction():
            # Also of one who is disabled: a lost telephone is reset before its owner is let in again.
            user, now = self.store.user(found.tenant_id, found.id, held=True), self.clock()
            if user is None:
                raise UnknownStaffUser(username)
            self.store.drop_second_factor(user.tenant_id, user.id, now)
            self.sessions.end(user.tenant_id, user.id, StaffSessionEnd.SECOND_FACTOR_RESET, now)
            self.end_acting(user.tenant_id, user.subject)
            self.attempts.succeed(user.tenant_id, [code_counter(user.id)], [])
            self.trail.note(
                caller,
                "staff.second_factor_reset",
                user.subject,
                [Change("secondFactor", user.has_second_factor, False)],
            )

    def _use(self, user: StaffUser, code: str) -> str | None:
        """Use a code up; returns what it was, or None for one that is not good."""
        sealed = self.store.second_factor(user.tenant_id, user.id)
        if sealed is None:
            raise NoSecondFactor
        now = self.clock()
        step = matching_step(self.encryption.decrypt(sealed).decode(), code, now)
        if step is not None:
            used = self.store.use_step(user.tenant_id, user.id, step)
            return ONE_TIME_CODE if used else None
        digest = recovery_digest(code)
        used = self.store.use_recovery_code(user.tenant_id, user.id, digest, now)
        return RECOVERY_CODE if used else None

    def _note_recovery_code(self, caller: Caller, user: StaffUser) -> None:
        left = self.store.recovery_codes_left(user.tenant_id, user.id)
        self.trail.note(
            caller,
            "staff.recovery_code_used",
            user.subject,
            [Change("recoveryCodesLeft", left + 1, left)],
        )

    def _held(self, user: StaffUser) -> StaffUser:
        held = self.store.user(user.tenant_id, user.id, held=True)
        if held is None or not held.is_active:
            raise StaffSessionOver
        return held
