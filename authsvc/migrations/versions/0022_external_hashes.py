"""Password hashes that other systems made, until their customers sign in for the first time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell them from our own, and keep what comparing with them costs."""
    op.add_column("credentials", sa.Column("external_kind", sa.Text))
    op.create_index(
        "credentials_external",
        "credentials",
        ["tenant_id", "external_kind"],
        postgresql_where=sa.text("external_kind IS NOT NULL"),
    )
    op.create_table(
        "external_hash_kinds",
        sa.Column(
            "tenant_id",
            sa.BigInteger,
            sa.ForeignKey("tenants.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("kind", sa.Text(collation="C"), primary_key=True),
        sa.Column("decoy", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Forget which are whose; those customers choose a new password."""
    op.drop_table("external_hash_kinds")
    op.drop_index("credentials_external", "credentials")
    op.drop_column("credentials", "external_kind")
