"""Which customers a plan moves where, as PostgreSQL expressions over accounts.

Changes come one after the other: what one has moved to a set is moved on by a later one that takes all of that set.
A search looks at customers as they are before the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    any_,
    case,
    false,
    literal,
    or_,
)

from authsvc.accounts.list_store import ids_matching
from authsvc.infra.schema import accounts
from authsvc.regrouping.rules import MoveCustomers

# The largest bigint, so larger than any id.
LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Moving:
    """The moves of a plan, over the accounts of one tenant from `first_id` to `last_id`.

    `only_from`: only over those that are in one of these sets now; None: whichever they are in.
    """

    tenant_id: int
    moves: Sequence[MoveCustomers]
    first_id: int = 0
    last_id: int = LAST_ID
    only_from: Sequence[str] | None = None

    def target(self, table: FromClause = accounts) -> ColumnElement[str]:
        """Return the set an account is in after all moves."""
        current: ColumnElement[Any] = table.c.customer_set_code
        for move in self.moves:
            current = case(
                (self._meant(move, table, current), literal(move.customer_set, Text())),
                else_=current,
            )
        return current

    def is_concerned(self, table: FromClause = accounts) -> ColumnElement[bool]:
        """Return a condition that every account that moves meets, and that indexes serve."""
        now = table.c.customer_set_code
        return and_(
            table.c.tenant_id == self.tenant_id,
            table.c.id.between(self.first_id, self.last_id),
            *([] if self.only_from is None else [now.in_(self.only_from)]),
            or_(false(), *(self._meant(move, table, now) for move in self.moves)),
        )

    def moves_away(self, table: FromClause = accounts) -> ColumnElement[bool]:
        """Return the condition that an account is in another set afterwards."""
        return and_(self.is_concerned(table), self.target(table) != table.c.customer_set_code)

    def _meant(
        self, move: MoveCustomers, table: FromClause, current: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        if move.from_set is not None:
            return current == literal(move.from_set, Text())
        if move.accounts is not None:
            listed: ColumnElement[bool] = table.c.id == any_(
                literal(list(move.accounts), ARRAY(BigInteger))
            )
            return listed
        found = ids_matching(
            self.tenant_id,
            move.filter or "",
            move.quick_search or "",
            self.first_id,
            self.last_id,
        )
        return table.c.id.in_(found)
