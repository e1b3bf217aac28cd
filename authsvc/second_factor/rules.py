"""What a customer set asks of who signs in, which factors answer it, and when that is asked ([K] 2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from authsvc.callers import ShownDevice

# As much of an address as tells roughly where it is, for clients that name no region (bits).
_REGION_BITS = {4: 16, 6: 32}


class Factor(StrEnum):
    """What can be given to complete a sign-in; a session's methods name those that were."""

    EMAIL_CODE = "email_code"
    AUTHENTICATOR_APP = "authenticator_app"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class Requirement(StrEnum):
    """When a customer set asks for a second factor; whoever has set one up is asked for it in any case."""

    OFF = "off"
    # Shoppers may set one up.
    OFFERED = "offered"
    # The vendor's three ([K] 2.6), of which the first two may be on together.
    NEW_DEVICE = "new_device"
    CHANGE_OF_REGION = "change_of_region"
    NEW_DEVICE_OR_REGION = "new_device_or_region"
    ALWAYS = "always"

    @property
    def minds_devices(self) -> bool:
        """Tell whether a device that is not known is asked for more."""
        return self in (Requirement.NEW_DEVICE, Requirement.NEW_DEVICE_OR_REGION)

    @property
    def minds_regions(self) -> bool:
        """Tell whether another region than the last is asked for more."""
        return self in (Requirement.CHANGE_OF_REGION, Requirement.NEW_DEVICE_OR_REGION)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a customer set asks. `sign_in_codes`: a code by e-mail opens an account without its password."""

    requirement: Requirement = Requirement.OFF
    sign_in_codes: bool = False


def region_of(device: ShownDevice | None, remote_address: str | None) -> str:
    """Return where somebody signs in: the region the client names, else the block of addresses the device is in."""
    if device is not None and device.region:
        return device.region.strip().casefold()
    known = device.address if device is not None and device.address else remote_address
    try:
        address = ip_address(known or "")
    except ValueError:
        return "unknown"
    return str(ip_network((address, _REGION_BITS[address.version]), strict=False))


def demanded(
    requirement: Requirement,
    enrolled: frozenset[Factor],
    given: Sequence[str],
    *,
    is_new_device: bool,
    is_new_region: bool,
) -> frozenset[Factor]:
    """Return the factors of which one must be given still; none: what was `given` is enough.

    `enrolled`: what the shopper has set up, which is never answered by less, such as a code to a mailbox that may be
    whoever's who knows the password. A passkey always is enough: by itself it is two factors, since its owner
    shows finger, face or PIN, and beside a password it is the second.
    """
    if Factor.PASSKEY in given:
        return frozenset()
    if enrolled:
        wanted = enrolled
    elif (
        requirement is Requirement.ALWAYS
        or (requirement.minds_devices and is_new_device)
        or (requirement.minds_regions and is_new_region)
    ):
        wanted = frozenset({Factor.EMAIL_CODE})
    else:
        return frozenset()
    return frozenset() if wanted.intersection(given) else wanted
