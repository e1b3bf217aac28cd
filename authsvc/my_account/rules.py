"""What My Account consists of, and what tells that it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.whole_accounts import Beside
from authsvc.cards.rules import Card
from authsvc.orders.rules import Order

# Tenant and account.
AccountKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Version:
    """Which state of an account PostgreSQL holds; two that are equal are the same state.

    `row`: the transaction that wrote the account's row, moves included. `beside`: how often what is kept beside it has
    changed; `tenant`: the same of what stands in many accounts at once, the names of segments for instance.
    """

    row: int
    beside: int
    tenant: int


@dataclass(frozen=True, slots=True)
class MyAccount:
    """All that a shopper sees of their account; `orders`: the latest of `order_count`.

    `cards`: None while a member of staff acts for the shopper, for whom they are out of reach.
    """

    account: CustomerAccount
    beside: Beside
    cards: tuple[Card, ...] | None
    orders: tuple[Order, ...]
    order_count: int
