"""Six digits or a recovery code that somebody types: which factor it is, whether it is good, and that it is so once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import MultiFernet

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import TooMany
from authsvc.one_time_codes import matching_step, recovery_digest
from authsvc.second_factor.pending import PendingSignIn, WrongCode
from authsvc.second_factor.rules import Factor

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.second_factor.authenticator_store import AuthenticatorStore
    from authsvc.second_factor.email_codes import EmailCodes
    from authsvc.second_factor.pending_store import PendingStore

# Wrong codes of an app within an hour, by who has shown the password. Three steps' codes are good at a time: guessing
# at every hour has an even chance after two and a half years. Nobody without the password comes this far, so that no
# stranger keeps the holder out.
MOST_WRONG = 10
WITHIN = timedelta(hours=1)

UseUp = Callable[[CustomerAccount], str]


class TooManyWrongCodes(TooMany):
    """So many wrong codes of an authenticator app that no more are looked at for a while."""

    def __init__(self) -> None:
        """Say how long it takes at the most."""
        super().__init__(
            "Too many wrong codes. Try again in an hour, or use a recovery code.",
            retry_after_seconds=int(WITHIN.total_seconds()),
        )


@dataclass(frozen=True, slots=True)
class TypedCodes:
    """The use cases."""

    codes: EmailCodes
    pending: PendingStore
    authenticators: AuthenticatorStore
    encryption: MultiFernet
    trail: AuditTrail
    clock: Clock

    def judged(self, caller: Caller, pending: PendingSignIn, code: str) -> UseUp:
        """Judge a code for a sign-in, whose try is counted already; return what uses it up.

        What it returns is called within a transaction that holds the account's login, takes the sign-in away and tells
        the factor. Both raise `WrongCode`; this, `TooManyWrongCodes`.
        """
        if pending.factors == {Factor.EMAIL_CODE}:
            if not self.codes.is_right(pending, code):
                raise WrongCode
            return lambda _account: self._taken(pending, Factor.EMAIL_CODE)
        self.count(pending.tenant_id, pending.account_id or 0, code)

        def use_up(account: CustomerAccount) -> str:
            factor = self.use(caller, account, code)
            if factor not in pending.factors:
                raise WrongCode
            return self._taken(pending, factor)

        return use_up

    def count(self, tenant_id: int, account_id: int, code: str) -> None:
        """Count a code of an app as wrong until it turns out otherwise; raises `TooManyWrongCodes`.

        Recovery codes are too long to be guessed, and go on after too many of an app's.
        """
        if not is_six_digits(code) or self.authenticators.set_up_at(tenant_id, account_id) is None:
            return
        now = self.clock()
        if not self.authenticators.begin_try(tenant_id, account_id, MOST_WRONG, now - WITHIN, now):
            raise TooManyWrongCodes

    def use(self, caller: Caller, account: CustomerAccount, code: str) -> Factor:
        """Within a transaction, use a code of the account's app, or a recovery code, up; raises `WrongCode`."""
        tenant_id = account.tenant_id
        if is_six_digits(code):
            sealed = self.authenticators.secret(tenant_id, account.id)
            if sealed is None:
                raise WrongCode
            step = matching_step(self.encryption.decrypt(sealed).decode(), code, self.clock())
            if step is None or not self.authenticators.use_step(tenant_id, account.id, step):
                raise WrongCode
            return Factor.AUTHENTICATOR_APP
        if not self.authenticators.use_recovery_code(tenant_id, account.id, recovery_digest(code)):
            raise WrongCode
        left = self.authenticators.recovery_codes_left(tenant_id, account.id)
        self.trail.note(
            caller,
            "account.recovery_code_used",
            f"account:{account.id}",
            [Change("recoveryCodesLeft", left + 1, left)],
        )
        return Factor.RECOVERY_CODE

    def _taken(self, pending: PendingSignIn, factor: Factor) -> str:
        if not self.pending.take(pending.tenant_id, pending.digest, pending.code):
            raise WrongCode
        return factor.value


def is_six_digits(code: str) -> bool:
    """Tell what an app shows, or a mail, from a recovery code."""
    digits = "".join(code.split())
    return len(digits) == 6 and digits.isascii() and digits.isdigit()
