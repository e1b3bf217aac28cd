"""Large moves are noted for the customer search without looking for each customer's former self.

The trigger runs after every statement that changes accounts. Who of many went where was found by grouping the old and
the new rows of all, twice. Where all ended in one set, or all came from one, the sets themselves tell the same.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TRIGGER = """
CREATE OR REPLACE FUNCTION note_moves_in_customer_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Up to so many, rewriting their words costs less than looking for them elsewhere ever after.
    few CONSTANT bigint := 100;
    changed bigint;
    moves text;
BEGIN
    SELECT count(*) INTO changed FROM (SELECT FROM new_accounts LIMIT few + 1) AS counted;
    IF changed <= few THEN
        -- Most statements change one account, and not its set: for them this is all.
        PERFORM FROM old_accounts AS was JOIN new_accounts AS became
            ON became.tenant_id = was.tenant_id AND became.id = was.id
            WHERE became.customer_set_code <> was.customer_set_code LIMIT 1;
        IF FOUND THEN
            EXECUTE 'UPDATE customer_search_words AS words SET home_set_code = became.customer_set_code
                FROM old_accounts AS was JOIN new_accounts AS became
                    ON became.tenant_id = was.tenant_id AND became.id = was.id
                WHERE became.customer_set_code <> was.customer_set_code
                    AND words.tenant_id = became.tenant_id AND words.account_id = became.id';
        END IF;
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT DISTINCT tenant_id, customer_set_code FROM old_accounts) AS sets) = 1
        OR (SELECT count(*) FROM (SELECT DISTINCT tenant_id, customer_set_code FROM new_accounts) AS sets) = 1
    THEN
        moves := 'SELECT was.tenant_id, was.customer_set_code AS from_set, became.customer_set_code AS to_set
            FROM (SELECT DISTINCT tenant_id, customer_set_code FROM old_accounts) AS was
            JOIN (SELECT DISTINCT tenant_id, customer_set_code FROM new_accounts) AS became USING (tenant_id)
            WHERE was.customer_set_code <> became.customer_set_code';
    ELSE
        moves := 'SELECT DISTINCT was.tenant_id, was.customer_set_code AS from_set, became.customer_set_code AS to_set
            FROM old_accounts AS was JOIN new_accounts AS became USING (tenant_id, id)
            WHERE was.customer_set_code <> became.customer_set_code';
    END IF;
    -- The row is locked even if it is there already, so that nobody takes it for done with meanwhile.
    EXECUTE 'INSERT INTO customer_search_moves (tenant_id, home_set_code, customer_set_code, moved_at)
        SELECT DISTINCT moves.tenant_id, homes.code, moves.to_set, now()
        FROM (' || moves || ') AS moves
        CROSS JOIN LATERAL (
            SELECT moves.from_set AS code UNION
            SELECT home_set_code FROM customer_search_moves AS earlier
            WHERE earlier.tenant_id = moves.tenant_id AND earlier.customer_set_code = moves.from_set
        ) AS homes
        WHERE homes.code <> moves.to_set
        ON CONFLICT (tenant_id, customer_set_code, home_set_code) DO UPDATE SET moved_at = excluded.moved_at';
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    """Only the function changes; what it writes down means the same."""
    op.execute(TRIGGER)
