"""The second factor's arithmetic, staff's and shoppers' alike: time-based codes (RFC 6238) and recovery codes."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp

# RFC 6238 §5.2: 30 s steps; one step early or late is let in, for clocks that differ and people who type.
STEP_SECONDS = 30
STEPS_OFF = 1
RECOVERY_CODES = 10
# 80 random bits: so many that a fast digest keeps them as well as a slow hash.
_RECOVERY_BYTES = 10
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """Return a fresh secret of 160 bits (RFC 4226 §4), in Base32 as authenticator apps take it."""
    return pyotp.random_base32()


def enrolment_address(secret: str, username: str, issuer: str) -> str:
    """Return the `otpauth://` address that hands the secret to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(username, issuer)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that `code` belongs to, or None; it takes as long for any six digits.

    Whoever accepts a code must remember its step and accept no step twice (RFC 6238 §5.2).
    """
    digits = "".join(code.split())
    if not _CODE.fullmatch(digits):
        return None
    codes = pyotp.TOTP(secret, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - STEPS_OFF, current + STEPS_OFF + 1):
        if hmac.compare_digest(codes.generate_otp(step), digits):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return fresh recovery codes: `xxxx-xxxx-xxxx-xxxx-xxxx`, hexadecimal, each good once."""
    return [
        "-".join(re.findall("....", secrets.token_hex(_RECOVERY_BYTES)))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> bytes:
    """Return the 32 bytes by which a recovery code is stored; case, spaces and hyphens do not count."""
    bare = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(bare.encode("utf-8", "surrogatepass")).digest()


def recovery_digests(codes: Sequence[str]) -> list[bytes]:
    """Return the digests of several."""
    return [recovery_digest(code) for code in codes]
