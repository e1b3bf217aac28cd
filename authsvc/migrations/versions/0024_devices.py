"""The devices that shoppers have signed in with, and which session is on which."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody's devices are known yet; sessions that go on are on none."""
    op.execute(
        """
        CREATE TABLE devices (
            tenant_id bigint NOT NULL,
            id uuid NOT NULL,
            account_id bigint NOT NULL,
            name text NOT NULL CHECK (name <> ''),
            -- A block, never an address: it has a length of prefix that leaves bits out.
            address_block text CHECK (address_block ~ '^[0-9.]+/24$' OR address_block ~ '^[0-9a-f:]+/48$'),
            first_seen_at timestamptz NOT NULL,
            last_used_at timestamptz NOT NULL,
            forgotten_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            -- What a token of the same account points at.
            UNIQUE (tenant_id, account_id, id),
            FOREIGN KEY (tenant_id, account_id) REFERENCES accounts ON DELETE CASCADE
        );
        CREATE INDEX devices_by_use ON devices (last_used_at);

        CREATE TABLE device_tokens (
            tenant_id bigint NOT NULL,
            account_id bigint NOT NULL,
            -- SHA-256 of what the device shows. One browser of two people is a device of each.
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            device_id uuid NOT NULL,
            is_certain boolean NOT NULL,
            PRIMARY KEY (tenant_id, account_id, digest),
            FOREIGN KEY (tenant_id, account_id, device_id) REFERENCES devices (tenant_id, account_id, id)
                ON DELETE CASCADE
        );
        CREATE INDEX device_tokens_of_device ON device_tokens (tenant_id, account_id, device_id);

        -- The device that a session is on, if that is known. No foreign key: devices are forgotten while their sessions
        -- of long ago are still kept.
        ALTER TABLE sessions ADD COLUMN device_id uuid;
        -- When its holder proved once more who they are; empty: not since it was opened.
        ALTER TABLE sessions ADD COLUMN proven_at timestamptz;
        """
    )


def downgrade() -> None:
    """Know no devices."""
    op.execute(
        """
        ALTER TABLE sessions DROP COLUMN device_id, DROP COLUMN proven_at;
        DROP TABLE device_tokens, devices;
        """
    )
