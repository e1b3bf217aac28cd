"""The job queue's own tables, outgoing mail, and the language of a site.

The queue's tables are as its release 3.10.0 makes them (MIT licence), from a file beside these revisions, so that
bringing a database up to date stays one command; a test compares the file with what the installed release ships. They
know no tenant: a job names a thing by tenant and id, and everything else is in tables of ours.
"""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

QUEUE = files("authsvc.migrations") / "job_queue" / "procrastinate_3_10_0.sql"

MAILS = """
-- Which language a site's mails are written in, for who has not said; empty: English.
ALTER TABLE sites ADD COLUMN language text CHECK (language ~ '^[a-z]{2}$');

CREATE TABLE outgoing_mails (
    tenant_id bigint NOT NULL,
    -- Stands for the request that the mail answers: there is one mail a request.
    id uuid NOT NULL,
    site_id bigint NOT NULL,
    account_id bigint,
    kind text NOT NULL,
    language text NOT NULL,
    host text NOT NULL,
    recipient text NOT NULL,
    words jsonb NOT NULL,
    sealed bytea,
    put_at timestamptz NOT NULL,
    good_until timestamptz NOT NULL,
    claimed_until timestamptz,
    sent_at timestamptz,
    given_up_at timestamptz,
    failure text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites ON DELETE CASCADE,
    -- Whoever is forgotten is written to no more.
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE,
    CHECK (num_nonnulls(sent_at, given_up_at) <= 1),
    -- Secrets are kept as long as the mail waits and no longer.
    CHECK ((sealed IS NULL) = (num_nonnulls(sent_at, given_up_at) = 1))
);
CREATE INDEX outgoing_mails_of_account ON outgoing_mails (tenant_id, account_id, put_at);
CREATE INDEX outgoing_mails_by_end ON outgoing_mails (COALESCE(sent_at, given_up_at));
CREATE INDEX outgoing_mails_of_site ON outgoing_mails (tenant_id, site_id);
"""


def upgrade() -> None:
    """Nobody is written to yet."""
    # To the driver as it stands: it holds colons and percent signs that are none of ours.
    op.get_bind().connection.driver_connection.execute(QUEUE.read_text())  # type: ignore[union-attr]  # it is connected
    op.execute(MAILS)
