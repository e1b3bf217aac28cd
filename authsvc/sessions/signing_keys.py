"""The keys that sign JWTs: kept in PostgreSQL, the private halves encrypted with a key from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from cryptography.fernet import InvalidToken, MultiFernet
from joserfc.jwk import ECKey, GuestProtocol, KeySet
from sqlalchemy import select

from authsvc.errors import AuthsvcError
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database, DatabaseUnavailable
from authsvc.infra.schema import signing_keys
from authsvc.sessions.key_ring import KeyLife, KeyRing, KeyState

ALGORITHM = "ES256"
# How long a process goes on with the keys it has read before it looks for newer ones.
REREAD_SECONDS = 60.0
# The least there is between two looks, where somebody shows a key that this process does not know.
LOOKS_APART_SECONDS = 1.0


class WrongEncryptionKey(AuthsvcError):
    """The environment's key does not open the stored signing keys."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read last."""

    ring: KeyRing
    # Of the key that signs and of those to come, the last first.
    private: dict[str, ECKey]
    published: KeySet
    ever: KeySet
    read_at: float
    # False while PostgreSQL could not be asked when it was time to.
    is_fresh: bool = True


class SigningKeys:
    """One key signs; it, its successor and those whose tokens may be about still are published (`key_ring`)."""

    def __init__(
        self,
        database: Database,
        encryption: MultiFernet,
        clock: Clock,
        ticks: Callable[[], float],
    ) -> None:
        """Read keys from `database` and open them with `encryption`; `ticks` counts seconds."""
        self._database = database
        self._encryption = encryption
        self._clock = clock
        self._ticks = ticks
        self._lock = Lock()
        self._known: _Known | None = None

    def signing_key(self) -> ECKey:
        """Return the private key to sign with; its `kid` goes into the JWT's header."""
        known = self._current()
        kid = known.ring.signing(self._clock()).kid
        # Where the clock was put back since, behind the moment at which the key took over, that key goes on.
        return known.private.get(kid) or next(reversed(known.private.values()))

    def published(self) -> dict[str, Any]:
        """Return the public keys as a JWK set (RFC 7517), with a key that was made a second ago."""
        return dict(self._current(LOOKS_APART_SECONDS).published.as_dict(private=False))

    def ever_published(self) -> dict[str, Any]:
        """Return the public keys of all times, for what is verified years later; no stolen ones."""
        return dict(self._current(LOOKS_APART_SECONDS).ever.as_dict(private=False))

    def for_ticket(self, signed: GuestProtocol) -> KeySet:
        """Return the keys that a ticket's JWT may be signed with; looks for the one it names if it is not known."""
        return self._knowing(signed.headers().get("kid")).published

    def for_receipt(self, signed: GuestProtocol) -> KeySet:
        """Return the keys that a receipt may be signed with, retired ones too; looks as `for_ticket` does."""
        return self._knowing(signed.headers().get("kid")).ever

    def _knowing(self, kid: object) -> _Known:
        known = self._current()
        if kid is not None and all(key.kid != kid for key in known.ever.keys):
            return self._current(LOOKS_APART_SECONDS)
        return known

    def _current(self, most_seconds: float = REREAD_SECONDS) -> _Known:
        """Return what was read at most `most_seconds` ago; while PostgreSQL is away, what there is."""
        known = self._known
        if known is not None and self._holds(known, most_seconds):
            return known
        with self._lock:
            known = self._known
            if known is None or not self._holds(known, most_seconds):
                self._known = known = self._read_or_keep(known)
        return known

    def _holds(self, known: _Known, most_seconds: float) -> bool:
        # Nobody waits time after time for a database that is away.
        return self._ticks() < known.read_at + (most_seconds if known.is_fresh else REREAD_SECONDS)

    def _read_or_keep(self, known: _Known | None) -> _Known:
        """Read the keys; while PostgreSQL is away go on with those there are, so that checks of JWTs go on."""
        try:
            return self._read()
        except DatabaseUnavailable:
            if known is None:
                raise
            return replace(known, read_at=self._ticks(), is_fresh=False)

    def _read(self) -> _Known:
        read_at = self._ticks()
        with self._database.connection() as connection:
            rows = connection.execute(
                select(signing_keys).order_by(signing_keys.c.signs_from.desc(), signing_keys.c.kid)
            ).all()
        ring = KeyRing(tuple(life_of(row) for row in rows))
        now = self._clock()
        to_sign = {
            key.kid
            for key in ring.keys
            if ring.state(key, now) in (KeyState.SIGNING, KeyState.WAITING)
        }
        return _Known(
            ring,
            {row.kid: self._opened(row) for row in rows if row.kid in to_sign},
            _key_set(row.public_jwk for row in rows if row.retired_at is None),
            _key_set(row.public_jwk for row in rows),
            read_at,
        )

    def _opened(self, row: Any) -> ECKey:  # noqa: ANN401  rows have no type
        try:
            private = self._encryption.decrypt(bytes(row.private_key_encrypted))
        except InvalidToken as failure:
            raise WrongEncryptionKey(
                "AUTHSVC_ENCRYPTION_KEYS does not open the stored signing keys. Put back the key they were "
                "encrypted with; several keys may be given, separated by commas."
            ) from failure
        return ECKey.import_key(private, {"kid": row.kid, "use": "sig", "alg": ALGORITHM})


def life_of(row: Any) -> KeyLife:  # noqa: ANN401  rows have no type
    """Return the moments that a row of `signing_keys` tells."""
    return KeyLife(row.kid, row.created_at, row.signs_from, row.retired_at)


def _key_set(public: Iterable[dict[str, Any]]) -> KeySet:
    return KeySet([ECKey.import_key(jwk) for jwk in public])
