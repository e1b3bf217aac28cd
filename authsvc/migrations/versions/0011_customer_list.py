"""An index for the list of all customers by name: one entry a customer, not one of several among all their words."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = """
CREATE INDEX customer_search_words_listed_of_set
    ON customer_search_words (tenant_id, home_set_code, word, other_words, account_id)
    INCLUDE (is_locked, is_guest) WHERE is_listed;
CREATE INDEX customer_search_words_listed_of_tenant
    ON customer_search_words (tenant_id, word, other_words, account_id)
    INCLUDE (is_locked, is_guest) WHERE is_listed;
"""


def upgrade() -> None:
    """Words that stand far apart in the alphabet are not listed, e-mail addresses with digits for instance."""
    op.execute(INDEXES)
