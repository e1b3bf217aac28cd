"""Giving out everything that is held on a shopper, and ending it: by deletion, or by erasure where orders are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import NOBODY, AccountHasOrders
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.listing.paging import PAGE_SIZE_MAX, Page
from authsvc.privacy.rules import HeldSecondFactor, Holdings, PasswordMissing
from authsvc.sessions.rules import EndReason

if TYPE_CHECKING:
    from datetime import datetime

    from authsvc.account_data import AccountData
    from authsvc.accounts.service import Accounts
    from authsvc.audit.rules import AuditEntry
    from authsvc.credentials.service import Credentials
    from authsvc.devices.account_devices import AccountDevices
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.orders.rules import Order
    from authsvc.orders.service import Orders
    from authsvc.privacy.store import ErasureStore
    from authsvc.second_factor.authenticator_store import AuthenticatorStore

# An order that arrives between looking for orders and deleting the account: once is bad luck.
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Privacy:
    """The use cases; ending an account is one transaction."""

    store: ErasureStore
    accounts: Accounts
    data: AccountData
    orders: Orders
    account_devices: AccountDevices
    authenticators: AuthenticatorStore
    credentials: Credentials
    transaction: Transaction
    clock: Clock

    def holdings(self, caller: Caller, account_id: int) -> Holdings:
        """Return everything that is held on an account, and note that it was given out; raises `UnknownAccount`."""
        tenant_id = caller.tenant_id
        account = self.accounts.account(tenant_id, account_id)
        beside = self.data.whole_accounts.beside(caller, [account], with_notes=True)[account_id]
        self.accounts.trail.note(caller, "account.exported", f"account:{account_id}")
        return Holdings(
            self.clock(),
            account,
            beside,
            tuple(self.data.cards.of_account(tenant_id, account_id)),
            self._orders(tenant_id, account_id),
            tuple(self.account_devices.account_sessions.signed_in(tenant_id, account_id)),
            self.account_devices.signed_in(tenant_id, account_id).devices,
            None if caller.is_shopper else self._entries(tenant_id, account_id),
            tuple(self.store.passkeys(tenant_id, account_id)),
            HeldSecondFactor(
                self.authenticators.set_up_at(tenant_id, account_id),
                self.authenticators.recovery_codes_left(tenant_id, account_id),
            ),
        )

    def delete(self, caller: Caller, account_id: int) -> None:
        """Delete an account, and what was personal in what was written down about it.

        Raises `UnknownAccount` or `AccountHasOrders`.
        """
        with self.transaction():
            subjects = self.store.subjects(caller.tenant_id, account_id)
            self.accounts.delete(caller, account_id)
            self.store.redact(caller.tenant_id, subjects, self.clock())

    def erase(self, caller: Caller, account_id: int, password: str | None = None) -> None:
        """Delete an account; one with orders is kept as a number, with its orders and without its person.

        A shopper says their password. Raises `UnknownAccount`, and for shoppers `PasswordMissing`, `WrongPassword`,
        `NoLogin`, `TooManyFailures`, `HashingBusy`.
        """
        since = None
        if caller.is_shopper:
            if not password:
                raise PasswordMissing
            since = self.credentials.confirm_password(caller, account_id, password)
        for attempt in range(MOST_ATTEMPTS):
            try:
                self._erase(caller, account_id, since)
            except AccountHasOrders:
                if attempt == MOST_ATTEMPTS - 1:
                    raise
            else:
                return

    def _erase(self, caller: Caller, account_id: int, since: datetime | None) -> None:
        with self.transaction():
            if since is not None:
                # Always the account before its login.
                self.accounts.held(caller.tenant_id, account_id)
                self.credentials.hold_confirmed(caller.tenant_id, account_id, since)
            if self.store.has_orders(caller.tenant_id, account_id):
                self._empty(caller, account_id)
            else:
                self.delete(caller, account_id)

    def _empty(self, caller: Caller, account_id: int) -> None:
        tenant_id, now = caller.tenant_id, self.clock()
        account = self.accounts.held(tenant_id, account_id)
        subjects = self.store.subjects(tenant_id, account_id)
        self.accounts.sessions.end_all(tenant_id, account_id, EndReason.ACCOUNT_DELETED)
        self.store.empty(tenant_id, account_id)
        self.accounts.store.update(
            tenant_id,
            account_id,
            # Nobody who knew the shopper by the old one finds the number again.
            dict(NOBODY)
            | {
                "user_id": self.accounts.new_user_id(),
                "erased_at": now,
                "updated_at": now,
                "created_by": "erasure",
                "updated_by": "erasure",
            },
        )
        changes = [Change("customerSet", account.customer_set, account.customer_set)]
        self.accounts.trail.note(caller, "account.erased", f"account:{account_id}", changes)
        self.store.redact(tenant_id, subjects, now)

    def _orders(self, tenant_id: int, account_id: int) -> tuple[Order, ...]:
        found: list[Order] = []
        while True:
            page = Page(len(found), PAGE_SIZE_MAX)
            orders, total = self.orders.of_account(tenant_id, account_id, page)
            found += orders
            if len(found) >= total or not orders:
                return tuple(found)

    def _entries(self, tenant_id: int, account_id: int) -> tuple[AuditEntry, ...]:
        found: list[AuditEntry] = []
        while True:
            entries, total = self.accounts.trail.entries(
                tenant_id, f"account:{account_id}", len(found), PAGE_SIZE_MAX
            )
            found += entries
            if len(found) >= total or not entries:
                return tuple(found)
