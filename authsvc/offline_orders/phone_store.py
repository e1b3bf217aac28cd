"""Customers of a set looked up by telephone number in PostgreSQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, select, union

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.store import ACCOUNT, LOGIN, WITH_LOGIN, account_of
from authsvc.infra.database import Database
from authsvc.infra.phone_schema import contact_phones
from authsvc.infra.schema import accounts
from authsvc.offline_orders.rules import FEWEST_DIGITS, TELLING_DIGITS

# Numbers looked at, of whatever set, in each direction: what more than these begin with, nobody chooses from. Bounds
# the time for a small set among large ones (each costs a few microseconds).
MOST_CANDIDATES = 2_000
# What follows all digits, in the order of code points.
_AFTER_DIGITS = chr(ord("9") + 1)


class PhoneStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def customers(
        self, tenant_id: int, customer_set: str, digits: str, limit: int
    ) -> list[CustomerAccount]:
        """Return up to `limit` customers of a set, by number, with a contact whose telephone number is meant.

        It begins with `digits` as it is written, or ends with the last of them; see `TELLING_DIGITS`. Where too few
        are left without leading zeros, they tell of no end.
        """
        end = digits.lstrip("0")[-TELLING_DIGITS:][::-1]
        found = [_candidates(tenant_id, contact_phones.c.digits, digits)]
        if len(end) >= FEWEST_DIGITS:
            found.append(_candidates(tenant_id, contact_phones.c.digits_backwards, end))
        candidates = union(*found).subquery()
        query = (
            select(*ACCOUNT, *LOGIN)
            .select_from(WITH_LOGIN)
            .join(candidates, candidates.c.account_id == accounts.c.id)
            .where(accounts.c.tenant_id == tenant_id, accounts.c.customer_set_code == customer_set)
            .order_by(accounts.c.id)
            .limit(limit)
        )
        with self._database.connection() as connection:
            return [account_of(row) for row in connection.execute(query)]


def _candidates(tenant_id: int, column: ColumnElement[str], beginning: str) -> Select[tuple[int]]:
    found = (
        select(contact_phones.c.account_id)
        .where(
            and_(
                contact_phones.c.tenant_id == tenant_id,
                column >= beginning,
                column < beginning + _AFTER_DIGITS,
            )
        )
        .order_by(column)
        .limit(MOST_CANDIDATES)
        .subquery()
    )
    return select(found.c.account_id)
