"""The words customers are found by, kept with the customers whatever writes them.

A row for each word of a customer, and the words beside it, so that a search of several words reads one range of one
index and nothing else. What a search filters by stands in the row and the index as well.

- A login and a lock are noted by triggers, in the transaction that changes them.
- The set is noted when the words are written (`home_set_code`). Moving a million customers would rewrite millions of
  entries all over the indexes, which takes several times as long as moving the customers themselves. So only few are
  rewritten, and for many it is noted from which sets some came: a search in a set looks among the words written there
  and in those sets, and asks the account itself where it is now.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import text

from authsvc.accounts.search_words import found_by

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Accounts whose words are written by one statement.
BATCH = 10_000

TABLES = """
CREATE TABLE customer_search_words (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    word text COLLATE "C" NOT NULL,
    other_words text COLLATE "C" NOT NULL,
    -- By this word the customer stands in a list by name.
    is_listed boolean NOT NULL,
    home_set_code text COLLATE "C" NOT NULL,
    is_locked boolean NOT NULL,
    is_guest boolean NOT NULL,
    PRIMARY KEY (tenant_id, account_id, word)
);

CREATE TABLE customer_search_moves (
    tenant_id bigint NOT NULL REFERENCES tenants,
    -- Words written in this set …
    home_set_code text COLLATE "C" NOT NULL,
    -- … may be of customers who are in that one now.
    customer_set_code text COLLATE "C" NOT NULL,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_set_code, home_set_code)
);
"""

INDEXES = """
ALTER TABLE customer_search_words ADD FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE;
CREATE INDEX customer_search_words_of_set
    ON customer_search_words (tenant_id, home_set_code, word, other_words, account_id)
    INCLUDE (is_listed, is_locked, is_guest);
CREATE INDEX customer_search_words_of_tenant
    ON customer_search_words (tenant_id, word, other_words, account_id)
    INCLUDE (is_listed, is_locked, is_guest);
-- Few are locked, and guests may be few: nobody should have to look for them among all others.
CREATE INDEX customer_search_words_locked_of_set
    ON customer_search_words (tenant_id, home_set_code, word, other_words, account_id)
    INCLUDE (is_listed, is_guest) WHERE is_locked;
CREATE INDEX customer_search_words_locked_of_tenant
    ON customer_search_words (tenant_id, word, other_words, account_id)
    INCLUDE (is_listed, is_guest) WHERE is_locked;
CREATE INDEX customer_search_words_guests_of_set
    ON customer_search_words (tenant_id, home_set_code, word, other_words, account_id)
    INCLUDE (is_listed, is_locked) WHERE is_guest;
CREATE INDEX customer_search_words_guests_of_tenant
    ON customer_search_words (tenant_id, word, other_words, account_id)
    INCLUDE (is_listed, is_locked) WHERE is_guest;
"""

TRIGGERS = """
CREATE FUNCTION note_lock_in_customer_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE customer_search_words SET is_locked = NEW.is_locked
    WHERE tenant_id = NEW.tenant_id AND account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_search_notes_locks AFTER UPDATE OF is_locked ON accounts
    FOR EACH ROW WHEN (OLD.is_locked <> NEW.is_locked) EXECUTE FUNCTION note_lock_in_customer_search();

CREATE FUNCTION note_login_in_customer_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    login credentials := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    -- Whoever writes words holds the account; without waiting for them, words they have not committed yet are missed.
    PERFORM FROM accounts WHERE tenant_id = login.tenant_id AND id = login.account_id FOR NO KEY UPDATE;
    UPDATE customer_search_words SET is_guest = (TG_OP = 'DELETE')
    WHERE tenant_id = login.tenant_id AND account_id = login.account_id AND is_guest <> (TG_OP = 'DELETE');
    RETURN NULL;
END $$;
CREATE TRIGGER customer_search_notes_logins AFTER INSERT OR DELETE ON credentials
    FOR EACH ROW EXECUTE FUNCTION note_login_in_customer_search();

