"""What an application and its ticket are ([K] 5.1, 5.2)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authsvc.callers import Behavior
from authsvc.errors import Conflict, Invalid, NotAuthenticated, NotFound

# [K] 5.1: access 1 h, refresh 14 days.
ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=14)
# A working day to bring the new secret to every server, and the night after.
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)

_CLIENT_ID = re.compile(r"([1-9][0-9]{0,17})\.[A-Za-z0-9_-]{1,64}", re.ASCII)


class BadApplicationCredentials(NotAuthenticated):
    """Client id and shared secret do not belong together; which of the two is wrong is not said."""

    error_code = "INVALID_CREDENTIALS"


class UnknownApplication(NotFound):
    """The tenant has no such application."""


class UnknownRefreshToken(NotFound):
    """No application ticket goes with this refresh token."""


class SecretsOverlap(Conflict):
    """An older secret is still good; three at a time would be one nobody keeps an eye on."""

    def __init__(self, until: datetime) -> None:
        """Say what to do."""
        super().__init__(
            f"The secret before this one is good until {until:%Y-%m-%d %H:%M} UTC. Wait, or end both now with an "
            "overlap of 0."
        )


@dataclass(frozen=True, slots=True)
class ApplicationSecret:
    """What is kept of a shared secret. One without `expires_at` is good until another takes over."""

    digest: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    # When a ticket was last handed out for it; tells whether some server has not got the new one yet.
    last_used_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Tell whether it may still be used."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class Application:
    """A machine caller of one tenant. `secrets`: newest first; left out where only its rights matter.

    `site_ids`: the only sites it acts on; None: on all of the tenant's.
    """

    tenant_id: int
    client_id: str
    name: str
    secrets: tuple[ApplicationSecret, ...]
    behaviors: frozenset[Behavior]
    is_active: bool
    created_at: datetime
    site_ids: frozenset[int] | None = None

    def accepts(self, shared_secret: str, now: datetime) -> ApplicationSecret | None:
        """Return, in constant time for each, which of its good secrets this is; None: none, or it may not call."""
        sent = secret_digest(shared_secret)
        found = [one for one in self.secrets if hmac.compare_digest(one.digest, sent)]
        return next((one for one in found if self.is_active and one.is_good(now)), None)


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """What the stores know of one access token: whose it is, and when it runs out."""

    application: Application
    expires_at: datetime

    def is_good(self, now: datetime) -> bool:
        """Tell whether the application may call with it at `now`."""
        return now < self.expires_at and self.application.is_active


@dataclass(frozen=True, slots=True)
class ApplicationTicket:
    """What an application is handed: two tokens and when each runs out."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


def new_client_id(tenant_id: int) -> str:
    """Return a fresh client id; it begins with the tenant it belongs to."""
    return f"{tenant_id}.{secrets.token_hex(8)}"


def tenant_of(client_id: str) -> int | None:
    """Return the tenant a client id belongs to, or None for a text that is no client id."""
    match = _CLIENT_ID.fullmatch(client_id)
    return int(match[1]) if match else None


def new_shared_secret() -> str:
    """Return a fresh secret of 256 random bits, so that a fast digest is enough to keep it."""
    return secrets.token_urlsafe(32)


def secret_digest(shared_secret: str) -> bytes:
    """Return the 32 bytes by which a secret is stored."""
    return hashlib.sha256(shared_secret.encode("utf-8", "surrogatepass")).digest()


def behaviors_named(names: list[str]) -> frozenset[Behavior]:
    """Return the behaviors of these names; raises `Invalid` naming the first that does not exist."""
    known = {behavior.value: behavior for behavior in Behavior}
    for name in names:
        if name not in known:
            raise Invalid("behavior", f"{name!r} is none. Choose from: {', '.join(sorted(known))}.")
    return frozenset(known[name] for name in names)
