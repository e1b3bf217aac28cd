"""The audit trail is sealed into a chain for each tenant, and can be searched (docs/audit.md).

A link is made of the one before it and of its entry; what an erasure may take from an entry goes in as a salted digest,
so that the link still fits once that is gone, and the salt with it. Links are added behind the writers' backs, so that
no sign-in waits for another's: `audit_chains` is the end of each chain, and only ever goes on.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE audit_links (
    tenant_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    -- From 1 on, without a gap.
    place bigint NOT NULL CHECK (place > 0),
    -- Gone once the entry has lost what was personal in it.
    salt bytea CHECK (octet_length(salt) = 16),
    values_digest bytea NOT NULL CHECK (octet_length(values_digest) = 32),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (tenant_id, entry_id)
);

CREATE TABLE audit_chains (
    tenant_id bigint PRIMARY KEY REFERENCES tenants,
    place bigint NOT NULL,
    entry_id bigint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed_at timestamptz NOT NULL
);
"""

TRIGGERS = """
CREATE FUNCTION refuse_audit_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.salt IS NULL AND to_jsonb(NEW) - 'salt' = to_jsonb(OLD) - 'salt' AND EXISTS (
            SELECT FROM audit_entries
            WHERE tenant_id = OLD.tenant_id AND id = OLD.entry_id AND redacted_at IS NOT NULL)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the links of the audit trail are never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_links_are_final BEFORE UPDATE OR DELETE ON audit_links
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_link_change();
CREATE TRIGGER audit_links_are_not_emptied BEFORE TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_link_change();

CREATE FUNCTION refuse_shorter_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.tenant_id = OLD.tenant_id AND NEW.place > OLD.place AND NEW.entry_id > OLD.entry_id THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the chain of the audit trail only goes on' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_chains_go_on BEFORE UPDATE OR DELETE ON audit_chains
    FOR EACH ROW EXECUTE FUNCTION refuse_shorter_audit_chain();
CREATE TRIGGER audit_chains_are_not_emptied BEFORE TRUNCATE ON audit_chains
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_shorter_audit_chain();

-- Without the salt the digest of what was personal says nothing any more. The lock is the sealer's (`chain_store`): no
-- link is being made meanwhile of what the entry was before.
CREATE FUNCTION forget_audit_salt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7215363);
    UPDATE audit_links SET salt = NULL WHERE tenant_id = NEW.tenant_id AND entry_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entries_lose_their_salt AFTER UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION forget_audit_salt();
"""

# Each ends as a page of what is found is sorted.
SEARCH = """
CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, at, id);
CREATE INDEX audit_entries_of_actor ON audit_entries (tenant_id, actor text_pattern_ops, at, id);
CREATE INDEX audit_entries_of_action ON audit_entries (tenant_id, action, at, id);
CREATE INDEX audit_entries_from ON audit_entries (tenant_id, remote_address, at, id)
    WHERE remote_address IS NOT NULL;
"""


def upgrade() -> None:
    """Make room for the chain; what is there already is sealed by the worker, or by `authsvc audit seal`."""
    op.execute(TABLES)
    op.execute(TRIGGERS)
    op.execute(SEARCH)
