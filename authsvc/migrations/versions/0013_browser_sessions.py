"""Browsers: cookie tokens, the codes that carry a session from one host to another, and how a site's pages look."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = """
-- Empty: the session is a ticket's; else a browser's, which is to outlast its windows or not.
ALTER TABLE sessions ADD COLUMN remembered boolean;

ALTER TABLE session_tokens DROP CONSTRAINT session_tokens_kind_check;
ALTER TABLE session_tokens ADD CONSTRAINT session_tokens_kind_check
    CHECK (kind IN ('access', 'refresh', 'cookie'));

CREATE TABLE arrival_codes (
    tenant_id bigint NOT NULL,
    -- SHA-256 of the code, which is in the browser's address line for a moment.
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    session_id uuid NOT NULL,
    -- Good on this site, at this origin, in the browser whose cookie has this digest.
    site_id bigint NOT NULL,
    origin text NOT NULL,
    browser_digest bytea NOT NULL CHECK (octet_length(browser_digest) = 32),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions ON DELETE CASCADE
);
CREATE INDEX arrival_codes_of_session ON arrival_codes (tenant_id, session_id);
CREATE INDEX arrival_codes_by_expiry ON arrival_codes (expires_at);

ALTER TABLE sites
    ADD COLUMN accent_color text CHECK (accent_color ~ '^#[0-9a-f]{6}$'),
    ADD COLUMN logo_text text;
"""


def upgrade() -> None:
    """Nobody's session changes: those there are belong to tickets."""
    op.execute(TABLES)
