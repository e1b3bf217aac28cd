"""Where a try comes from: a device, an address block, or a server that speaks for its shoppers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from authsvc.callers import Caller

# What one customer of a provider is given at the least, and shares with nobody: RFC 6177 (a /64 of IPv6). Of IPv4 a
# /24 is the smallest block that is routed by itself, so that who has one address of it may have the others.
IPV4_BITS = 24
IPV6_BITS = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of whoever tries.

    `block`: their addresses' block, or the application that calls for shoppers whose address it does not tell, which is
    then a whole storefront (`is_storefront`); None: nowhere, as on the command line. `device`: of the account that is
    tried, if it shows one that has signed in there before.
    """

    block: str | None
    is_storefront: bool = False
    device: str | None = None

    @property
    def name(self) -> str:
        """Name what failures on one account are counted by besides the account, in few characters."""
        text = f"device {self.device}" if self.device else f"block {self.block}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def origin_of(caller: Caller, device: str | None = None) -> Origin:
    """Return where a call comes from; `device`: the known one that it shows.

    An application's own address says nothing of its shoppers, so it counts what the application says of theirs.
    """
    if caller.application is None:
        return Origin(block_of(caller.remote_address), device=device)
    block = block_of(caller.device.address) if caller.device is not None else None
    if block is not None:
        return Origin(block, device=device)
    return Origin(f"application:{caller.application}", is_storefront=True, device=device)


def block_of(address: str | None) -> str | None:
    """Return the block that is counted for an address: a /24 of IPv4, a /64 of IPv6; None for what is no address."""
    try:
        known = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is None:
            return str(ip_network((known, IPV6_BITS), strict=False))
        known = known.ipv4_mapped
    return str(ip_network((known, IPV4_BITS), strict=False))
