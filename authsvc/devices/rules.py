"""What is kept of a device, how long it is known, and how roughly its place is told."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from authsvc.callers import ShownDevice
from authsvc.errors import Invalid, NotFound

# What browsers keep a cookie for at the most (RFC 6265bis §5.5): a device that stayed away for longer cannot show its
# token any more, and is forgotten here too.
KNOWN_FOR = timedelta(days=400)
# Of one account. Who has more signs in from browsers that keep no cookie; the ones unused for longest are forgotten.
MOST_DEVICES = 50

# An address tells a household. Its block tells a provider's neighbourhood, which a shopper knows and nobody is found
# by: what Google Analytics keeps of addresses, the last 8 bits of IPv4 and the last 80 of IPv6 left out.
IPV4_BITS = 24
IPV6_BITS = 48

# What an application hands over as a device's token: as long as 128 bits in hexadecimal at the least.
_HANDED_TOKEN = re.compile(r"[!-~]{32,200}", re.ASCII)
# Mails about new devices to one account within an hour: whoever has the password must not fill the mailbox.
MOST_NOTICES = 5
NOTICES_WITHIN = timedelta(hours=1)
# Longer ones are no browser's.
LONGEST_USER_AGENT = 1_000


class UnknownDevice(NotFound):
    """The account has no such device."""

    def __init__(self) -> None:
        """Say what may have happened."""
        super().__init__("There is no such device any more. It may have been removed meanwhile.")


@dataclass(frozen=True, slots=True)
class Device:
    """A device that an account was signed in with.

    `name`: what it says of itself, in words. `address_block`: where it was used last, roughly (`203.0.113.0/24`).
    """

    id: str
    name: str
    address_block: str | None
    first_seen_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that an account was signed in with before, and that shows it.

    `is_certain`: by a token that nobody guesses. Otherwise by the fingerprint that a vendor's client sends ([K] 2.6),
    which similar devices may share: enough to leave out a second factor where a merchant wants that, and no reason to
    be let in while strangers are kept out.
    """

    id: str
    is_certain: bool


def address_block(address: str | None) -> str | None:
    """Return the block that an address is in, or None for what is no address."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    bits = IPV6_BITS if isinstance(known, IPv6Address) else IPV4_BITS
    return str(ip_network(f"{known}/{bits}", strict=False))


def rough_place(block: str | None) -> str:
    """Return how a block of addresses is told to people: `203.0.113.x`, `2001:db8:1:x`; empty where there is none."""
    network = (block or "").partition("/")[0]
    if ":" in network:
        return f"{network.rstrip(':')}:x"
    return f"{network.rpartition('.')[0]}.x" if network else ""


def handed_token(text: str) -> str:
    """Return a token that an application hands over for a shopper's device; raises `Invalid` for a guessable one."""
    if _HANDED_TOKEN.fullmatch(text) is None:
        raise Invalid(
            "x-auth-device", "Send 32 to 200 visible ASCII characters that nobody can guess."
        )
    return text


def shown_digest(shown: ShownDevice | None) -> tuple[bytes, bool] | None:
    """Return what a device is looked up by, and whether that is certain; None for one that shows nothing."""
    if shown is None:
        return None
    if shown.token:
        return hashlib.sha256(f"token:{shown.token}".encode()).digest(), True
    if shown.fingerprint:
        return hashlib.sha256(f"fingerprint:{shown.fingerprint}".encode()).digest(), False
    return None
