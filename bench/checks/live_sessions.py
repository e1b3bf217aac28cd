"""Live sessions by the million: in PostgreSQL by set-based SQL, and copies in Valkey as the service would write them.

Their tokens are counted through, so that the load generator spells them by itself (`tokens.lua`). Copies are written
to live for an hour and not a minute: what is measured is how checks fare among so many, not how they come about.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from random import Random

import redis
from sqlalchemy import create_engine, text

from authsvc.services import connect_services
from authsvc.settings import load_settings
from authsvc.tokens import Audience, TokenReference, reference
from bench.stack import Stores

TOKENS = Path(__file__).with_name("tokens.lua")
# So many sessions have one account.
OF_AN_ACCOUNT = 5
COPIES_LIVE_SECONDS = 3_600
# Copies sent to Valkey at once.
AT_ONCE = 5_000
LIFE = timedelta(days=1)
# Copies compared with PostgreSQL after each growth.
SAMPLES = 50

# An account is known by the number of its first session.
_ACCOUNTS = text("""
    WITH added AS (
    INSERT INTO accounts (tenant_id, customer_set_code, user_id, username, username_key, email_address, email_key,
        first_name, last_name, account_type, tax_exempt, accepts_marketing, is_active, is_locked, customer_since,
        created_at, created_by, updated_at, updated_by)
    SELECT :tenant, :set, md5(n::text), login, login, login, login, 'Pat', 'M.', 'B2C', false, false, true, false,
        now(), now(), 'bench', now(), 'bench'
    FROM generate_series(CAST(:first AS bigint), :last, :each) AS n,
        LATERAL (SELECT n || '@live.example' AS login) AS named
    ORDER BY n RETURNING id
    ) SELECT min(id) FROM added
""")
_SESSIONS = text("""
    INSERT INTO sessions (tenant_id, id, account_id, user_id, customer_set_code, site_id, methods, opened_at,
        expires_at)
    SELECT :tenant, lpad(to_hex(n), 32, '0')::uuid, :account + (n - :first) / :each,
        md5((:first + (n - :first) / :each * :each)::text), :set, :site, ARRAY['password'], now(), :expires
    FROM generate_series(CAST(:first AS bigint), :last) AS n
""")
_TOKENS = text("""
    INSERT INTO session_tokens (tenant_id, digest, session_id, kind, issued_at, expires_at)
    SELECT :tenant, sha256(convert_to(CAST(:tenant AS bigint) || 's~' || lpad(n::text, 43, '0'), 'UTF8')),
        lpad(to_hex(n), 32, '0')::uuid, 'access', now(), :expires
    FROM generate_series(CAST(:first AS bigint), :last) AS n
    ORDER BY 2
