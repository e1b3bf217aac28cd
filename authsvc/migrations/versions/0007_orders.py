"""Orders: whose, on which site, and never of a customer outside of the site's set.

- An order names its account and not the account's set: moving a million customers touches none of their orders.
- The set stands in the order as it was when it was placed, without a key: sets come and go, history stays.
- What an account's orders come to is kept beside the account, whose row a large move may hold for minutes.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ORDERS = """
CREATE TABLE orders (
    tenant_id bigint NOT NULL,
    external_id text COLLATE "C" NOT NULL CHECK (length(external_id) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('Online', 'Offline')),
    site_id bigint NOT NULL,
    account_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    status text NOT NULL CHECK (status <> ''),
    is_counted boolean NOT NULL,
    total numeric(19, 4) NOT NULL CHECK (total >= 0),
    currency_code text COLLATE "C" NOT NULL CHECK (currency_code ~ '^[A-Z]{3}$'),
    placed_at timestamptz NOT NULL,
    source_version bigint NOT NULL,
    source_updated_at timestamptz NOT NULL,
    eligibility_receipt text,
    received_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, external_id),
    CONSTRAINT orders_of_site FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id),
    -- [K] 3.3: an account with orders is not deleted.
    CONSTRAINT orders_of_account FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX orders_of_account_by_date ON orders (tenant_id, account_id, placed_at DESC, external_id);
CREATE INDEX orders_of_site_by_date ON orders (tenant_id, site_id, placed_at DESC, external_id);

-- Rule 16: at the moment an order is taken in, its customer is of the set of its site, or a receipt of ours proves that
-- they were when it was placed. Later moves leave it alone. Stable, so that it sees what the statement itself sees.
CREATE FUNCTION refuse_order_outside_of_set() RETURNS trigger LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NEW.eligibility_receipt IS NULL AND NOT EXISTS (
        SELECT FROM sites JOIN accounts ON accounts.tenant_id = sites.tenant_id
        WHERE sites.tenant_id = NEW.tenant_id AND sites.id = NEW.site_id AND accounts.id = NEW.account_id
            AND accounts.customer_set_code = sites.customer_set_code
            AND sites.customer_set_code = NEW.customer_set_code)
    THEN
        RAISE EXCEPTION 'an order names a customer of the set of its site' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'orders_within_customer_set';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_within_customer_set BEFORE INSERT ON orders
    FOR EACH ROW EXECUTE FUNCTION refuse_order_outside_of_set();
CREATE TRIGGER changed_orders_within_customer_set BEFORE UPDATE OF tenant_id, site_id, account_id ON orders
    FOR EACH ROW WHEN ((OLD.tenant_id, OLD.site_id, OLD.account_id) <> (NEW.tenant_id, NEW.site_id, NEW.account_id))
    EXECUTE FUNCTION refuse_order_outside_of_set();
"""

TOTALS = """
CREATE TABLE order_totals (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    currency_code text COLLATE "C" NOT NULL,
    order_count bigint NOT NULL CHECK (order_count >= 0),
    amount numeric(28, 4) NOT NULL CHECK (amount >= 0),
    last_order_at timestamptz,
    PRIMARY KEY (tenant_id, account_id, currency_code),
    CHECK ((order_count = 0) = (last_order_at IS NULL)),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
-- They never held anything but nothing: no order could arrive before this.
ALTER TABLE accounts DROP COLUMN order_count, DROP COLUMN total_order_amount, DROP COLUMN last_order_at;
"""


def upgrade() -> None:
    """Let orders arrive."""
    for part in (ORDERS, TOTALS):
        op.execute(part)
