"""Words that a large move left with the set their customers came from, in PostgreSQL (migration 0009).

Whoever writes a customer's words holds the account first. So does this, and waits for nobody: a customer whom somebody
else holds is left for another time.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from authsvc.customer_search.cursors import Position
from authsvc.infra.database import Database

_NOTED = text("""
    SELECT DISTINCT tenant_id, home_set_code FROM customer_search_moves ORDER BY tenant_id, home_set_code
""")
_NOTES = text("""
    SELECT customer_set_code, moved_at FROM customer_search_moves
    WHERE tenant_id = :tenant_id AND home_set_code = :home
""")
_WALK = text("""
    SELECT words.word, words.other_words, words.account_id, (
        SELECT accounts.customer_set_code FROM accounts
        WHERE accounts.tenant_id = words.tenant_id AND accounts.id = words.account_id) <> :home AS is_elsewhere
    FROM customer_search_words AS words
    WHERE words.tenant_id = :tenant_id AND words.home_set_code = :home AND words.is_listed
        AND (words.word, words.other_words, words.account_id) > (:word, :other_words, :account_id)
    ORDER BY words.word, words.other_words, words.account_id LIMIT :limit
""")
_HOLD = text("""
    SELECT id, customer_set_code FROM accounts
    WHERE tenant_id = :tenant_id AND id = ANY (CAST(:ids AS bigint[]))
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
""")
_SETTLE = text("""
    UPDATE customer_search_words AS words SET home_set_code = held.customer_set_code
    FROM unnest(CAST(:ids AS bigint[]), CAST(:codes AS text[])) AS held (id, customer_set_code)
    WHERE words.tenant_id = :tenant_id AND words.account_id = held.id
""")
# Who moves customers there just now holds the note, or writes it anew once this one is gone.
_DROP = text("""
    DELETE FROM customer_search_moves WHERE (tenant_id, customer_set_code, home_set_code) IN (
        SELECT tenant_id, customer_set_code, home_set_code FROM customer_search_moves
        WHERE tenant_id = :tenant_id AND home_set_code = :home
            AND (customer_set_code, moved_at) IN (
                SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:moved_at AS timestamptz[])))
        FOR UPDATE SKIP LOCKED)
""")


class Walked(NamedTuple):
    """A batch of the customers whose words are in a set: the last one, and those who are elsewhere by now."""

    last: Position | None
    elsewhere: tuple[int, ...]


class SettlingStore:
    """Every query names the tenant it asks for, but for the one that looks where there is something to do."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def noted(self) -> list[tuple[int, str]]:
        """Return the sets, each with its tenant, that customers left with their words left behind."""
        with self._database.connection() as connection:
            return [(row[0], row[1]) for row in connection.execute(_NOTED)]

    def notes(self, tenant_id: int, home: str) -> dict[str, datetime]:
        """Return where customers went whose words stayed in `home`, and when last."""
        with self._database.connection() as connection:
            rows = connection.execute(_NOTES, {"tenant_id": tenant_id, "home": home}).all()
        return {row.customer_set_code: row.moved_at for row in rows}

    def walk(self, tenant_id: int, home: str, after: Position, limit: int) -> Walked:
        """Look at the next customers, at most `limit`, whose words are in `home`."""
        values = {"tenant_id": tenant_id, "home": home, "limit": limit, **after._asdict()}
        with self._database.connection() as connection:
            rows = connection.execute(_WALK, values).all()
        last = Position(*rows[-1][:3]) if rows else None
        return Walked(last, tuple(row.account_id for row in rows if row.is_elsewhere))

    def settle(self, tenant_id: int, account_ids: tuple[int, ...]) -> int:
        """Bring the words of these customers to the sets they are in; returns of how many nobody else held."""
        with self._database.transaction(), self._database.connection() as connection:
            values = {"tenant_id": tenant_id, "ids": list(account_ids)}
            held = connection.execute(_HOLD, values).all()
            settled = {
                "tenant_id": tenant_id,
                "ids": [row.id for row in held],
                "codes": [row.customer_set_code for row in held],
            }
            connection.execute(_SETTLE, settled)
        return len(held)

    def drop(self, tenant_id: int, home: str, notes: dict[str, datetime]) -> int:
        """Forget those of the notes to which nobody has added since they were read; returns how many."""
        values = {
            "tenant_id": tenant_id,
            "home": home,
            "codes": list(notes),
            "moved_at": list(notes.values()),
        }
        with self._database.connection() as connection:
            return connection.execute(_DROP, values).rowcount
