"""Customers by the million, with names as common and as rare as real ones are, written by set-based SQL.

Most names are common ones of the United States, the rest is made of syllables; their frequencies fall with their rank
like those of real names (Zipf's law with an offset). The words a search finds them by are written as
`authsvc.accounts.search_words` would, which a sample proves.
"""

from __future__ import annotations

from random import Random

from sqlalchemy import Connection, Engine, create_engine, text

from authsvc.accounts.search_words import found_by

FIRST = """
    james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph jessica
    thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony margaret mark sandra donald ashley
    steven kimberly paul emily andrew donna joshua michelle kenneth carol kevin amanda brian dorothy
"""
LAST = """
    smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson
    thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young
    allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell
"""
FIRST_NAMES, FIRST_OFFSET = 3_000, 20
LAST_NAMES, LAST_OFFSET = 30_000, 50
ONSETS = (*"bdfghjklmnprstvwz", "br", "ch", "st", "th", "sh", "kr")
VOWELS = (*"aeiou", "ai", "ei", "ou")
ENDS = ("", "n", "s", "r", "k", "l", "m")

# `large` has nine in ten, `tiny` a hundred, eight others share the rest.
SMALL_SETS = 8
TINY = 100
GUESTS = 0.2
LOCKED = 0.001

_SETS = text("""
    INSERT INTO customer_sets (tenant_id, code, name, created_at, created_by, updated_at, updated_by)
    SELECT :tenant, code, code, now(), 'bench', now(), 'bench'
    FROM unnest(ARRAY['large', 'tiny'] || (SELECT array_agg('small' || n) FROM generate_series(1, :small) AS n)) AS code
""")
_ACCOUNTS = text("""
    INSERT INTO accounts (tenant_id, customer_set_code, user_id, username, username_key, email_address, email_key,
        first_name, last_name, account_type, tax_exempt, accepts_marketing, is_active, is_locked, customer_since,
        created_at, created_by, updated_at, updated_by)
    SELECT :tenant, customer_set, md5(n::text), login, login, address, address, initcap(first), initcap(last), 'B2C',
        false, false, true, is_locked, now(), now(), 'bench', now(), 'bench'
    FROM (
        SELECT *, CASE WHEN is_guest THEN NULL ELSE address END AS login
        FROM (
            SELECT numbered.*, firsts.name AS first, lasts.name AS last,
                CASE WHEN n <= :tiny THEN 'tiny' WHEN in_set < 0.9 THEN 'large'
                     ELSE 'small' || (1 + floor((in_set - 0.9) * 10 * :small))::integer END AS customer_set,
                CASE WHEN kind < 0.4 THEN firsts.name || '.' || lasts.name
                     WHEN kind < 0.6 THEN left(firsts.name, 1) || lasts.name
                     WHEN kind < 0.75 THEN firsts.name
                     WHEN kind < 0.9 THEN lasts.name || left(firsts.name, 1)
                     ELSE left(md5(n::text), 6) END || n
                || CASE WHEN host < 0.5 THEN '@gmail.com' WHEN host < 0.7 THEN '@yahoo.com' ELSE '@mail.com' END
                AS address
            FROM (
                SELECT n, random() AS in_set, random() AS kind, random() AS host, random() < :guests AS is_guest,
                    random() < :locked AS is_locked,
                    floor(power((:firsts + :first_offset) / :first_offset, random()) * :first_offset
                        - :first_offset)::integer AS first_rank,
                    floor(power((:lasts + :last_offset) / :last_offset, random()) * :last_offset
                        - :last_offset)::integer AS last_rank
                FROM generate_series(1, :customers) AS n
            ) AS numbered
            JOIN bench_first_names AS firsts ON firsts.rank = first_rank
            JOIN bench_last_names AS lasts ON lasts.rank = last_rank
        ) AS named
    ) AS people
""")
_CREDENTIALS = text("""
    INSERT INTO credentials (tenant_id, account_id, username_key, password_hash, must_change_password,
        password_changed_at, created_at, updated_at)
    SELECT tenant_id, id, username_key, 'none', false, now(), now(), now()
    FROM accounts WHERE tenant_id = :tenant AND username_key IS NOT NULL
""")
#: The words of a tenant's customers who have none yet.
WORDS = text("""
    INSERT INTO customer_search_words
        (tenant_id, account_id, word, other_words, is_listed, home_set_code, is_locked, is_guest)
    SELECT accounts.tenant_id, accounts.id, words.word, array_to_string(array_remove(kept.words, words.word), ' '),
        words.at = 1, accounts.customer_set_code, accounts.is_locked, accounts.username_key IS NULL
    FROM accounts
    CROSS JOIN LATERAL (
        SELECT ARRAY[lower(last_name), nullif(lower(first_name), lower(last_name)), email_key] AS words
    ) AS every
    CROSS JOIN LATERAL (
        SELECT array_agg(word COLLATE "C" ORDER BY at) AS words
        FROM unnest(every.words) WITH ORDINALITY AS one (word, at)
        WHERE word IS NOT NULL AND (at = 1 OR NOT EXISTS (
            SELECT FROM unnest(every.words) AS other WHERE other <> word AND starts_with(other, word)))
    ) AS kept
    CROSS JOIN LATERAL unnest(kept.words) WITH ORDINALITY AS words (word, at)
    WHERE accounts.tenant_id = :tenant
    ON CONFLICT DO NOTHING
""")
_SAMPLE = text("""
    SELECT last_name, first_name, email_address, array_agg((word, other_words, is_listed)::text ORDER BY word) AS words
    FROM accounts JOIN customer_search_words ON customer_search_words.tenant_id = accounts.tenant_id
        AND customer_search_words.account_id = accounts.id
    WHERE accounts.tenant_id = :tenant AND accounts.id % :every = 0 GROUP BY 1, 2, 3 LIMIT 1000
""")
_SLOW_TO_FILL = text("""
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('accounts', 'customer_search_words')
        AND indexname NOT IN (SELECT conname FROM pg_constraint)
""")


