"""Second factors of shoppers: what sets ask, sign-ins that wait, authenticator apps and recovery codes."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE second_factor_policies (
    tenant_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    requirement text NOT NULL CHECK (requirement IN
        ('off', 'offered', 'new_device', 'change_of_region', 'new_device_or_region', 'always')),
    sign_in_codes boolean NOT NULL,
    PRIMARY KEY (tenant_id, customer_set_code),
    FOREIGN KEY (tenant_id, customer_set_code) REFERENCES customer_sets ON DELETE CASCADE
);

CREATE TABLE pending_sign_ins (
    tenant_id bigint NOT NULL,
    -- SHA-256 of the token, which its holder alone has; of a code without password, of who asked and for which name.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    site_id bigint NOT NULL,
    login_key text COLLATE "C" NOT NULL,
    account_id bigint,
    methods text[] NOT NULL,
    factors text[] NOT NULL,
    password_changed_at timestamptz,
    application text COLLATE "C",
    access_seconds integer,
    refresh_seconds integer,
    remembered boolean NOT NULL,
    fingerprint text NOT NULL,
    region text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Counted down before a code is looked at, so that guesses at once all count.
    tries_left smallint NOT NULL CHECK (tries_left >= 0),
    codes_sent smallint NOT NULL,
    request_id uuid,
    -- Encrypted: six digits have no digest that could not be tried out.
    code_encrypted bytea,
    code_good_until timestamptz CHECK ((code_encrypted IS NULL) = (code_good_until IS NULL)),
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX pending_sign_ins_by_request ON pending_sign_ins (tenant_id, request_id);
CREATE INDEX pending_sign_ins_of_account ON pending_sign_ins (tenant_id, account_id);
CREATE INDEX pending_sign_ins_of_site ON pending_sign_ins (tenant_id, site_id);
CREATE INDEX pending_sign_ins_by_expiry ON pending_sign_ins (expires_at);

CREATE TABLE authenticator_apps (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    secret_encrypted bytea NOT NULL,
    last_step bigint NOT NULL,
    wrong_codes integer NOT NULL,
    wrong_since timestamptz,
    set_up_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);

CREATE TABLE recovery_codes (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (tenant_id, account_id, digest),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);

CREATE TABLE sign_in_regions (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
);

-- The vendor tells it with the account ([K] 2.6).
ALTER TABLE credentials ADD COLUMN last_second_factor_at timestamptz;
"""


def upgrade() -> None:
    """Nobody is asked, and nobody has set one up."""
    op.execute(TABLES)


def downgrade() -> None:
    """Ask nobody any more; whoever has an authenticator app signs in by the password alone."""
    op.execute(
        """
        ALTER TABLE credentials DROP COLUMN last_second_factor_at;
        DROP TABLE sign_in_regions;
        DROP TABLE recovery_codes;
        DROP TABLE authenticator_apps;
        DROP TABLE pending_sign_ins;
        DROP TABLE second_factor_policies;
        """
    )
