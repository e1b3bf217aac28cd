"""Reading My Account: which state it is in, and all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Caller
from authsvc.listing.paging import Page
from authsvc.my_account.rules import MyAccount, Version

if TYPE_CHECKING:
    from authsvc.accounts.whole_accounts import WholeAccounts
    from authsvc.cards.service import Cards
    from authsvc.infra.shared_questions import SharedQuestions
    from authsvc.my_account.rules import AccountKey
    from authsvc.orders.service import Orders

#: The orders that come along; the rest is asked for page by page.
FIRST_ORDERS = Page()


@dataclass(frozen=True, slots=True)
class MyAccounts:
    """The use cases; both raise `UnknownAccount`, and `NoTicket` for whoever is not signed in to an account."""

    # Asks PostgreSQL once for all who want to know at this moment.
    versions: SharedQuestions[AccountKey, Version]
    whole: WholeAccounts
    cards: Cards
    orders: Orders

    def version(self, caller: Caller) -> Version:
        """Return the state that the shopper's account is in now: what was acknowledged before is in it."""
        account_id = caller.own_account()
        version = self.versions.answer((caller.tenant_id, account_id))
        if version is None:
            raise UnknownAccount(account_id)
        return version

    def read(self, caller: Caller) -> MyAccount:
        """Return all of the shopper's account, each part no older than this call."""
        tenant_id, account_id = caller.tenant_id, caller.own_account()
        account = self.whole.accounts.account(tenant_id, account_id)
        beside = self.whole.beside(caller, [account], with_notes=False)[account_id]
        orders, order_count = self.orders.store.of_account(tenant_id, account_id, FIRST_ORDERS)
        cards = None if caller.is_acted_for else tuple(self.cards.of_account(tenant_id, account_id))
        return MyAccount(account, beside, cards, tuple(orders), order_count)
