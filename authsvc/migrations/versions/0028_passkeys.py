"""Passkeys: their public halves, what authenticators know accounts by, and what each set lets them do."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = """
-- The domain is kept with the set: another one would make every passkey of the set useless.
CREATE TABLE passkey_policies (
    tenant_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    use text NOT NULL CHECK (use IN ('off', 'secondFactor', 'signIn')),
    relying_party text NOT NULL,
    PRIMARY KEY (tenant_id, customer_set_code),
    FOREIGN KEY (tenant_id, customer_set_code) REFERENCES customer_sets ON DELETE CASCADE
);

-- Random, and not the user id, which integrators know: it lies about on devices that others hold.
CREATE TABLE passkey_handles (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    handle bytea NOT NULL CHECK (octet_length(handle) = 32),
    PRIMARY KEY (tenant_id, account_id),
    UNIQUE (tenant_id, handle),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);

-- With the account and not with a set: an account that moves takes them along, and they open what it may open.
CREATE TABLE passkeys (
    tenant_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    account_id bigint NOT NULL,
    credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    relying_party text NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    transports text[] NOT NULL,
    may_be_backed_up boolean NOT NULL,
    is_backed_up boolean NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    suspended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    -- A passkey opens one account: who registers somebody else's is refused (Web Authentication, 7.1 step 26).
    UNIQUE (tenant_id, credential_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE,
    CHECK (may_be_backed_up OR NOT is_backed_up)
);
CREATE INDEX passkeys_of_account ON passkeys (tenant_id, account_id);

CREATE TABLE spent_passkey_challenges (
    tenant_id bigint NOT NULL REFERENCES tenants ON DELETE CASCADE,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
"""


def upgrade() -> None:
    """Nobody has a passkey, and no set offers them."""
    op.execute(TABLES)
