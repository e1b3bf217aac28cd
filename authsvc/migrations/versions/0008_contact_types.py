"""What a contact is for, in columns, so that the database by itself keeps a second primary contact out."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TYPES = """
ALTER TABLE contacts ADD COLUMN primary_billing boolean, ADD COLUMN primary_shipping boolean;

UPDATE contacts SET
    primary_billing = (
        SELECT bool_or(coalesce((type->>'isPrimary')::boolean, false))
        FROM jsonb_array_elements(types) AS type WHERE type->>'name' = 'Billing'
    ),
    primary_shipping = (
        SELECT bool_or(coalesce((type->>'isPrimary')::boolean, false))
        FROM jsonb_array_elements(types) AS type WHERE type->>'name' = 'Shipping'
    )
WHERE types <> '[]';

-- Nothing kept an account from having several; the one that was made last is meant.
UPDATE contacts SET primary_billing = false WHERE primary_billing AND EXISTS (
    SELECT 1 FROM contacts AS later WHERE later.tenant_id = contacts.tenant_id
    AND later.account_id = contacts.account_id AND later.id > contacts.id AND later.primary_billing
);
UPDATE contacts SET primary_shipping = false WHERE primary_shipping AND EXISTS (
    SELECT 1 FROM contacts AS later WHERE later.tenant_id = contacts.tenant_id
    AND later.account_id = contacts.account_id AND later.id > contacts.id AND later.primary_shipping
);

ALTER TABLE contacts DROP COLUMN types;
CREATE UNIQUE INDEX contacts_one_primary_billing ON contacts (tenant_id, account_id) WHERE primary_billing;
CREATE UNIQUE INDEX contacts_one_primary_shipping ON contacts (tenant_id, account_id) WHERE primary_shipping;
"""


def upgrade() -> None:
    """Make of each contact's list of types two columns."""
    op.execute(TYPES)
