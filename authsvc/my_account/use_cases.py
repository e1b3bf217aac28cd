"""My Account connected: what it is read from, and what a process remembers of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from authsvc.infra.shared_questions import SharedQuestions
from authsvc.my_account.answers import MyAccountAnswers
from authsvc.my_account.service import MyAccounts
from authsvc.my_account.store import MyAccountStore

if TYPE_CHECKING:
    from authsvc.account_data import AccountData
    from authsvc.infra.line import Line
    from authsvc.orders.service import Orders


def connect_my_account(
    line: Line, data: AccountData, orders: Orders, ticks: Callable[[], float]
) -> MyAccountAnswers:
    """Connect to those who keep the parts; `ticks` counts seconds without ever jumping.

    `line`: for the question that every read asks, and for nothing else.
    """
    versions = SharedQuestions(MyAccountStore(line).versions)
    service = MyAccounts(versions, data.whole_accounts, data.cards, orders)
    return MyAccountAnswers(service, ticks)
