"""A password hash another system made: what work it takes, and what is refused at the import already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from authsvc.errors import Invalid

# Characters. PostgreSQL and people's exports have none longer.
LONGEST_HASH = 1_000
# Bytes that one comparison may fill: what libsodium calls "moderate", more than twice Django's.
MOST_MEMORY_BYTES = 256 << 20
# A comparison with more work than this is an attack on the server, or a mistake: some seconds of a processor.
MOST_BCRYPT_LOG_ROUNDS = 15
MOST_DIGEST_ROUNDS = 5_000_000
MOST_ARGON2_PASSES = 16
# Each is a thread of its own while a comparison lasts.
MOST_ARGON2_LANES = 16
# RFC 7914 §6: there are fewer than 2^(16 r) blocks, and nobody has made a hash with more.
SCRYPT_LOG_BLOCKS_BY_SIZE = 16
# RFC 9106 §3.1: Kibibytes that each lane takes at the least.
LEAST_ARGON2_KIBIBYTES_PER_LANE = 8


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A hash that was recognised.

    `kind`: scheme and cost, the same for hashes that take the same work. `is_slow`: it takes long enough to be told
    from outside. `verify`: prepared password → whether it is the one. `decoy`: makes a hash of the same kind that no
    password opens.
    """

    kind: str
    is_slow: bool
    verify: Callable[[str], bool] = field(repr=False)
    decoy: Callable[[], str] = field(repr=False)


class UnknownHash(Invalid):
    """The text is no hash that is known here; it is not repeated, for it may be a password."""

    def __init__(self) -> None:
        """Say what is known."""
        super().__init__(
            "externalPassword",
            "is no password hash that is known here. Known are bcrypt, scrypt, PBKDF2, Argon2, SHA-crypt and salted "
            "SHA and MD5, as Magento, Shopify, WordPress, WooCommerce, Django, Drupal, PHP and LDAP write them. "
            "Let the customer choose a new password instead.",
        )


class HashTooCostly(Invalid):
    """One comparison with the hash would take a server too much time or memory."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "externalPassword",
            "asks for more work than a sign-in may take. Let the customer choose a new password instead.",
        )
