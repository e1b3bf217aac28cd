"""Applications may be bound to sites: they act on these alone."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those there are go on everywhere. No foreign key: a site's number is never given out again."""
    op.execute(
        "ALTER TABLE applications ADD COLUMN site_ids bigint[] CHECK (cardinality(site_ids) > 0)"
    )
