"""Signing keys are published before they sign and after, and retired keys have no private half any more."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = """
-- A process of the last release that makes the first key says nothing of it: it signs from then on.
ALTER TABLE signing_keys ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now();
UPDATE signing_keys SET signs_from = created_at;
-- Retired: no longer published. The public half stays for what is verified years later, receipts of orders.
ALTER TABLE signing_keys ADD COLUMN retired_at timestamptz;
ALTER TABLE signing_keys ALTER COLUMN private_key_encrypted DROP NOT NULL;
ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_with_a_private_half
    CHECK (private_key_encrypted IS NOT NULL OR retired_at IS NOT NULL);
"""


def upgrade() -> None:
    """The newest key goes on signing."""
    op.execute(COLUMNS)
