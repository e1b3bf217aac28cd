"""What Magento 1 and 2 and Adobe Commerce write: `hash:salt` and `hash:salt:versions`.

Magento 1: MD5 (Community) or SHA-256 (Enterprise) of salt and password. Magento 2 names what was done, one version
after the other, for an upgrade hashes the old hash: 0 MD5, 1 SHA-256, 2 Argon2id with libsodium's costs for what
somebody waits for, `3_32_2_67108864` Argon2id with its length, passes and bytes of memory said.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from hashlib import md5, sha256

from argon2.low_level import Type, hash_secret_raw

from authsvc.foreign_hashes.rules import (
    MOST_ARGON2_PASSES,
    MOST_MEMORY_BYTES,
    ForeignHash,
    HashTooCostly,
)

_SHAPE = re.compile(r"([0-9a-f]{32,128}):([^:]{1,128})((?::[0-9]+(?:_[0-9]+){0,3}){0,4})")
_MD5, _SHA256, _ARGON2, _ARGON2_SAYING = "0", "1", "2", "3"
_VERSION_BY_LENGTH = {32: _MD5, 64: _SHA256}
# libsodium's crypto_pwhash: OPSLIMIT_INTERACTIVE, MEMLIMIT_INTERACTIVE, and the only salt it takes.
_PASSES, _MEMORY_BYTES, _SALT_BYTES = 2, 64 << 20, 16
_HASH_BYTES = 32
# What Argon2 itself asks for, for one lane (RFC 9106 §3.1).
_LEAST_HASH_BYTES, _LEAST_MEMORY_BYTES = 4, 8 << 10
_MOST_HASH_BYTES = 64

_Step = Callable[[str, str], str]


def read(text: str) -> ForeignHash | None:
    """Return the hash that `text` is, or None; raises `HashTooCostly`."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    digest, salt, said = found[1], found[2], found[3]
    versions = said.strip(":").split(":") if said else [_VERSION_BY_LENGTH.get(len(digest), "")]
    steps = [_step(version) for version in versions]
    known = [step for step in steps if step is not None]
    if len(known) < len(steps):
        return None

    def verify(prepared: str) -> bool:
        recreated = prepared
        for step in known:
            recreated = step(recreated, salt)
        return hmac.compare_digest(recreated, digest)

    def decoy() -> str:
        return f"{secrets.token_hex(len(digest) // 2)}:{secrets.token_hex(_SALT_BYTES)}{said}"

    is_slow = any(version[0] in (_ARGON2, _ARGON2_SAYING) for version in versions)
    return ForeignHash(f"magento,{':'.join(versions)}", is_slow, verify, decoy)


def _step(version: str) -> _Step | None:
    name, *numbers = version.split("_")
    if name == _MD5 and not numbers:
        return lambda text, salt: md5((salt + text).encode(), usedforsecurity=False).hexdigest()
    if name == _SHA256 and not numbers:
        return lambda text, salt: sha256((salt + text).encode()).hexdigest()
    if name == _ARGON2 and not numbers:
        return _argon2(_HASH_BYTES, _PASSES, _MEMORY_BYTES)
    if name == _ARGON2_SAYING and len(numbers) == 3:
        return _argon2(*map(int, numbers))
    return None


def _argon2(hash_bytes: int, passes: int, memory_bytes: int) -> _Step | None:
    if (
        not _LEAST_HASH_BYTES <= hash_bytes <= _MOST_HASH_BYTES
        or passes < 1
        or memory_bytes < _LEAST_MEMORY_BYTES
    ):
        return None
    if passes > MOST_ARGON2_PASSES or memory_bytes > MOST_MEMORY_BYTES:
        raise HashTooCostly

    def step(text: str, salt: str) -> str:
        # Too short a salt is repeated, too long a one cut off.
        salt_bytes = (salt.encode() * _SALT_BYTES)[:_SALT_BYTES]
        return hash_secret_raw(
            text.encode(),
            salt_bytes,
            time_cost=passes,
            memory_cost=memory_bytes >> 10,
            parallelism=1,
            hash_len=hash_bytes,
            type=Type.ID,
        ).hex()

    return step
