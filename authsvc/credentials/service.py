"""What is done with logins: changing passwords, locking, and telling customer service how things stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import login_key
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.credentials.password_policy import comparable_password
from authsvc.credentials.policies import PasswordPolicies, known_of
from authsvc.credentials.rules import (
    Credential,
    KnownLogin,
    LoginState,
    NoLogin,
    WrongPassword,
    the_login_meant,
)
from authsvc.errors import AuthsvcError
from authsvc.sessions.rules import EndReason

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.passwords import Passwords
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.guessing.service import Attempts
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.service import Sessions


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """One item of a change of several passwords."""

    account_id: int
    old_password: str
    new_password: str
    unlock_account: bool


@dataclass(frozen=True, slots=True)
class PasswordChangeResult:
    """What became of one item; `refusal` is None for a password that was changed."""

    account_id: int
    refusal: AuthsvcError | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The use cases."""

    store: CredentialStore
    accounts: Accounts
    sessions: Sessions
    passwords: Passwords
    policies: PasswordPolicies
    attempts: Attempts
    directory: Directory
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def change_password(
        self, caller: Caller, account_id: int, old: str, new: str, *, unlock: bool = False
    ) -> None:
        """Replace a password by someone who knows it; every other session of the account ends (design §4).

        `unlock`: unlock the account as well ([K] 3.3), which only an application may ask for.
        Raises `NoLogin`, `WrongPassword`, `Invalid` for a weak password, `TooManyFailures`, `HashingBusy`.
        """
        account, credential = self._login(caller.tenant_id, account_id)
        prepared = self.policies.accept(
            caller.tenant_id, account.customer_set, new, known_of(account)
        )
        self._ensure_right(caller, account, credential, old)
        new_hash = self.passwords.hashing.hash(prepared)
        with self.transaction():
            if unlock:
                # Always the account before its login.
                self.accounts.held(caller.tenant_id, account_id)
            self.hold_confirmed(caller.tenant_id, account_id, credential.password_changed_at)
            self.store.set_password(caller.tenant_id, account_id, new_hash, self.clock())
            self.sessions.end_all(
                caller.tenant_id,
                account_id,
                EndReason.PASSWORD_CHANGED,
                caller.shopper.session_id if caller.shopper else None,
            )
            self.trail.note(
                caller,
                "account.password_changed",
                f"account:{account_id}",
                [Change("password", None, None)],
            )
            if unlock and not caller.is_shopper:
                self.accounts.set_locked(caller, account_id, locked=False)
        self._forget_failures(account)

    def confirm_password(self, caller: Caller, account_id: int, password: str) -> datetime:
        """Have a password shown once more before what cannot be undone; return since when it has been the password.

        Raises `UnknownAccount`, `NoLogin`, `WrongPassword`, `TooManyFailures`, `HashingBusy`.
        """
        account, credential = self._login(caller.tenant_id, account_id)
        self._ensure_right(caller, account, credential, password)
        return credential.password_changed_at

    def hold_confirmed(self, tenant_id: int, account_id: int, since: datetime) -> None:
        """Within a transaction, hold a login that still has the password that was confirmed (`confirm_password`).

        Raises `WrongPassword` where somebody was faster, and `UnknownAccount` or `NoLogin`.
        """
        if self._held(tenant_id, account_id).password_changed_at != since:
            raise WrongPassword

    def change_passwords(
        self, caller: Caller, changes: list[PasswordChange]
    ) -> list[PasswordChangeResult]:
        """Change several passwords; one that is refused does not keep the others from being changed ([K] 3.2)."""
        results = []
        for change in changes:
            refusal = None
            try:
                self.change_password(
                    caller,
                    change.account_id,
                    change.old_password,
                    change.new_password,
                    unlock=change.unlock_account,
                )
            except AuthsvcError as error:
                refusal = error
            results.append(PasswordChangeResult(change.account_id, refusal))
        return results

    def set_locked(self, caller: Caller, account_id: int, *, locked: bool) -> None:
        """Lock or unlock an account; unlocking also forgets its failed attempts. Raises `UnknownAccount`."""
        self.accounts.set_locked(caller, account_id, locked=locked)
        if not locked:
            account = self.accounts.account(caller.tenant_id, account_id)
            if account.has_login:
                self._forget_failures(account)

    def set_must_change(self, caller: Caller, account_id: int, *, must_change: bool) -> None:
        """Ask for a new password before the next sign-in, or take that back; raises `NoLogin`."""
        with self.transaction():
            credential = self._held(caller.tenant_id, account_id)
            if credential.must_change_password != must_change:
                self.store.set_must_change(caller.tenant_id, account_id, must_change, self.clock())
                self.trail.note(
                    caller,
                    "account.password_change_required",
                    f"account:{account_id}",
                    [
                        Change(
                            "isPasswordChangeRequired", credential.must_change_password, must_change
                        )
                    ],
                )

    def shut(self, caller: Caller, account_id: int, nobodys_hash: str) -> None:
        """Within a transaction, have a login open for no password until a mailed link chooses one; raises `NoLogin`.

        `nobodys_hash`: of something random, made before, as a hash is long.
        """
        self._held(caller.tenant_id, account_id)
        self.store.set_password(caller.tenant_id, account_id, nobodys_hash, self.clock())
        self.set_must_change(caller, account_id, must_change=True)

    def login_state(self, tenant_id: int, account_id: int) -> LoginState:
        """Tell how a login stands; raises `UnknownAccount`, or `NoLogin` for a guest."""
        account, credential = self._login(tenant_id, account_id)
        failures = self.attempts.standing(
            tenant_id, account.customer_set, account.username_key or ""
        )
        # With no failure left for any device the account is as good as locked, since the last of them.
        is_shut = failures.everybody_waits > timedelta()
        locked_on = [at for at in (account.locked_at, is_shut and failures.last_at) if at]
        return LoginState(
            credential.must_change_password,
            credential.password_changed_at,
            account.is_locked or is_shut,
            max(locked_on, default=None),
            failures.count,
            failures.remaining,
            failures.first_at,
            credential.last_login_at,
            credential.created_at,
            credential.updated_at,
            failures.forgotten_at,
            failures.strangers_wait,
        )

    def login_state_by_name(
        self, caller: Caller, name: str, customer_set: str | None
    ) -> LoginState:
        """Tell how the login of a username or e-mail address stands, in a set or that of the call's site.

        Raises `NoLogin`, `Invalid` when neither set nor site is named.
        """
        code = (
            customer_set.lower()
            if customer_set
            else self.directory.site(caller.tenant_id, caller.site()).customer_set
        )
        if caller.bound_to is not None and code != self.directory.set_of(
            caller.tenant_id, caller.site()
        ):
            caller.refuse_beyond_its_site()
        key = login_key(name)
        found = [] if key is None else self.store.answering_to(caller.tenant_id, code, key)
        login = the_login_meant(found, key or "")
        if login is None:
            raise NoLogin
        return self.login_state(caller.tenant_id, login.account_id)

    def _ensure_right(
        self, caller: Caller, account: CustomerAccount, credential: Credential, password: str
    ) -> None:
        """Raise `WrongPassword`, `TooManyFailures` or `HashingBusy` unless the password is the account's."""
        # Who is signed in to the account does not wait for strangers.
        shopper = caller.shopper
        is_own = shopper is not None and shopper.account_id == account.id
        permit = self.attempts.begin_on_account(
            caller,
            account.customer_set,
            account.username_key or "",
            device=shopper.session_id if shopper is not None and is_own else None,
        )
        shown = comparable_password(password)
        if not self.attempts.judge(
            permit, lambda: self.passwords.matches(account.tenant_id, credential, shown)
        ):
            raise WrongPassword
        self.attempts.succeeded(permit)

    def _forget_failures(self, account: CustomerAccount) -> None:
        self.attempts.forget(
            account.tenant_id, account.customer_set, account.username_key, account.email_key
        )

    def _held(self, tenant_id: int, account_id: int) -> KnownLogin:
        """Within a transaction, return a login that nobody else changes or signs in with.

        Raises `UnknownAccount` or `NoLogin`.
        """
        held = self.store.held(tenant_id, account_id)
        if held is None:
            self.accounts.account(tenant_id, account_id)
            raise NoLogin
        return held[1]

    def _login(self, tenant_id: int, account_id: int) -> tuple[CustomerAccount, Credential]:
        account = self.accounts.account(tenant_id, account_id)
        credential = self.store.credential(tenant_id, account_id)
        if credential is None:
            raise NoLogin
        return account, credential
