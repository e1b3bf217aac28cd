"""What is asked of a merchant's verifier, how the question is signed, and where one may be.

The vendor calls a function of the tenant's with the clear password and the stored string ([K] 4, D-VEP); here it is an
HTTPS endpoint. docs/imported_passwords.md shows one.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from authsvc.errors import Invalid, NotFound, Unavailable

# The kind of an imported hash that nothing here can compare with (see `foreign_hashes`).
MERCHANTS = "merchant"
# Characters; browsers and proxies keep to less.
LONGEST_URL = 2_000
# Seconds a question may take in all: a shopper waits, and so does everybody who signs in at the tenant meanwhile.
TIMEOUT_SECONDS = 3.0
# Bytes of an answer; the right one has some twenty.
LONGEST_ANSWER = 4_096
AWAY_RETRY_AFTER_SECONDS = 30

SIGNATURE_HEADER = "X-Authsvc-Signature"
TIMESTAMP_HEADER = "X-Authsvc-Timestamp"

# RFC 6052: an IPv4 address that IPv6 networks translate stands in the last four bytes.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Verifier:
    """A merchant's endpoint. `in_own_network`: it may be at a private address; `authorities`: PEM to trust it by."""

    tenant_id: int
    url: str
    secret: bytes = field(repr=False)
    in_own_network: bool
    authorities: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a password is the one that somebody's imported string was made of."""

    username: str
    password: str = field(repr=False)
    external_password: str = field(repr=False)


class NoVerifier(NotFound):
    """The tenant has none."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This tenant has no password verifier.")


class VerifierAway(Unavailable):
    """The endpoint gave no verdict; said to everybody of the tenant whose password is not known to be right."""

    def __init__(self) -> None:
        """Say what a shopper does now."""
        super().__init__(
            "Your password cannot be checked at this moment. Try again in a minute, or reset it.",
            retry_after_seconds=AWAY_RETRY_AFTER_SECONDS,
        )


class VerifierFailed(Exception):
    """One question got no verdict; the text says why, without what was asked."""


class NoPlace(VerifierFailed):
    """The question was not asked, as too many are under way; of the endpoint that says nothing."""


def verifier_url(text: str) -> str:
    """Return the address of an endpoint; raises `Invalid` unless it is HTTPS, without user, password and fragment."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        is_good = (
            parts.scheme == "https"
            and bool(parts.hostname)
            and parts.username is None
            and parts.password is None
            and not parts.fragment
            and parts.port != 0
        )
    except ValueError:
        is_good = False
    if not is_good or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise Invalid(
            "url", "Give an address such as https://accounts.example.com/verify-password."
        )
    if " " in url:
        raise Invalid("url", "An address has no spaces.")
    return url


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the Internet's, and not of this machine or the networks it stands in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or _translated(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what shows that a question is ours: `v1=` and the HMAC-SHA-256 of timestamp, full stop and body."""
    mac = hmac.digest(secret, timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hex()}"


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address not in _TRANSLATED:
        return None
    return ipaddress.IPv4Address(address.packed[-4:])
