"""The keys that sign JWTs: kept in PostgreSQL, the private halves encrypted with a key from the environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import insert, select, text

from authsvc.errors import AuthsvcError
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database, DatabaseUnavailable, Transaction
from authsvc.infra.schema import signing_keys

ALGORITHM = "ES256"
_CURVE = "P-256"
# Any fixed number of our own: whoever holds this advisory lock is looking whether there is a key yet.
_FIRST_KEY_LOCK = 7_215_362
# How long a process goes on with the keys it has read before it looks for newer ones.
REREAD_SECONDS = 60.0


class WrongEncryptionKey(AuthsvcError):
    """The environment's key does not open the stored signing keys."""


@dataclass(frozen=True, slots=True)
class _Ring:
    newest: ECKey
    published: KeySet
    read_at: float


class SigningKeys:
    """The newest key signs, all are published."""

    def __init__(
        self,
        database: Database,
        transaction: Transaction,
        encryption: MultiFernet,
        clock: Clock,
        ticks: Callable[[], float],
    ) -> None:
        """Read keys from `database` and open them with `encryption`; `ticks` counts seconds."""
        self._database = database
        self._transaction = transaction
        self._encryption = encryption
        self._clock = clock
        self._ticks = ticks
        self._lock = Lock()
        self._ring: _Ring | None = None

    def ensure_one(self) -> None:
        """Create the first key, once, whoever comes first."""
        with self._transaction(), self._database.connection() as connection:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _FIRST_KEY_LOCK}
            )
            if connection.execute(select(signing_keys.c.kid).limit(1)).first() is None:
                self._add_key()

    def signing_key(self) -> ECKey:
        """Return the private key to sign with; its `kid` goes into the JWT's header."""
        return self._current().newest

    def published(self) -> dict[str, Any]:
        """Return the public keys as a JWK set (RFC 7517)."""
        return dict(self._current().published.as_dict(private=False))

    def verifying_keys(self) -> KeySet:
        """Return the keys that a JWT of ours may be signed with."""
        return self._current().published

    def _current(self) -> _Ring:
        ring = self._ring
        if ring is not None and self._ticks() < ring.read_at + REREAD_SECONDS:
            return ring
        with self._lock:
            ring = self._ring
            if ring is None or self._ticks() >= ring.read_at + REREAD_SECONDS:
                self._ring = ring = self._read_or_keep(ring)
        return ring

    def _read_or_keep(self, ring: _Ring | None) -> _Ring:
        """Read the keys; while PostgreSQL is away go on with those there are, so that checks of JWTs go on."""
        try:
            return self._read()
        except DatabaseUnavailable:
            if ring is None:
                raise
            return replace(ring, read_at=self._ticks())

    def _read(self) -> _Ring:
        read_at = self._ticks()
        with self._database.connection() as connection:
            rows = connection.execute(
                select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid)
            ).all()
        try:
            private = self._encryption.decrypt(bytes(rows[0].private_key_encrypted))
        except InvalidToken as failure:
            raise WrongEncryptionKey(
                "AUTHSVC_ENCRYPTION_KEYS does not open the stored signing keys. Put back the key they were "
                "encrypted with; several keys may be given, separated by commas."
            ) from failure
        newest = ECKey.import_key(private, {"kid": rows[0].kid, "use": "sig", "alg": ALGORITHM})
        return _Ring(newest, KeySet([ECKey.import_key(row.public_jwk) for row in rows]), read_at)

    def _add_key(self) -> None:
        key = ECKey.generate_key(_CURVE, private=True)
        kid = key.thumbprint()
        public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
        with self._database.connection() as connection:
            connection.execute(
                insert(signing_keys).values(
                    kid=kid,
                    public_jwk=public,
                    private_key_encrypted=self._encryption.encrypt(key.as_pem(private=True)),
                    created_at=self._clock(),
                )
            )
