"""The second half of a sign-in that waited: for a code, a recovery code, or what another feature looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authsvc.callers import Caller, ShownDevice
from authsvc.guessing.rules import Door
from authsvc.login.by_password import NOBODY
from authsvc.login.opening import Shown, UseUp
from authsvc.login.rules import (
    NO_WISHES,
    BadCredentials,
    Opened,
    Opening,
    Proof,
    Ticket,
    WantedLifetimes,
    kept,
    lifetimes_for,
    wanted,
)
from authsvc.second_factor.pending import NoPendingSignIn, PendingSignIn, Wishes, WrongCode
from authsvc.second_factor.sign_in_codes import of_application
from authsvc.sessions.rules import IssuedTokens

if TYPE_CHECKING:
    from authsvc.guessing.attempts import Permit
    from authsvc.login.service import Login
    from authsvc.second_factor.service import SecondFactors
    from authsvc.second_factor.typed_codes import TypedCodes

# What opens a session that is to be as was wished at the beginning of the sign-in.
OpeningOf = Callable[[Wishes], Opening[Proof]]


@dataclass(frozen=True, slots=True)
class SignInCompletion:
    """The use cases."""

    login: Login
    second_factors: SecondFactors
    typed_codes: TypedCodes

    def ticket(self, caller: Caller, token: str, code: str, user_id: str | None) -> Ticket:
        """Complete a sign-in by the code that goes with a limited ticket ([K] 2.6: 2fa/auth); raises as `by_code`.

        `user_id`: whose it is said to be; somebody else's limited ticket is none.
        """
        pending = self.second_factors.waiting(caller, token)
        if user_id and pending.account_id is not None:
            account = self.login.accounts.account(caller.tenant_id, pending.account_id)
            if account.user_id != user_id:
                raise NoPendingSignIn
        opened = self._by_code(caller, pending.digest, code, self.opening(caller))
        return self.login.ticket_of(caller, opened)

    def ticket_by_sign_in_code(
        self, caller: Caller, name: str, code: str, wishes: WantedLifetimes = NO_WISHES
    ) -> Ticket:
        """Sign in by the code that was mailed to an address ([K] 2.6: otp/auth); raises as `by_code`.

        `wishes` are kept for a second factor that is still to be given. Who may have none is refused before a try is
        counted.
        """
        lifetimes_for(caller, wishes, self.login.sessions.lifetimes)
        digest = of_application(caller, name)
        opened = self._by_code(caller, digest, code, self.opening(caller), kept(wishes))
        return self.login.ticket_of(caller, opened)

    def by_code(
        self, caller: Caller, token: str, code: str, opening_of: OpeningOf[Proof]
    ) -> Opened[Proof]:
        """Complete a sign-in by a typed code: of a mail, of an app, or for recovery.

        Raises `NoPendingSignIn`, `WrongCode`, `TooManyWrongCodes`, `TooManyFailures`, `SecondFactorRequired` where the
        code was but the first of two factors, and what `ensure_may_sign_in` raises.
        """
        pending = self.second_factors.waiting(caller, token)
        return self._by_code(caller, pending.digest, code, opening_of)

    def by_factor(
        self,
        caller: Caller,
        pending: PendingSignIn,
        use_up: UseUp,
        opening_of: OpeningOf[Proof],
    ) -> Opened[Proof]:
        """Complete a sign-in by a factor that was looked at elsewhere, such as a passkey.

        `use_up` is called with the account's login held, uses up what was shown, takes the sign-in away by
        `PendingStore.take`, and names the factor. Raises what it raises, and as `by_code`.
        """
        if pending.account_id is None:
            raise WrongCode
        site = self.login.directory.fresh_site(caller.tenant_id, pending.site_id)
        shown = Shown(
            pending.account_id,
            pending.login_key,
            pending.methods,
            pending.password_changed_at,
            pending.wishes,
        )
        begun = _with_what_was_told(caller, pending)
        try:
            opened = self.login.session_opening.open(
                begun, site, shown, opening_of(pending.wishes), use_up
            )
        except BadCredentials:  # the account was moved, or its password replaced, in between
            raise NoPendingSignIn from None
        return opened

    def _by_code(
        self,
        caller: Caller,
        digest: bytes,
        code: str,
        opening_of: OpeningOf[Proof],
        wishes: Wishes | None = None,
    ) -> Opened[Proof]:
        waiting = self.second_factors.pending.pending(
            caller.tenant_id, digest, self.second_factors.clock()
        )
        if waiting is None:
            raise WrongCode
        # Before one of its tries is used, and whoever is meant: neither 429 nor 401 tells who has an account.
        permit = self._begin(caller, waiting)
        try:
            pending = self._with_a_try(caller, digest)
            if wishes is not None:
                pending = replace(pending, wishes=wishes)
            use_up = self.typed_codes.judged(caller, pending, code)
            opened = self.by_factor(caller, pending, use_up, opening_of)
        except WrongCode:
            self.login.attempts.failed(permit)
            self.note_wrong(caller, waiting)
            raise
        except Exception:
            self.login.attempts.withdraw(permit)
            raise
        self.login.attempts.succeeded(permit)
        return opened

    def _begin(self, caller: Caller, waiting: PendingSignIn) -> Permit:
        """Let a code be tried; raises `TooManyFailures`.

        Who has shown nothing yet is counted by itself: or a stranger could keep the holder, who knows the password,
        from their second factor.
        """
        site = self.login.directory.site(caller.tenant_id, waiting.site_id)
        account_id = waiting.account_id or NOBODY
        return self.login.attempts.begin(
            caller,
            site,
            waiting.login_key,
            device=self.login.devices.certain(caller.tenant_id, account_id, caller.device),
            door=Door.CODE if waiting.methods else Door.SIGN_IN_CODE,
        )

    def _with_a_try(self, caller: Caller, digest: bytes) -> PendingSignIn:
        """Use a try of a sign-in up; raises `WrongCode` where none is left."""
        pending = self.second_factors.pending.use_try(
            caller.tenant_id, digest, self.second_factors.clock()
        )
        if pending is None:
            raise WrongCode
        return pending

    def note_wrong(self, caller: Caller, pending: PendingSignIn) -> None:
        """Note a wrong factor of who has shown the password; of a code alone, it would tell who has an account."""
        if pending.methods and pending.account_id is not None:
            self.login.accounts.trail.note(
                caller, "account.second_factor_refused", f"account:{pending.account_id}"
            )

    def opening(self, caller: Caller) -> OpeningOf[IssuedTokens]:
        """Return what opens a session for an application, as was wished when the sign-in began."""

        def opening_of(wishes: Wishes) -> Opening[IssuedTokens]:
            lifetimes = lifetimes_for(caller, wanted(wishes), self.login.sessions.lifetimes)
            return self.login.opening(lifetimes)

        return opening_of


def _with_what_was_told(caller: Caller, pending: PendingSignIn) -> Caller:
    """Return the caller with what was told of the device when the sign-in began, unless it is told anew."""
    device = caller.device or ShownDevice()
    return replace(
        caller,
        device=replace(
            device,
            fingerprint=device.fingerprint or pending.fingerprint,
            region=device.region or pending.region,
        ),
    )
