"""An account's passkeys: listed, named, removed, and suspended when somebody has a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.mail.rules import MailKind
from authsvc.passkeys.rules import (
    NO_PASSKEYS,
    LastMeansOfSigningIn,
    Passkey,
    PasskeyPolicy,
    UnknownPasskey,
    passkey_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from authsvc.accounts.service import Accounts
    from authsvc.callers import Caller
    from authsvc.credentials.store import CredentialStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.passkeys.notices import PasskeyNotices
    from authsvc.passkeys.store import PasskeyStore


@dataclass(frozen=True, slots=True)
class Passkeys:
    """The use cases."""

    store: PasskeyStore
    accounts: Accounts
    credentials: CredentialStore
    notices: PasskeyNotices
    transaction: Transaction
    clock: Clock

    def of_account(self, tenant_id: int, account_id: int) -> list[Passkey]:
        """Return an account's passkeys, oldest first; raises `UnknownAccount`."""
        self.accounts.account(tenant_id, account_id)
        return self.store.of_account(tenant_id, account_id)

    def policy_for(self, tenant_id: int, account_id: int) -> PasskeyPolicy:
        """Return what the account's set lets its passkeys do; raises `UnknownAccount`."""
        return self.policy_of(self.accounts.account(tenant_id, account_id))

    def policy_of(self, account: CustomerAccount) -> PasskeyPolicy:
        """Return the same for an account that was read."""
        return self.store.policy(account.tenant_id, account.customer_set) or NO_PASSKEYS

    def one(self, tenant_id: int, account_id: int, passkey_id: int) -> Passkey:
        """Return an account's passkey; raises `UnknownPasskey` or `UnknownAccount`."""
        return _one(self.of_account(tenant_id, account_id), passkey_id)

    def rename(self, caller: Caller, account_id: int, passkey_id: int, name: str) -> Passkey:
        """Call a passkey something else; raises `UnknownPasskey`, `UnknownAccount` or `Invalid`."""
        name = passkey_name(name)
        with self.transaction():
            old = self.one(caller.tenant_id, account_id, passkey_id)
            self.store.rename(caller.tenant_id, account_id, passkey_id, name)
            if old.name != name:
                self._note(caller, "renamed", account_id, [Change("passkey", old.name, name)])
        return self.one(caller.tenant_id, account_id, passkey_id)

    def remove(self, caller: Caller, account_id: int, passkey_id: int) -> None:
        """Forget a passkey, and tell its holder.

        Raises `UnknownPasskey`, `UnknownAccount`, and for shoppers `LastMeansOfSigningIn`.
        """
        with self.transaction():
            account = self.accounts.account(caller.tenant_id, account_id)
            known = self.store.held(caller.tenant_id, account_id)
            passkey = _one(known, passkey_id)
            others = [each for each in known if each is not passkey]
            if caller.is_shopper and not self._can_sign_in(account, others):
                raise LastMeansOfSigningIn
            self._remove(caller, account, passkey)

    def remove_all(self, caller: Caller, account: CustomerAccount) -> None:
        """Within a transaction, forget all passkeys of an account that was taken over: one may be the thief's."""
        for passkey in self.store.held(caller.tenant_id, account.id):
            self._remove(caller, account, passkey)

    def suspend(self, caller: Caller, passkey: Passkey, sign_count: int) -> None:
        """Refuse a passkey from now on that two hold, and tell its holder."""
        with self.transaction():
            if not self.store.suspend(caller.tenant_id, passkey.id, self.clock()):
                return
            account = self.accounts.account(caller.tenant_id, passkey.account_id)
            changes = [Change("signCount", str(passkey.sign_count), str(sign_count))]
            self._note(caller, "suspended", account.id, changes)
            self.notices.tell(account, MailKind.PASSKEY_SUSPENDED, caller.site_id)

    def _remove(self, caller: Caller, account: CustomerAccount, passkey: Passkey) -> None:
        self.store.remove(caller.tenant_id, account.id, passkey.id)
        self._note(caller, "removed", account.id, [Change("passkey", passkey.name, None)])
        self.notices.tell(account, MailKind.PASSKEY_REMOVED, caller.site_id)

    def _can_sign_in(self, account: CustomerAccount, passkeys: Sequence[Passkey]) -> bool:
        """Tell whether the account is open to its holder with these passkeys: by them, a password, or a mail."""
        policy = self.policy_of(account)
        if policy.signs_in and any(works(each, policy) for each in passkeys):
            return True
        credential = self.credentials.credential(account.tenant_id, account.id)
        has_password = credential is not None and not credential.must_change_password
        can_be_mailed = self.notices.links.mails.is_offered and account.email_address is not None
        return has_password or can_be_mailed

    def _note(self, caller: Caller, what: str, account_id: int, changes: Sequence[Change]) -> None:
        self.accounts.trail.note(
            caller, f"account.passkey_{what}", f"account:{account_id}", changes
        )


def works(passkey: Passkey, policy: PasskeyPolicy) -> bool:
    """Tell whether a passkey is good for anything under this policy."""
    return (
        policy.is_offered
        and passkey.suspended_at is None
        and passkey.relying_party == policy.relying_party
    )


def _one(known: Sequence[Passkey], passkey_id: int) -> Passkey:
    for passkey in known:
        if passkey.id == passkey_id:
            return passkey
    raise UnknownPasskey
