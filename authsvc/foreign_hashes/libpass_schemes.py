"""The schemes that the library libpass knows: those of PHP, Django, LDAP, Unix and the standards themselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passlib import hash as schemes

from authsvc.foreign_hashes.rules import (
    LEAST_ARGON2_KIBIBYTES_PER_LANE,
    MOST_ARGON2_LANES,
    MOST_ARGON2_PASSES,
    MOST_BCRYPT_LOG_ROUNDS,
    MOST_DIGEST_ROUNDS,
    MOST_MEMORY_BYTES,
    SCRYPT_LOG_BLOCKS_BY_SIZE,
    ForeignHash,
    HashTooCostly,
)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What of a parsed hash says how much work it is, how much is too much, and what nobody can have done."""

    settings: tuple[str, ...]
    is_bearable: Callable[[Mapping[str, int]], bool]
    is_possible: Callable[[Mapping[str, int]], bool] = lambda _: True


def _rounds(most: int) -> _Cost:
    return _Cost(("rounds",), lambda cost: cost["rounds"] <= most)


_BCRYPT = _rounds(MOST_BCRYPT_LOG_ROUNDS)
_DIGESTS = _rounds(MOST_DIGEST_ROUNDS)
# libpass counts phpass in powers of two.
_POWERS = _rounds(MOST_DIGEST_ROUNDS.bit_length() - 1)
_ARGON2 = _Cost(
    ("rounds", "memory_cost", "parallelism"),
    lambda cost: (
        cost["rounds"] <= MOST_ARGON2_PASSES
        and cost["memory_cost"] * 1024 <= MOST_MEMORY_BYTES
        and cost["parallelism"] <= MOST_ARGON2_LANES
    ),
    lambda cost: cost["memory_cost"] >= LEAST_ARGON2_KIBIBYTES_PER_LANE * cost["parallelism"],
)
# RFC 7914: 128 * r bytes for each of 2^rounds blocks, and the same work again for each lane.
_SCRYPT = _Cost(
    ("rounds", "block_size", "parallelism"),
    lambda cost: (
        (128 * cost["block_size"] * cost["parallelism"] << min(cost["rounds"], 64))
        <= MOST_MEMORY_BYTES
    ),
    lambda cost: cost["rounds"] < SCRYPT_LOG_BLOCKS_BY_SIZE * cost["block_size"],
)
_ONE_DIGEST = _Cost((), lambda _: True)

# How Django writes two of the standard ones.
_DJANGO_PREFIXES = {"bcrypt$$2": "$2", "argon2$argon2": "$argon2"}
# Bytes. All that bcrypt reads of a password; those who made the hash cut the rest off, and the library refuses it.
_BCRYPT_READS = 72

# Of what looks alike the first is taken.
_SCHEMES: tuple[tuple[Any, _Cost], ...] = (
    (schemes.bcrypt, _BCRYPT),
    (schemes.bcrypt_sha256, _BCRYPT),
    (schemes.argon2, _ARGON2),
    (schemes.scrypt, _SCRYPT),
    (schemes.pbkdf2_sha256, _DIGESTS),
    (schemes.pbkdf2_sha512, _DIGESTS),
    (schemes.pbkdf2_sha1, _DIGESTS),
    (schemes.phpass, _POWERS),
    (schemes.sha512_crypt, _DIGESTS),
    (schemes.sha256_crypt, _DIGESTS),
    (schemes.django_pbkdf2_sha256, _DIGESTS),
    (schemes.django_pbkdf2_sha1, _DIGESTS),
    (schemes.django_bcrypt_sha256, _BCRYPT),
    (schemes.django_salted_sha1, _ONE_DIGEST),
    (schemes.django_salted_md5, _ONE_DIGEST),
    (schemes.ldap_salted_sha512, _ONE_DIGEST),
    (schemes.ldap_salted_sha256, _ONE_DIGEST),
    (schemes.ldap_salted_sha1, _ONE_DIGEST),
    (schemes.ldap_salted_md5, _ONE_DIGEST),
    (schemes.ldap_sha1, _ONE_DIGEST),
    (schemes.ldap_md5, _ONE_DIGEST),
)


def read(text: str) -> ForeignHash | None:
    """Return the hash that `text` is, or None; raises `HashTooCostly`."""
    for django, standard in _DJANGO_PREFIXES.items():
        if text.startswith(django):
            text = standard + text.removeprefix(django)
    for scheme, cost in _SCHEMES:
        if scheme.identify(text):
            try:
                parsed = _cost_of(scheme, text, cost)
            except ValueError:
                return None
            return _hash(scheme, text, cost, parsed)
    return None


def _hash(scheme: Any, text: str, cost: _Cost, parsed: dict[str, int]) -> ForeignHash | None:  # noqa: ANN401  untyped library
    if not cost.is_bearable(parsed):
        raise HashTooCostly
    if not cost.is_possible(parsed):
        return None

    def verify(prepared: str) -> bool:
        secret = prepared.encode()[:_BCRYPT_READS] if scheme is schemes.bcrypt else prepared
        try:
            return bool(scheme.verify(secret, text))
        except ValueError:
            # A password that the scheme cannot have hashed.
            return False

    def decoy() -> str:
        return str(scheme.using(**parsed).hash(secrets.token_hex()))

    kind = ",".join([scheme.name, *(f"{name}={value}" for name, value in parsed.items())])
    return ForeignHash(kind, bool(parsed), verify, decoy)


def _cost_of(scheme: Any, text: str, cost: _Cost) -> dict[str, int]:  # noqa: ANN401  untyped library
    """Return what says how much work it is; raises `ValueError` for what only begins like a hash."""
    parsed = scheme.from_string(text)
    if parsed.checksum is None:
        raise ValueError("only the parameters of a hash")
    return {name: int(getattr(parsed, name)) for name in cost.settings}
