"""A shopper's authenticator app: set up by a first code, removed by another, and reset by customer service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken, MultiFernet

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import Conflict, Forbidden, Invalid
from authsvc.mail.rules import MailKind, host_for
from authsvc.one_time_codes import (
    enrolment_address,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_digests,
)
from authsvc.second_factor.pending import WrongCode
from authsvc.second_factor.rules import Policy, Requirement

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.mail.letters import Letters
    from authsvc.mail.service import Mails
    from authsvc.second_factor.service import SecondFactors
    from authsvc.second_factor.typed_codes import TypedCodes

# Long enough to install an app.
ENROLMENT_LASTS = timedelta(minutes=20)
# A notice that nobody has read for a day is still worth reading.
NOTICE_LASTS = timedelta(days=1)


class WrongAppCode(Invalid):
    """The code is wrong, too old, or was used before; which is not said."""

    def __init__(self) -> None:
        """Say what to do next."""
        super().__init__("code", "This code is not good. Wait for the next one and enter that.")


class EnrolmentOver(Invalid):
    """What was begun is another's, or too old."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("enrolment", "This has taken too long. Start again.")


class HasAuthenticatorApp(Conflict):
    """The account has an app."""

    def __init__(self) -> None:
        """Say how to get another."""
        super().__init__("An authenticator app is set up already. Remove it first.")


class NoAuthenticatorApp(Conflict):
    """The account has no app."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is no authenticator app yet. Set one up first.")


class NotOfferedHere(Forbidden):
    """The customer set offers no second factor."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This site offers no second factor.")


