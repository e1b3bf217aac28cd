"""Making, listing and retiring the keys that sign: by command, for the whole installation at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import MultiFernet
from joserfc.jwk import ECKey
from sqlalchemy import delete, insert, select, text, update

from authsvc.errors import Conflict, NotFound
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database, Transaction
from authsvc.infra.schema import signing_keys
from authsvc.sessions.key_ring import PUBLISHED_AHEAD, KeyLife, KeyRing, KeyState
from authsvc.sessions.signing_keys import ALGORITHM, life_of

_CURVE = "P-256"
# Any fixed number of our own: whoever holds this advisory lock is looking at the keys in order to change them.
_KEYS_LOCK = 7_215_362


class UnknownKey(NotFound):
    """There is no such key."""


class KeyIsNeeded(Conflict):
    """The key signs, or tokens that it signed may be good still."""


class KeyIsWaiting(Conflict):
    """The last rotation is not over."""


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Changes the keys in `signing_keys`; every process notices within a minute (`signing_keys.REREAD_SECONDS`)."""

    database: Database
    transaction: Transaction
    encryption: MultiFernet
    clock: Clock

    def ensure_one(self) -> None:
        """Create the first key, once, whoever comes first."""
        with self._alone() as ring:
            if not ring.keys:
                self._add(self.clock())

    def ring(self) -> KeyRing:
        """Return all keys' lives, the one that signs last first."""
        with self.database.connection() as connection:
            rows = connection.execute(
                select(signing_keys).order_by(signing_keys.c.signs_from.desc(), signing_keys.c.kid)
            )
            return KeyRing(tuple(life_of(row) for row in rows))

    def rotate(self, *, at_once: bool = False) -> KeyLife:
        """Publish a new key, which signs `PUBLISHED_AHEAD` from now; returns it.

        `at_once`: it signs now. For a key that was stolen: who verifies may not have the new one yet, and refuse what
        it signs until they look again. Raises `KeyIsWaiting`.
        """
        with self._alone() as ring:
            now = self.clock()
            for key in ring.keys:
                if ring.state(key, now) is KeyState.WAITING and not at_once:
                    raise KeyIsWaiting(
                        f"Key {key.kid} is published and signs from {key.signs_from:%Y-%m-%d %H:%M} UTC on. "
                        "Rotate again after that."
                    )
            return self._add(now if at_once else now + PUBLISHED_AHEAD)

    def rotate_if_due(self, period: timedelta) -> KeyLife | None:
        """Publish a successor in time for the newest key to sign for `period` only; returns it, None before.

        Any number of workers may ask at once: one makes it. A period of zero means that nothing is ever due.
        """
        if not period:
            return None
        with self._alone() as ring:
            now = self.clock()
            return self._add(now + PUBLISHED_AHEAD) if ring.is_due(now, period) else None

    def retire(self, kid: str, *, at_once: bool = False) -> None:
        """Publish a key no longer, and destroy its private half; what it signed for orders can be verified ever after.

        `at_once`: it was stolen. Nothing that it signed is believed any more, tickets and receipts alike. Raises
        `UnknownKey`, and `KeyIsNeeded` while it signs or, unless `at_once`, while tokens that it signed may be good.
        """
        with self._alone() as ring:
            now = self.clock()
            found = next((key for key in ring.keys if key.kid == kid), None)
            if found is None:
                raise UnknownKey(f"There is no key {kid}. List them: authsvc keys list")
            state = ring.state(found, now)
            if state is KeyState.SIGNING:
                raise KeyIsNeeded(
                    f"Key {kid} signs. First make its successor: authsvc keys rotate (if it was stolen, with --now)"
                )
            if at_once or state is KeyState.WAITING:
                with self.database.connection() as connection:
                    connection.execute(delete(signing_keys).where(signing_keys.c.kid == kid))
            elif state is KeyState.KEPT:
                if found not in ring.finished(now):
                    raise KeyIsNeeded(
                        f"Key {kid} may have signed tokens that are good until "
                        f"{ring.needed_until(found):%Y-%m-%d %H:%M} UTC. Retire it then."
                    )
                self._retire([found], now)

    def retire_finished(self, before: datetime) -> int:
        """Retire the keys whose last token expired before a moment; returns how many."""
        with self._alone() as ring:
            finished = ring.finished(before)
            self._retire(finished, self.clock())
            return len(finished)

    @contextmanager
    def _alone(self) -> Iterator[KeyRing]:
        """Hold the keys for one change at a time."""
        with self.transaction():
            with self.database.connection() as connection:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _KEYS_LOCK}
                )
            yield self.ring()

    def _add(self, signs_from: datetime) -> KeyLife:
        key = ECKey.generate_key(_CURVE, private=True)
        life = KeyLife(key.thumbprint(), self.clock(), signs_from)
        public = {**key.as_dict(private=False), "kid": life.kid, "use": "sig", "alg": ALGORITHM}
        with self.database.connection() as connection:
            connection.execute(
                insert(signing_keys).values(
                    kid=life.kid,
                    public_jwk=public,
                    private_key_encrypted=self.encryption.encrypt(key.as_pem(private=True)),
                    created_at=life.created_at,
                    signs_from=signs_from,
                )
            )
        return life

    def _retire(self, keys: list[KeyLife], now: datetime) -> None:
        with self.database.connection() as connection:
            connection.execute(
                update(signing_keys)
                .where(signing_keys.c.kid.in_([key.kid for key in keys]))
                .values(retired_at=now, private_key_encrypted=None)
            )
