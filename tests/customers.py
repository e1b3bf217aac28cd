"""A customer account made of nothing, for tests of rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from authsvc.accounts.rules import AccountType, CustomerAccount

_LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)
_STEPHANIE = CustomerAccount(
    tenant_id=1001,
    id=1042,
    customer_set="b2c",
    user_id="5" * 32,
    username="stephanie@mail.com",
    username_key="stephanie@mail.com",
    email_address="stephanie@mail.com",
    email_key="stephanie@mail.com",
    first_name="Stephanie",
    last_name=None,
    company_or_organization=None,
    locale_code=None,
    account_type=AccountType.B2C,
    external_id=None,
    tax_id=None,
    tax_exempt=False,
    accepts_marketing=False,
    is_active=True,
    is_locked=False,
    locked_at=None,
    has_login=True,
    customer_since=_LONG_AGO,
    order_count=0,
    total_order_amount=Decimal(),
    last_order_at=None,
    order_currency=None,
    visits_count=0,
    wishlist_count=0,
    created_at=_LONG_AGO,
    created_by="tests",
    updated_at=_LONG_AGO,
    updated_by="tests",
)


def customer(**fields: Any) -> CustomerAccount:  # noqa: ANN401  as many types as fields
    """Return Stephanie of [B], with a login in `b2c`, unless `fields` say otherwise."""
    return replace(_STEPHANIE, **fields)