@dataclass(frozen=True, slots=True)
class NewApp:
    """An app that is about to be set up: its secret, the `otpauth:` address of it, and what is to be shown again.

    `enrolment` is encrypted, and good for this account in this session for a while; nothing is stored yet.
    """

    secret: str = field(repr=False)
    address: str = field(repr=False)
    enrolment: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppStanding:
    """What is known of an account's second factor; `set_up_at`: None without an app."""

    requirement: Requirement
    set_up_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class AuthenticatorApps:
    """The use cases."""

    factors: SecondFactors
    typed_codes: TypedCodes
    accounts: Accounts
    mails: Mails
    letters: Letters
    encryption: MultiFernet
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def standing(self, tenant_id: int, account_id: int) -> AppStanding:
        """Tell where an account stands; raises `UnknownAccount`."""
        account = self.accounts.account(tenant_id, account_id)
        store = self.factors.authenticators
        policy = self.factors.store.policy(tenant_id, account.customer_set) or Policy()
        set_up_at = store.set_up_at(tenant_id, account_id)
        left = store.recovery_codes_left(tenant_id, account_id)
        return AppStanding(policy.requirement, set_up_at, left)

    def begin(self, caller: Caller, account_id: int) -> NewApp:
        """Make a secret for an app; it counts for nothing until it is confirmed by a code.

        Raises `UnknownAccount`, `NotOfferedHere`, `HasAuthenticatorApp`.
        """
        account = self.accounts.account(caller.tenant_id, account_id)
        standing = self.standing(caller.tenant_id, account_id)
        if standing.requirement is Requirement.OFF or not account.has_login:
            raise NotOfferedHere
        if standing.set_up_at is not None:
            raise HasAuthenticatorApp
        return self._new_app(caller, account, new_secret())

    def shown(self, caller: Caller, account_id: int, enrolment: str) -> NewApp:
        """Return what was begun, to be shown once more; raises `EnrolmentOver`, `UnknownAccount`."""
        secret = self._secret(caller, account_id, enrolment)
        account = self.accounts.account(caller.tenant_id, account_id)
        return self._new_app(caller, account, secret, enrolment)

    def confirm(self, caller: Caller, account_id: int, enrolment: str, code: str) -> list[str]:
        """Set an app up by its first code; returns the recovery codes, which are told this once.

        Raises `EnrolmentOver`, `WrongAppCode`, `HasAuthenticatorApp`, `UnknownAccount`.
        """
        secret = self._secret(caller, account_id, enrolment)
        now = self.clock()
        step = matching_step(secret, code, now)
        if step is None:
            raise WrongAppCode
        codes, tenant_id = new_recovery_codes(), caller.tenant_id
        sealed = self.encryption.encrypt(secret.encode())
        with self.transaction():
            account = self.accounts.held(tenant_id, account_id)
            if not self.factors.authenticators.set_up(tenant_id, account_id, sealed, step, now):
                raise HasAuthenticatorApp
            self._keep(tenant_id, account_id, codes)
            self._note(caller, account, "account.second_factor_set_up", [_app(before=False)])
            self._tell(caller, account, "set_up")
        return codes

    def renew_recovery_codes(self, caller: Caller, account_id: int, code: str) -> list[str]:
        """Replace all recovery codes, by a code of the app; raises as `remove`."""
        codes = new_recovery_codes()
        self._ensure_app(caller.tenant_id, account_id, code)
        with self.transaction():
            account = self._prove(caller, account_id, code)
            left = self.factors.authenticators.recovery_codes_left(account.tenant_id, account_id)
            self._keep(account.tenant_id, account_id, codes)
            renewed = [Change("recoveryCodesLeft", left, len(codes))]
            self._note(caller, account, "account.recovery_codes_renewed", renewed)
        return codes

    def remove(self, caller: Caller, account_id: int, code: str) -> None:
        """Take the app away, by a code of it or a recovery code.

        Raises `NoAuthenticatorApp`, `WrongAppCode`, `TooManyWrongCodes`, `UnknownAccount`.
        """
        self._ensure_app(caller.tenant_id, account_id, code)
        with self.transaction():
            self._take_away(caller, self._prove(caller, account_id, code))

    def forget_since(self, caller: Caller, account: CustomerAccount, since: datetime) -> None:
        """Within a transaction that holds an account that was taken over, take its app away if it is as new as that."""
        set_up_at = self.factors.authenticators.set_up_at(account.tenant_id, account.id)
        if set_up_at is not None and set_up_at >= since:
            self._take_away(caller, account)

    def reset(self, caller: Caller, account_id: int) -> None:
        """Take every second factor of an account away, as customer service; its holder is told by mail.

        Raises `UnknownAccount`, `NoAuthenticatorApp` where there is nothing to take away.
        """
        tenant_id = caller.tenant_id
        with self.transaction():
            account = self.accounts.held(tenant_id, account_id)
            had_app = self.factors.authenticators.remove(tenant_id, account_id)
            others = [each.remove_all(tenant_id, account_id) for each in self.factors.others]
            if not had_app and not any(others):
                raise NoAuthenticatorApp
            changes = [_app(before=True)] if had_app else []
            if any(others):
                changes.append(Change("passkeys", old=True, new=False))
            self._note(caller, account, "account.second_factor_reset", changes)
            self._tell(caller, account, "reset")

    def _take_away(self, caller: Caller, account: CustomerAccount) -> None:
        self.factors.authenticators.remove(account.tenant_id, account.id)
        self._note(caller, account, "account.second_factor_removed", [_app(before=True)])
        self._tell(caller, account, "removed")

    def _prove(self, caller: Caller, account_id: int, code: str) -> CustomerAccount:
        """Within a transaction, hold the account and use a code of its up."""
        account = self.accounts.held(caller.tenant_id, account_id)
        try:
            self.typed_codes.use(caller, account, code)
        except WrongCode:
            raise WrongAppCode from None
        return account

    def _ensure_app(self, tenant_id: int, account_id: int, code: str) -> None:
        if self.factors.authenticators.set_up_at(tenant_id, account_id) is None:
            raise NoAuthenticatorApp
        self.typed_codes.count(tenant_id, account_id, code)

    def _new_app(
        self, caller: Caller, account: CustomerAccount, secret: str, enrolment: str | None = None
    ) -> NewApp:
        site = None
        if caller.site_id is not None:
            site = self.letters.sites.site(caller.tenant_id, caller.site_id)
        shop = account.customer_set if site is None else site.logo_text or site.name
        address = enrolment_address(secret, account.username or str(account.id), shop)
        return NewApp(secret, address, enrolment or self._sealed(caller, account.id, secret))

    def _sealed(self, caller: Caller, account_id: int, secret: str) -> str:
        told = {
            "for": _holder(caller, account_id),
            "until": (self.clock() + ENROLMENT_LASTS).timestamp(),
            "secret": secret,
        }
        return self.encryption.encrypt(json.dumps(told).encode()).decode()

    def _secret(self, caller: Caller, account_id: int, enrolment: str) -> str:
        try:
            told = json.loads(self.encryption.decrypt(enrolment.encode()))
        except (InvalidToken, ValueError):
            raise EnrolmentOver from None
        # Nothing else that is encrypted with the key passes for one.
        if not isinstance(told, dict) or told.get("for") != _holder(caller, account_id):
            raise EnrolmentOver
        if told["until"] < self.clock().timestamp():
            raise EnrolmentOver
        return str(told["secret"])

    def _keep(self, tenant_id: int, account_id: int, codes: Sequence[str]) -> None:
        digests = recovery_digests(codes)
        self.factors.authenticators.set_recovery_codes(tenant_id, account_id, digests)

    def _note(
        self, caller: Caller, account: CustomerAccount, action: str, changes: list[Change]
    ) -> None:
        self.trail.note(caller, action, f"account:{account.id}", changes)

    def _tell(self, caller: Caller, account: CustomerAccount, change: str) -> None:
        """Within the transaction, tell the holder by mail, where they can be told."""
        sets = self.accounts.customer_sets
        named = sets.customer_set(account.tenant_id, account.customer_set, most_counted=0)
        # The site this was asked on, or else any of the set that a mail's link can lead to.
        sites = sorted(named.sites, key=lambda site: site.id != caller.site_id)
        site = next((each for each in sites if each.hosts), None)
        if not self.mails.is_offered or account.email_address is None or site is None:
            return
        letter = self.letters.to(
            account,
            MailKind.SECOND_FACTOR_CHANGED,
            site.id,
            host_for(site.id, site.hosts),
            account.email_address,
            self.clock() + NOTICE_LASTS,
            {"change": change},
            {},
        )
        self.mails.put(account.tenant_id, letter)


def _holder(caller: Caller, account_id: int) -> list[object]:
    session = caller.shopper.session_id if caller.shopper else None
    return [caller.tenant_id, account_id, session]


def _app(*, before: bool) -> Change:
    return Change("authenticatorApp", before, not before)
