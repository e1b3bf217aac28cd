"""Telephone numbers by their digits, kept with the contacts whatever writes them."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE contact_phones (
    tenant_id bigint NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    digits text COLLATE "C" NOT NULL CHECK (digits <> ''),
    digits_backwards text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, account_id, contact_id, digits)
);

CREATE FUNCTION phones_of_contact(contact contacts) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT digits FROM (
        SELECT regexp_replace(phone, '[^0-9]', '', 'g') AS digits
        FROM unnest(ARRAY[contact.phone_home, contact.phone_mobile, contact.phone_work]) AS phone) AS phones
    WHERE digits <> ''
$$;
INSERT INTO contact_phones
    SELECT contacts.tenant_id, contacts.account_id, contacts.id, digits, reverse(digits)
    FROM contacts CROSS JOIN LATERAL phones_of_contact(contacts) AS digits;

ALTER TABLE contact_phones ADD FOREIGN KEY (tenant_id, account_id, contact_id)
    REFERENCES contacts (tenant_id, account_id, id) ON DELETE CASCADE;
CREATE INDEX contact_phones_by_beginning ON contact_phones (tenant_id, digits, account_id);
CREATE INDEX contact_phones_by_end ON contact_phones (tenant_id, digits_backwards, account_id);

CREATE FUNCTION note_phones_of_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM contact_phones
        WHERE tenant_id = OLD.tenant_id AND account_id = OLD.account_id AND contact_id = OLD.id;
    END IF;
    INSERT INTO contact_phones
        SELECT NEW.tenant_id, NEW.account_id, NEW.id, digits, reverse(digits) FROM phones_of_contact(NEW) AS digits;
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_note_phones AFTER INSERT ON contacts FOR EACH ROW
    WHEN (coalesce(NEW.phone_home, NEW.phone_mobile, NEW.phone_work) IS NOT NULL)
    EXECUTE FUNCTION note_phones_of_contact();
CREATE TRIGGER contacts_note_new_phones AFTER UPDATE OF phone_home, phone_mobile, phone_work ON contacts FOR EACH ROW
    WHEN ((OLD.phone_home, OLD.phone_mobile, OLD.phone_work) IS DISTINCT FROM
        (NEW.phone_home, NEW.phone_mobile, NEW.phone_work))
    EXECUTE FUNCTION note_phones_of_contact();
"""


def upgrade() -> None:
    """Let customers be found by telephone number."""
    op.execute(TABLE)
