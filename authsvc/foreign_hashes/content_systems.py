"""What WordPress 6.8 and WooCommerce, Drupal 7 and Django 4 write of their own.

What they share with others is in `libpass_schemes`.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from hashlib import md5, scrypt, sha384, sha512

from passlib.utils.binary import h64

from authsvc.foreign_hashes import libpass_schemes
from authsvc.foreign_hashes.rules import (
    MOST_DIGEST_ROUNDS,
    MOST_MEMORY_BYTES,
    SCRYPT_LOG_BLOCKS_BY_SIZE,
    ForeignHash,
    HashTooCostly,
)

# wp-includes/pluggable.php, wp_hash_password: bcrypt of an HMAC, so that nothing of a long password is lost.
_WORDPRESS_PREFIX, _WORDPRESS_KEY = "$wp", b"wp-sha384"

# includes/password.inc of Drupal 7, kept by Drupal 8 to 10.0. U: the hash of an MD5 hash from before Drupal 7.
_DRUPAL = re.compile(r"(U?)(\$S\$([./0-9A-Za-z])([./0-9A-Za-z]{8}))([./0-9A-Za-z]{43})")
_ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DRUPAL_DIGEST_CHARACTERS = 43

# django.contrib.auth.hashers.ScryptPasswordHasher.
_SALT_BYTES = 11
# OpenSSL counts a little more than the blocks.
_SCRYPT_MEMORY_BYTES = MOST_MEMORY_BYTES + (64 << 20)
_DJANGO_SCRYPT = re.compile(
    r"scrypt\$([0-9]{1,9})\$([^$]{1,128})\$([0-9]{1,6})\$([0-9]{1,6})\$([A-Za-z0-9+/]{86}==)"
)


def read(text: str) -> ForeignHash | None:
    """Return the hash that `text` is, or None; raises `HashTooCostly`."""
    return _wordpress(text) or _drupal(text) or _django_scrypt(text)


def _wordpress(text: str) -> ForeignHash | None:
    inner = text.removeprefix(_WORDPRESS_PREFIX)
    read_inner = libpass_schemes.read(inner) if inner != text and inner.startswith("$2") else None
    if read_inner is None:
        return None

    def verify(prepared: str) -> bool:
        mixed = hmac.digest(_WORDPRESS_KEY, prepared.strip().encode(), sha384)
        return read_inner.verify(b64encode(mixed).decode())

    return ForeignHash(
        f"wordpress,{read_inner.kind}",
        True,
        verify,
        lambda: _WORDPRESS_PREFIX + read_inner.decoy(),
    )


def _drupal(text: str) -> ForeignHash | None:
    found = _DRUPAL.fullmatch(text)
    if found is None:
        return None
    was_md5, head, power, salt, digest = found.groups()
    rounds = 1 << _ITOA64.index(power)
    if rounds > MOST_DIGEST_ROUNDS:
        raise HashTooCostly

    def verify(prepared: str) -> bool:
        secret = prepared.encode()
        if was_md5:
            secret = md5(secret, usedforsecurity=False).hexdigest().encode()
        recreated = sha512(salt.encode() + secret).digest()
        for _ in range(rounds):
            recreated = sha512(recreated + secret).digest()
        written = h64.encode_bytes(recreated)[:_DRUPAL_DIGEST_CHARACTERS]
        return hmac.compare_digest(written, digest.encode())

    def decoy() -> str:
        return (
            was_md5
            + head
            + "".join(secrets.choice(_ITOA64) for _ in range(_DRUPAL_DIGEST_CHARACTERS))
        )

    return ForeignHash(f"drupal,{was_md5}{rounds}", True, verify, decoy)


def _django_scrypt(text: str) -> ForeignHash | None:
    found = _DJANGO_SCRYPT.fullmatch(text)
    if found is None:
        return None
    n, r, p = int(found[1]), int(found[3]), int(found[4])
    if n < 2 or n & (n - 1) or not r or not p:
        return None
    if 128 * n * r * p > MOST_MEMORY_BYTES:
        raise HashTooCostly
    if n.bit_length() - 1 >= SCRYPT_LOG_BLOCKS_BY_SIZE * r:
        return None
    salt, digest = found[2], b64decode(found[5])

    def verify(prepared: str) -> bool:
        try:
            derived = scrypt(
                prepared.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=_SCRYPT_MEMORY_BYTES
            )
        except ValueError:
            # OpenSSL has bounds of its own; what it does not make it has not made.
            return False
        return hmac.compare_digest(derived, digest)

    def decoy() -> str:
        settings = f"scrypt${n}${secrets.token_hex(_SALT_BYTES)}${r}${p}"
        return f"{settings}${b64encode(secrets.token_bytes(len(digest))).decode()}"

    return ForeignHash(f"django_scrypt,{n},{r},{p}", True, verify, decoy)
