"""Customers looked up by their words: each query reads one range of one index, in its order, and stops at a page.

What a search filters by stands in the index (migration 0009), and there is an index for each of the ways to be choosy:
everybody, locked ones, guests, each in a tenant or in a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    select,
    text,
)

from authsvc.accounts.store import ACCOUNT, LOGIN, account_of
from authsvc.customer_search.cursors import Cursor, Position
from authsvc.customer_search.rules import Filters, Found, Wanted
from authsvc.customer_search.word_sql import WordSearch
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, credentials


class CustomerSearchStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def page(
        self,
        tenant_id: int,
        wanted: Wanted,
        leading: str | None,
        limit: int,
        *,
        beside: Cursor | None = None,
        besides: Sequence[int] = (),
    ) -> list[Found]:
        """Return up to `limit` customers in the order of the words that begin with `leading`, one of those wanted.

        Without `leading`, everybody in the order of names. `beside`: those after its position, or before it, the
        nearest first. `besides`: customers to leave out.
        """
        search = WordSearch(tenant_id, wanted.filters)
        search.add_range(leading, beside)
        search.add_others([word for word in wanted.words if word != leading])
        if besides:
            search.add(
                "words.account_id <> ALL (CAST(:besides AS bigint[]))", besides=list(besides)
            )
        direction = "DESC" if beside is not None and beside.is_backward else "ASC"
        found = (
            text(search.ordered(direction, limit))
            .bindparams(**search.values)
            .columns(word=Text, other_words=Text, account_id=BigInteger)
            .subquery("found")
        )
        places: list[ColumnElement[Any]] = [found.c.word, found.c.other_words, found.c.account_id]
        ordered = [place.desc() if direction == "DESC" else place.asc() for place in places]
        query = _with_accounts(tenant_id, found, *places[:2]).order_by(*ordered)
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return [Found(Position(row.word, row.other_words, row.id), account_of(row)) for row in rows]

    def frequencies(self, tenant_id: int, wanted: Wanted) -> dict[str, int]:
        """Count the words of customers that each of the wanted begins, up to `MOST_COUNTED`; none is left out."""
        search = WordSearch(tenant_id, Filters(wanted.filters.customer_set))
        search.add_flags(wanted.filters)
        counts = [
            f"SELECT {at} AS at, ({search.counted(at, word)}) AS entries"
            for at, word in enumerate(wanted.words)
        ]
        with self._database.connection() as connection:
            rows = connection.execute(text(" UNION ALL ".join(counts)), search.values).all()
        return {wanted.words[row.at]: row.entries for row in rows if row.entries}

    def by_number(self, tenant_id: int, wanted: Wanted) -> list[Found]:
        """Return those of the wanted whose customer number is one of the words, by number."""
        search = WordSearch(tenant_id, wanted.filters)
        search.add_flags(wanted.filters)
        search.add_members()
        search.add("words.account_id = ANY (CAST(:numbers AS bigint[]))", numbers=[*wanted.numbers])
        found = (
            text(
                f"SELECT words.account_id, array_agg(words.word) AS every {search.where()} "
                "GROUP BY words.account_id"
            )
            .bindparams(**search.values)
            .columns(account_id=BigInteger, every=ARRAY(Text))
            .subquery("found")
        )
        query = _with_accounts(tenant_id, found, found.c.every).order_by(found.c.account_id)
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return [
            Found(Position("", "", row.id), account_of(row))
            for row in rows
            if wanted.is_found_by(row.id, row.every)
        ]


def _with_accounts(tenant_id: int, found: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query for the accounts of `found`, all that is known of them and `columns`."""
    with_login = found.join(
        accounts, and_(accounts.c.tenant_id == tenant_id, accounts.c.id == found.c.account_id)
    ).outerjoin(
        credentials,
        and_(
            credentials.c.tenant_id == accounts.c.tenant_id,
            credentials.c.account_id == accounts.c.id,
        ),
    )
    return select(*ACCOUNT, *LOGIN, *columns).select_from(with_login)
