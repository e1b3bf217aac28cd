"""Accounts that lost their person, and audit entries that lost what was personal in them.

- An account with orders is kept for them as a number: the database itself sees to it that nothing of a person stands in
  its row.
- An audit entry is still never changed or deleted, but for one thing: the values in it may go, once and all together,
  when the account it is about is gone or erased. Who did what, and when, and to which fields, stays.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ACCOUNTS = """
ALTER TABLE accounts ADD COLUMN erased_at timestamptz,
    ADD CONSTRAINT accounts_erased_are_nobody CHECK (erased_at IS NULL OR (NOT is_active AND num_nonnulls(
        username, username_key, email_address, email_key, first_name, last_name, company_or_organization,
        locale_code, external_id, tax_id) = 0));
"""

# What says nothing of a person: it explains for ever why an account could or could not sign in somewhere.
AUDIT = """
ALTER TABLE audit_entries ADD COLUMN redacted_at timestamptz;

CREATE FUNCTION without_personal_values(changes jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_agg(
        CASE WHEN change ->> 'field' IN ('customerSet', 'customer_set_code', 'is_active', 'is_locked', 'session')
            THEN change
            ELSE jsonb_build_object('field', change -> 'field', 'old', NULL, 'new', NULL) END
        ORDER BY place), '[]')
    FROM jsonb_array_elements(changes) WITH ORDINALITY AS every (change, place)
$$;

CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL
            AND NEW.changes = without_personal_values(OLD.changes) AND NEW.remote_address IS NULL
            AND to_jsonb(NEW) - '{changes,remote_address,redacted_at}'::text[]
                = to_jsonb(OLD) - '{changes,remote_address,redacted_at}'::text[]
            AND NOT EXISTS (
                SELECT FROM accounts WHERE tenant_id = OLD.tenant_id AND erased_at IS NULL
                    AND id = CAST(substring(OLD.subject FROM '^account:([0-9]+)$') AS bigint))
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def upgrade() -> None:
    """Make room for forgetting."""
    op.execute(ACCOUNTS)
    op.execute(AUDIT)
