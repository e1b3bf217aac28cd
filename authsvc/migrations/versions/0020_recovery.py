"""Links that are mailed to an account's address, and requests for one that nobody has looked at yet."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account_links (
    tenant_id bigint NOT NULL,
    -- SHA-256 of the token, which is in the mail alone.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    account_id bigint NOT NULL,
    purpose text NOT NULL CHECK (purpose IN
        ('password_reset', 'invitation', 'email_verification', 'email_change', 'email_undo')),
    site_id bigint NOT NULL,
    email_address text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites ON DELETE CASCADE
);
CREATE INDEX account_links_of_account ON account_links (tenant_id, account_id);
CREATE INDEX account_links_of_site ON account_links (tenant_id, site_id);
CREATE INDEX account_links_by_expiry ON account_links (expires_at);

CREATE TABLE reset_requests (
    tenant_id bigint NOT NULL,
    id uuid NOT NULL,
    site_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    host text NOT NULL,
    login_key text NOT NULL,
    asked_by text NOT NULL,
    application text,
    remote_address text,
    correlation_id text,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """Nobody has asked yet."""
    op.execute(TABLES)
