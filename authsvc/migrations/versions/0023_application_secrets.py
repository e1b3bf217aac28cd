"""Applications have secrets of their own table, so that a new one takes over while the old one is still good."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move each application's secret there, and say of each token which secret it was handed out for."""
    op.execute(
        """
        CREATE TABLE application_secrets (
            tenant_id bigint NOT NULL,
            client_id text COLLATE "C" NOT NULL,
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            last_used_at timestamptz,
            PRIMARY KEY (tenant_id, client_id, digest),
            FOREIGN KEY (tenant_id, client_id) REFERENCES applications ON DELETE CASCADE
        );
        CREATE INDEX application_secrets_by_expiry ON application_secrets (expires_at) WHERE expires_at IS NOT NULL;
        INSERT INTO application_secrets (tenant_id, client_id, digest, created_at)
            SELECT tenant_id, client_id, secret_digest, created_at FROM applications;
        ALTER TABLE application_tokens ADD COLUMN secret_digest bytea;
        UPDATE application_tokens SET secret_digest = applications.secret_digest FROM applications
            WHERE applications.tenant_id = application_tokens.tenant_id
                AND applications.client_id = application_tokens.client_id;
        ALTER TABLE application_tokens ALTER COLUMN secret_digest SET NOT NULL,
            ADD FOREIGN KEY (tenant_id, client_id, secret_digest) REFERENCES application_secrets ON DELETE CASCADE;
        DROP INDEX application_tokens_of_application;
        CREATE INDEX application_tokens_of_secret ON application_tokens (tenant_id, client_id, secret_digest);
        ALTER TABLE applications DROP COLUMN secret_digest;
        """
    )


def downgrade() -> None:
    """Keep each application's newest secret, and the tokens that were handed out for it."""
    op.execute(
        """
        ALTER TABLE applications ADD COLUMN secret_digest bytea CHECK (octet_length(secret_digest) = 32);
        UPDATE applications SET secret_digest = newest.digest FROM (
            SELECT DISTINCT ON (tenant_id, client_id) tenant_id, client_id, digest FROM application_secrets
            ORDER BY tenant_id, client_id, expires_at DESC NULLS FIRST, created_at DESC
        ) AS newest WHERE newest.tenant_id = applications.tenant_id AND newest.client_id = applications.client_id;
        DELETE FROM application_tokens USING applications
            WHERE applications.tenant_id = application_tokens.tenant_id
                AND applications.client_id = application_tokens.client_id
                AND applications.secret_digest <> application_tokens.secret_digest;
        ALTER TABLE applications ALTER COLUMN secret_digest SET NOT NULL;
        DROP INDEX application_tokens_of_secret;
        ALTER TABLE application_tokens DROP COLUMN secret_digest;
        CREATE INDEX application_tokens_of_application ON application_tokens (tenant_id, client_id);
        DROP TABLE application_secrets;
        """
    )
