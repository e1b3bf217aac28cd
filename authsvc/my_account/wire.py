"""My Account as it travels: made of what the vendor's calls for its parts answer ([K] 3.2)."""

from __future__ import annotations

from authsvc.accounts.wire import Account
from authsvc.cards.wire import CustomerCard
from authsvc.my_account import rules
from authsvc.my_account.service import FIRST_ORDERS
from authsvc.orders.wire import Order
from authsvc.web.collection import Collection
from authsvc.web.wire import Wire


class MyAccount(Wire):
    """All that a shopper sees of their account.

    `customerAccount` has contacts, attributes, segments and what was bought in all. `cards`: null while a member of
    staff acts for the shopper. `orders`: the latest; `moreOrders`: where the next ones are, null if these are all.
    """

    customer_account: Account
    cards: list[CustomerCard] | None
    orders: Collection[Order]
    more_orders: str | None

    @classmethod
    def of(cls, mine: rules.MyAccount) -> MyAccount:
        """Show an account to its shopper."""
        account, page = mine.account, FIRST_ORDERS
        more = f"/api/commerce/customer/accounts/{account.id}/orders?startIndex={page.size}"
        return cls(
            customer_account=Account.of(account, beside=mine.beside),
            cards=None if mine.cards is None else [CustomerCard.of(card) for card in mine.cards],
            orders=Collection[Order].page(
                [Order.of(order) for order in mine.orders],
                start_index=page.start_index,
                page_size=page.size,
                total_count=mine.order_count,
            ),
            more_orders=more if mine.order_count > page.size else None,
        )
