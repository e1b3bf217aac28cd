"""Addresses that were confirmed, sets that ask for it, and logins that wait for it."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE email_verification_policies (
    tenant_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    policy text NOT NULL CHECK (policy IN ('off', 'later', 'required')),
    PRIMARY KEY (tenant_id, customer_set_code),
    FOREIGN KEY (tenant_id, customer_set_code) REFERENCES customer_sets ON DELETE CASCADE
);

CREATE TABLE verified_addresses (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    verified_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);

-- With the login, so that signing in asks nothing more than it did.
ALTER TABLE credentials ADD COLUMN awaits_verification boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    """Nobody is asked, and nobody waits."""
    op.execute(TABLES)