CREATE FUNCTION note_moves_in_customer_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Up to so many, rewriting their words costs less than looking for them elsewhere ever after.
    few CONSTANT bigint := 100;
    moves CONSTANT text := $query$
        SELECT tenant_id, id, min(from_set) AS from_set, min(to_set) AS to_set
        FROM (SELECT tenant_id, id, customer_set_code AS from_set, NULL AS to_set FROM old_accounts
              UNION ALL SELECT tenant_id, id, NULL, customer_set_code FROM new_accounts) AS both_sides
        GROUP BY tenant_id, id HAVING min(from_set) <> min(to_set)
    $query$;
    moved bigint;
BEGIN
    EXECUTE 'SELECT count(*) FROM (' || moves || ') AS moves' INTO moved;
    IF moved BETWEEN 1 AND few THEN
        EXECUTE 'UPDATE customer_search_words AS words SET home_set_code = moves.to_set
            FROM (' || moves || ') AS moves
            WHERE words.tenant_id = moves.tenant_id AND words.account_id = moves.id';
    ELSIF moved > few THEN
        -- The row is locked even if it is there already, so that nobody takes it for done with meanwhile.
        EXECUTE 'INSERT INTO customer_search_moves (tenant_id, home_set_code, customer_set_code, moved_at)
            SELECT DISTINCT moves.tenant_id, homes.code, moves.to_set, now()
            FROM (SELECT DISTINCT tenant_id, from_set, to_set FROM (' || moves || ') AS every) AS moves
            CROSS JOIN LATERAL (
                SELECT moves.from_set AS code UNION
                SELECT home_set_code FROM customer_search_moves AS earlier
                WHERE earlier.tenant_id = moves.tenant_id AND earlier.customer_set_code = moves.from_set
            ) AS homes
            WHERE homes.code <> moves.to_set
            ON CONFLICT (tenant_id, customer_set_code, home_set_code) DO UPDATE SET moved_at = excluded.moved_at';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_search_notes_moves AFTER UPDATE ON accounts
    REFERENCING OLD TABLE AS old_accounts NEW TABLE AS new_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION note_moves_in_customer_search();
"""

_NEXT = text("""
    SELECT tenant_id, id, first_name, last_name, company_or_organization, email_address, username
    FROM accounts WHERE (tenant_id, id) > (:tenant_id, :account_id) ORDER BY tenant_id, id LIMIT :batch
""")
_KEEP = text("""
    INSERT INTO customer_search_words
        (tenant_id, account_id, word, other_words, is_listed, home_set_code, is_locked, is_guest)
    SELECT accounts.tenant_id, accounts.id, words.word, words.other_words, words.is_listed,
        accounts.customer_set_code, accounts.is_locked, credentials.account_id IS NULL
    FROM unnest(CAST(:tenant_ids AS bigint[]), CAST(:account_ids AS bigint[]), CAST(:words AS text[]),
        CAST(:others AS text[]), CAST(:listed AS boolean[]))
        AS words (tenant_id, account_id, word, other_words, is_listed)
    JOIN accounts ON accounts.tenant_id = words.tenant_id AND accounts.id = words.account_id
    LEFT JOIN credentials ON credentials.tenant_id = accounts.tenant_id AND credentials.account_id = accounts.id
""")


def upgrade() -> None:
    """Make the tables, write the words of every customer, and only then build the indexes."""
    op.execute(TABLES)
    op.execute("LOCK TABLE accounts, credentials IN SHARE MODE")
    connection = op.get_bind()
    last = {"tenant_id": 0, "account_id": 0}
    while rows := connection.execute(_NEXT, {**last, "batch": BATCH}).all():
        connection.execute(_KEEP, _columns(rows))
        last = {"tenant_id": rows[-1].tenant_id, "account_id": rows[-1].id}
    op.execute(INDEXES)
    op.execute(TRIGGERS)


def _columns(rows: Any) -> dict[str, list[Any]]:  # noqa: ANN401  rows of any query
    words = [
        (row, word)
        for row in rows
        for word in found_by(
            last_name=row.last_name,
            first_name=row.first_name,
            company_or_organization=row.company_or_organization,
            email_address=row.email_address,
            username=row.username,
        )
    ]
    return {
        "tenant_ids": [row.tenant_id for row, _ in words],
        "account_ids": [row.id for row, _ in words],
        "words": [word.word for _, word in words],
        "others": [word.other_words for _, word in words],
        "listed": [word.is_listed for _, word in words],
    }
