"""What customer sets ask of new passwords, and where a merchant's own verifier is asked."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = """
-- The bounds are those of credentials/password_policy.py: nobody can be asked for more than every service must allow.
CREATE TABLE password_policies (
    tenant_id bigint NOT NULL,
    customer_set_code text COLLATE "C" NOT NULL,
    minimum_length integer NOT NULL CHECK (minimum_length BETWEEN 1 AND 64),
    minimum_digits integer NOT NULL CHECK (minimum_digits BETWEEN 0 AND minimum_length),
    minimum_letters integer NOT NULL CHECK (minimum_letters BETWEEN 0 AND minimum_length),
    refuses_common boolean NOT NULL,
    refuses_similar boolean NOT NULL,
    PRIMARY KEY (tenant_id, customer_set_code),
    FOREIGN KEY (tenant_id, customer_set_code) REFERENCES customer_sets ON DELETE CASCADE
);

CREATE TABLE password_verifiers (
    tenant_id bigint PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    url text NOT NULL CHECK (url LIKE 'https://%'),
    secret_encrypted bytea NOT NULL,
    in_own_network boolean NOT NULL,
    authorities text,
    updated_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    """Everybody goes on by the vendor's rule, and nobody else is asked."""
    op.execute(TABLES)


def downgrade() -> None:
    """Go back to the vendor's rule for all."""
    op.execute("DROP TABLE password_verifiers, password_policies")