""")


@dataclass(frozen=True, slots=True)
class _Sample:
    """A copy that the service has written of one session, from which those of all others are made."""

    number: int
    account_id: int
    key: bytes
    value: bytes


class LiveSessions:
    """The sessions of a merchant's first site; there are more and more of them."""

    def __init__(self, stores: Stores) -> None:
        site = stores.merchant["sites"][0]
        self.tenant_id: int = stores.merchant["tenantId"]
        self.site_id: int = site["id"]
        self.count = 0
        self._customer_set: str = site["customerSet"]
        self._valkey_url = stores.variables["VALKEY_URL"]
        self._services = connect_services(
            load_settings(
                database_url=stores.variables["DATABASE_URL"],
                valkey_url=self._valkey_url,
                encryption_keys=stores.variables["AUTHSVC_ENCRYPTION_KEYS"],
            )
        )

    def close(self) -> None:
        """Let go of the stores."""
        self._services.close()

    @property
    def headers(self) -> dict[str, str]:
        """What a check sends besides its token."""
        return {"x-vol-tenant": str(self.tenant_id), "x-vol-site": str(self.site_id)}

    def token(self, number: int) -> str:
        """Return the token of the session with that number; the first is 1."""
        return f"{self.tenant_id}s~{number:043d}"

    def in_turn(self, step: int = 0, among: int | None = None) -> list[str]:
        """Return the arguments with which `TOKENS` checks all of them, or so many, in turn, beginning with a step."""
        return [str(self.tenant_id), str(among or self.count), str(step)]

    def grow(self, to: int) -> None:
        """Open sessions until there are so many, and let Valkey have a copy of each."""
        first, self.count = self.count + 1, to
        account_id = self._open(first, to)
        self._copy(self._sample(first, account_id), to)
        self._prove(first)

    def _open(self, first: int, last: int) -> int:
        """Write to PostgreSQL; return the account of the first."""
        engine = create_engine(self._services.settings.database_url.get_secret_value())
        common = {"tenant": self.tenant_id, "set": self._customer_set}
        numbers = {"first": first, "last": last, "expires": datetime.now(UTC) + LIFE}
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL work_mem = '512MB'"))
            # Constraints hold by the way this is made; asking them for each row takes longer than all the rest.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            each = {"first": first, "last": last, "each": OF_AN_ACCOUNT}
            account_id: int = connection.execute(_ACCOUNTS, common | each).scalar_one()
            places = {"account": account_id, "each": OF_AN_ACCOUNT, "site": self.site_id}
            connection.execute(_SESSIONS, common | numbers | places)
            connection.execute(_TOKENS, {"tenant": self.tenant_id} | numbers)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            for table in ("accounts", "sessions", "session_tokens"):
                connection.execute(text(f"VACUUM ANALYZE {table}"))
        engine.dispose()
        return account_id

    def _sample(self, number: int, account_id: int) -> _Sample:
        """Let the service check a session, and return the copy that it leaves."""
        self._services.invalidation.follow()
        token = self._reference(number)
        self._services.sessions.check(token, self.site_id)
        with closing(redis.Redis.from_url(self._valkey_url)) as valkey:
            (key,) = valkey.scan_iter(f"*{token.digest.hex()}", count=1_000_000)
            return _Sample(number, account_id, key, valkey.get(key))

    def _copy(self, sample: _Sample, last: int) -> None:
        """Write to Valkey, which answers nothing meanwhile and keeps no file of it."""
        client = redis.Redis.from_url(self._valkey_url)
        client.config_set("appendonly", "no")
        connection = client.connection_pool.get_connection()
        connection.send_command("CLIENT", "REPLY", "OFF")
        for commands in _copies(sample, self.tenant_id, last):
            connection.send_packed_command([commands])
        connection.send_command("CLIENT", "REPLY", "ON")
        assert connection.read_response() == b"OK"
        client.connection_pool.disconnect()

    def _prove(self, first: int) -> None:
        """Compare copies with what PostgreSQL says."""
        records = self._services.sessions.records
        chance = Random(first)  # noqa: S311  a sample
        for _ in range(SAMPLES):
            token = self._reference(chance.randint(first, self.count))
            # More may be written than the follower could look at in between.
            self._services.invalidation.follow()
            copied, stored = records.remembered(token), records.store.by_shown_tokens([token])
            assert copied is not None
            assert copied == stored[token], (copied, stored)

    def _reference(self, number: int) -> TokenReference:
        found = reference(self.token(number), Audience.SHOPPER)
        assert found is not None
        return found


def _copies(sample: _Sample, tenant_id: int, last: int) -> Iterator[bytes]:
    """Yield the commands that write the copies of the sample's session and all after it, many at once."""
    before_digest, _ = sample.key.split(_digest(tenant_id, sample.number))
    first_account = sample.account_id
    own = _session(sample.number), _holder(sample.number, first_account, sample.number)
    before, rest = sample.value.split(own[0])
    between, after = rest.split(own[1])
    dies_at = int((time.time() + COPIES_LIVE_SECONDS) * 1000)
    for first in range(sample.number, last + 1, AT_ONCE):
        commands = []
        for number in range(first, min(first + AT_ONCE, last + 1)):
            key = before_digest + _digest(tenant_id, number)
            holder = _holder(number, first_account, sample.number)
            value = b"%b%b%b%b%b" % (before, _session(number), between, holder, after)
            commands.append(
                b"*5\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$4\r\nPXAT\r\n$13\r\n%d\r\n"
                % (len(key), key, len(value), value, dies_at)
            )
        yield b"".join(commands)


def _digest(tenant_id: int, number: int) -> bytes:
    return sha256(b"%ds~%043d" % (tenant_id, number)).hexdigest().encode()


def _session(number: int) -> bytes:
    return b"00000000-0000-0000-0000-%012x" % number


def _holder(number: int, first_account: int, first: int) -> bytes:
    """Return account and user id as they stand in a copy."""
    account = (number - first) // OF_AN_ACCOUNT
    user_id = md5(b"%d" % (first + account * OF_AN_ACCOUNT), usedforsecurity=False).hexdigest()
    return b'%d,"%b"' % (first_account + account, user_id.encode())