def names(common: str, how_many: int, syllables: tuple[int, ...]) -> list[str]:
    """Return that many different names, the common ones first."""
    chance = Random(1)  # noqa: S311  the same names each time
    found = dict.fromkeys(common.split())
    while len(found) < how_many:
        parts = (
            chance.choice(ONSETS) + chance.choice(VOWELS) for _ in range(chance.choice(syllables))
        )
        found["".join(parts) + chance.choice(ENDS)] = None
    return list(found)


def fill(database_url: str, tenant_id: int, customers: int) -> None:
    """Write that many customers for a tenant that has none; indexes are built when all are there."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        # Constraints hold by the way this is made; asking them ten million times each takes longer than all the rest.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        _keep_names(connection)
        slow = connection.execute(_SLOW_TO_FILL).all()
        for name, _ in slow:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.execute(_SETS, {"tenant": tenant_id, "small": SMALL_SETS})
        connection.execute(
            _ACCOUNTS,
            {
                "tenant": tenant_id,
                "customers": customers,
                "small": SMALL_SETS,
                "tiny": TINY,
                "guests": GUESTS,
                "locked": LOCKED,
                "firsts": float(FIRST_NAMES),
                "first_offset": float(FIRST_OFFSET),
                "lasts": float(LAST_NAMES),
                "last_offset": float(LAST_OFFSET),
            },
        )
        connection.execute(_CREDENTIALS, {"tenant": tenant_id})
        connection.execute(WORDS, {"tenant": tenant_id})
        for _, definition in slow:
            connection.execute(text(definition))
        # Planned by the figures of a smaller tenant, the proof would take hours.
        connection.execute(text("ANALYZE accounts, credentials, customer_search_words"))
        _prove(connection, tenant_id, customers)
    _settle(engine)


def _keep_names(connection: Connection) -> None:
    for table, kept in (
        ("bench_first_names", names(FIRST, FIRST_NAMES, (2, 2, 3))),
        ("bench_last_names", names(LAST, LAST_NAMES, (2, 3, 3, 4))),
    ):
        connection.execute(
            text(f"CREATE TEMP TABLE {table} (rank integer, name text) ON COMMIT DROP")
        )
        connection.execute(
            text(
                f"INSERT INTO {table} SELECT at - 1, name FROM unnest(CAST(:names AS text[])) "  # noqa: S608
                "WITH ORDINALITY AS one (name, at)"
            ),
            {"names": kept},
        )
        connection.execute(text(f"ANALYZE {table}"))


def _prove(connection: Connection, tenant_id: int, customers: int) -> None:
    rows = connection.execute(
        _SAMPLE, {"tenant": tenant_id, "every": max(1, customers // 1000)}
    ).all()
    assert rows
    for row in rows:
        words = found_by(
            last_name=row.last_name,
            first_name=row.first_name,
            company_or_organization=None,
            email_address=row.email_address,
            username=None,
        )
        assert len(words) == len(row.words), (row, words)
        for word, written in zip(sorted(words, key=lambda one: one.word), row.words, strict=True):
            assert written.startswith(f"({word.word},"), (word, written)
            assert word.other_words in written, (word, written)


def _settle(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in ("accounts", "credentials", "customer_search_words"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
