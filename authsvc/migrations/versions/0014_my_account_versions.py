"""Versions of what My Account shows, so that a remembered answer can be held against them with one question.

Triggers count, so that whoever writes, past the service too, is counted, in the transaction that writes. What stands
in the account's own row is not counted: the row's `xmin` tells. A large move holds those rows for minutes, and nobody
who saves an address meanwhile may have to wait for it.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

VERSIONS = """
CREATE TABLE my_account_versions (
    tenant_id bigint NOT NULL REFERENCES tenants,
    -- 0: what stands in many accounts at once, the names of segments, attributes and sites.
    account_id bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
) WITH (fillfactor = 50);

-- Of an account that is being deleted nothing is counted any more.
CREATE FUNCTION count_my_account_change(tenant bigint, account bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO my_account_versions (tenant_id, account_id, version)
    SELECT tenant_id, id, 1 FROM accounts WHERE tenant_id = tenant AND id = account
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET version = my_account_versions.version + 1
$$;

CREATE FUNCTION note_my_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM count_my_account_change(NEW.tenant_id, NEW.account_id);
    ELSIF TG_OP = 'DELETE' OR NEW.account_id = OLD.account_id THEN
        PERFORM count_my_account_change(OLD.tenant_id, OLD.account_id);
    ELSE
        -- In one order for everybody, so that two who change the same accounts never wait for each other.
        PERFORM count_my_account_change(NEW.tenant_id, least(OLD.account_id, NEW.account_id));
        PERFORM count_my_account_change(NEW.tenant_id, greatest(OLD.account_id, NEW.account_id));
    END IF;
    RETURN NULL;
END $$;
"""

OF_ACCOUNTS = ("contacts", "cards", "account_attributes", "account_segments", "orders")

OF_TENANTS = """
CREATE FUNCTION note_change_of_all_my_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO my_account_versions VALUES (NEW.tenant_id, 0, 1)
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET version = my_account_versions.version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER my_account_notes_segments AFTER UPDATE ON customer_segments
    FOR EACH ROW EXECUTE FUNCTION note_change_of_all_my_accounts();
CREATE TRIGGER my_account_notes_definitions AFTER UPDATE ON attribute_definitions
    FOR EACH ROW EXECUTE FUNCTION note_change_of_all_my_accounts();
CREATE TRIGGER my_account_notes_site_names AFTER UPDATE OF name ON sites
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION note_change_of_all_my_accounts();

-- Its name sorts behind those of the foreign keys' triggers, which delete what was the account's.
CREATE FUNCTION forget_my_account_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM my_account_versions WHERE tenant_id = OLD.tenant_id AND account_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER my_account_version_goes AFTER DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION forget_my_account_version();
"""


def upgrade() -> None:
    """Begin to count; what was never counted is at 0."""
    op.execute(VERSIONS)
    for table in OF_ACCOUNTS:
        op.execute(
            f"CREATE TRIGGER my_account_notes_{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION note_my_account_change()"
        )
    op.execute(OF_TENANTS)
