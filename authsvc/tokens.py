"""Bearer tokens: what they look like, and the digest that is all we keep of them.

A token is `<tenant id><a, b, d, p, s or t>~<43 characters>`: 256 random bits in URL-safe Base64 behind the tenant they
belong to and whether an application, a shopper's browser (a cookie), a device that is known again, somebody about to
sign in, a shopper or staff show them, so that a look-up names its tenant before it knows more, and neither a cookie nor
a sign-in that waits for its second factor is ever taken for a ticket.
Every character may stand in a URL and in a header unescaped ([K] A9: one vendor client sends refresh tokens without
encoding them).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum

# OWASP asks for 128 bits at least; 256 make guessing meaningless and let one SHA-256 stand in for a slow hash.
TOKEN_BYTES = 32
SALT_BYTES = 32

# Tenant ids are 64-bit: 19 digits at most.
_SHAPE = re.compile(r"([1-9][0-9]{0,17})([abdpst])~[A-Za-z0-9_-]{43}", re.ASCII)


class Audience(StrEnum):
    """Whose token it is; it is written into the token."""

    APPLICATION = "a"
    BROWSER = "b"
    DEVICE = "d"
    PENDING = "p"
    SHOPPER = "s"
    STAFF = "t"


@dataclass(frozen=True, slots=True)
class TokenReference:
    """What may be stored, logged or looked up of a token: its tenant and the SHA-256 of the whole text."""

    tenant_id: int
    digest: bytes


def new_token(tenant_id: int, audience: Audience) -> str:
    """Return a fresh random token of `tenant_id`."""
    return _spelled(tenant_id, audience, secrets.token_bytes(TOKEN_BYTES))


def new_salt() -> bytes:
    """Return the random half of a successor (see `successor`), which is stored."""
    return secrets.token_bytes(SALT_BYTES)


def successor(token: str, salt: bytes, kind: str) -> str:
    """Return the `kind` of token that follows a shopper's refresh token, the same one each time it is asked for.

    Two tabs that refresh with one token get one successor, though neither token is stored: the old token is with
    the shopper, the salt in the database, and only both together give the new one.
    """
    tenant_id = int(token.partition(Audience.SHOPPER)[0])
    return _spelled(
        tenant_id, Audience.SHOPPER, hmac.digest(salt, f"{kind}:{token}".encode(), hashlib.sha256)
    )


def reference(token: str, audience: Audience) -> TokenReference | None:
    """Return what to look `token` up by, or None for a text that was never one of ours for this audience."""
    match = _SHAPE.fullmatch(token)
    if match is None or match[2] != audience:
        return None
    return TokenReference(int(match[1]), digest(token))


def digest(token: str) -> bytes:
    """Return the 32 bytes by which `token` is stored."""
    return hashlib.sha256(token.encode()).digest()


def _spelled(tenant_id: int, audience: Audience, random_bytes: bytes) -> str:
    return f"{tenant_id}{audience}~{urlsafe_b64encode(random_bytes).rstrip(b'=').decode()}"
