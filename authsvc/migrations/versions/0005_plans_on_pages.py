"""Plans as pages need them (drafts, refusals), changes pushed on request, passwords that must be changed.

- A draft is a plan somebody looks at on a page. It is no part of the history until it is committed.
- `structure_changes` tells per tenant when sites or sets were last changed and when that was last pushed to every
  worker; a row of its own, so that noting it waits for nobody who holds the tenant.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PLANS = """
ALTER TABLE regrouping_plans
    ADD COLUMN expires_at timestamptz,
    -- The last attempt that did not go through, and why.
    ADD COLUMN refused_action text CHECK (refused_action IN ('commit', 'rollback')),
    ADD COLUMN refused_at timestamptz,
    ADD COLUMN refused_by text,
    ADD COLUMN refusal text[],
    ADD CONSTRAINT regrouping_plans_drafts_are_asked CHECK (expires_at IS NULL OR state = 'asked'),
    ADD CONSTRAINT regrouping_plans_refusals_are_whole CHECK (
        num_nonnulls(refused_action, refused_at, refused_by, refusal) IN (0, 4));
CREATE INDEX regrouping_plans_drafts ON regrouping_plans (tenant_id, expires_at) WHERE expires_at IS NOT NULL;
"""

STRUCTURE = """
ALTER TABLE directory_version ADD COLUMN pushed_version bigint NOT NULL DEFAULT 1;
CREATE TABLE structure_changes (
    tenant_id bigint PRIMARY KEY REFERENCES tenants,
    changed_at timestamptz NOT NULL,
    pushed_at timestamptz
);
"""

STAFF = """
-- Whoever gave this password knows it as well; its owner chooses another before anything else.
ALTER TABLE staff_users ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    """Apply."""
    for statements in (PLANS, STRUCTURE, STAFF):
        op.execute(statements)
