"""Orders and receipts as they stand on the wire, under the vendor's names where it has them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from authsvc.callers import Caller
from authsvc.orders import rules
from authsvc.orders.rules import LONGEST_STATUS, OrderKind, OrderState, SourceVersion
from authsvc.web.wire import Count, Id, Money, Wire, WireDateTime

# A receipt has about 500 characters; a guard for what reads it.
LONGEST_RECEIPT = 4_000

# ISO 4217.
CurrencyCode = Annotated[
    str, StringConstraints(to_upper=True, strip_whitespace=True, pattern="^[A-Za-z]{3}$")
]
Status = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_STATUS)
]


class OrderBody(Wire):
    """A state of an order. `updateDate` and `version` say how new it is: where a version counts, it decides first.

    `siteId` may be left out on a call that names its site. `submittedDate`: when the order was placed.
    """

    type: OrderKind
    site_id: Id | None = None
    customer_account_id: Id
    status: Status
    total: Annotated[Money, Field(ge=0)]
    currency_code: CurrencyCode
    submitted_date: WireDateTime
    update_date: WireDateTime
    version: Count | None = None
    eligibility_receipt: Annotated[str, Field(min_length=1, max_length=LONGEST_RECEIPT)] | None = (
        None
    )

    def read(self, external_id: str, caller: Caller) -> OrderState:
        """Return the state that is meant; raises `Invalid`."""
        return OrderState(
            rules.external_id(external_id),
            self.type,
            caller.site() if self.site_id is None else self.site_id,
            self.customer_account_id,
            self.status,
            self.total,
            self.currency_code,
            self.submitted_date,
            SourceVersion(self.version or 0, self.update_date),
            self.eligibility_receipt,
        )


class Order(Wire):
    """An order as it is kept: the newest state that has arrived.

    `customerSetCode`: the set that site and customer shared when it was placed, whatever has moved since.
    """

    external_id: str
    type: OrderKind
    site_id: Id
    site_name: str
    customer_account_id: Id
    customer_set_code: str
    status: str
    total: Money
    currency_code: str
    submitted_date: WireDateTime
    update_date: WireDateTime
    version: Count
    eligibility_receipt: str | None
    received_date: WireDateTime

    @classmethod
    def of(cls, order: rules.Order) -> Order:
        """Write an order."""
        state = order.state
        return cls(
            external_id=state.external_id,
            type=state.kind,
            site_id=state.site_id,
            site_name=order.site_name,
            customer_account_id=state.account_id,
            customer_set_code=order.customer_set,
            status=state.status,
            total=state.total,
            currency_code=state.currency_code,
            submitted_date=state.placed_at,
            update_date=state.version.updated_at,
            version=state.version.number,
            eligibility_receipt=state.eligibility_receipt,
            received_date=order.received_at,
        )
