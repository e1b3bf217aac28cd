"""What a plan was refused for is kept without usernames: a plan outlives the customers who were in its way."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# As `Clash` wrote them: the username stood between the first bracket and the last one before these words.
NAMELESS = """
UPDATE regrouping_plans SET refusal = ARRAY(
    SELECT regexp_replace(
        text, '^Account (\\d+) \\(.*\\) cannot go to (\\S+): account (\\d+) has this username there\\.$',
        'Account \\1 cannot go to \\2: account \\3 has its username there.')
    FROM unnest(refusal) WITH ORDINALITY AS kept (text, place) ORDER BY place)
WHERE refusal IS NOT NULL
"""


def upgrade() -> None:
    """Take the names out of what is kept already."""
    op.execute(NAMELESS)
