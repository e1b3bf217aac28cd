"""One try: what is tried, from where, by which windows it is counted, and what becomes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from authsvc.guessing.origins import Origin
from authsvc.guessing.rules import Door, Limits, Reason, Step, Window

# Doors at which an account is counted, each with consecutive failures of its own: a second proof is not kept from who
# has shown the first by somebody who has shown nothing.
COUNTED_BY_ACCOUNT = (Door.PASSWORD, Door.CODE, Door.SIGN_IN_CODE)


@dataclass(frozen=True, slots=True)
class Counted:
    """A window that failures are counted in: its name, how many it lets through, then and while hardened, and whose."""

    name: str
    normal: Window
    narrow: Window
    reason: Reason


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try at a door; `key`: the username in its normal form, or None where no account is counted.

    Without a site only its address and the installation are counted.
    """

    door: Door
    origin: Origin
    tenant_id: int = 0
    customer_set: str = ""
    site_id: int | None = None
    key: str | None = field(default=None, repr=False)

    @property
    def account(self) -> str:
        """Name the account's count; what was typed may be a password in the wrong field, so only its digest is kept."""
        return account_name(self.tenant_id, self.customer_set, self.key or "", self.door)

    @property
    def typed(self) -> str:
        """Return the digest of the name."""
        return _digest(self.key or "")

    @property
    def place(self) -> str:
        """Name the set, for what is noticed of it."""
        return f"{self.tenant_id}:{self.customer_set}"

    @property
    def is_noticed(self) -> bool:
        """Tell whether it may be one of many tries of stolen passwords."""
        return self.door is Door.PASSWORD and self.origin.device is None

    def windows(self, limits: Limits) -> list[Counted]:
        """Return the windows it is counted in, the nearest first: its addresses', then all that strangers share.

        Nothing is shared but guesses of passwords and codes: or one stranger could keep others from signing up, from
        asking for a reset, and a storefront from its ticket.
        """
        found = list(self._of_origin(limits))
        if self.door in COUNTED_BY_ACCOUNT and not self.origin.is_storefront:
            found += self._of_strangers(limits)
        return found

    def _of_origin(self, limits: Limits) -> Sequence[Counted]:
        block, name = self.origin.block, f"{self.door}:from:{self.origin.block}"
        if block is None:
            return ()
        if self.door is Door.APPLICATION:
            # What nobody guesses is limited for the load alone, and neighbours in a data centre share a block.
            return (Counted(name, limits.tenant, limits.tenant, Reason.ADDRESS),)
        if self.origin.is_storefront:
            whole = limits.site if self.site_id is None else limits.of_site(self.site_id)
            return (Counted(name, whole, whole, Reason.SITE),)
        return (
            Counted(
                name,
                limits.address,
                limits.address.divided(limits.hardened_divisor),
                Reason.ADDRESS,
            ),
        )

    def _of_strangers(self, limits: Limits) -> Sequence[Counted]:
        def shared(name: str, window: Window, reason: Reason) -> Counted:
            narrow = window.divided(limits.hardened_divisor)
            return Counted(f"{self.door}:{name}", window, narrow, reason)

        everywhere = shared("everywhere", limits.everywhere, Reason.EVERYWHERE)
        if self.site_id is None:
            return (everywhere,)
        tenant = f"tenant:{self.tenant_id}"
        return (
            shared(f"{tenant}:site:{self.site_id}", limits.of_site(self.site_id), Reason.SITE),
            shared(tenant, limits.of_tenant(self.tenant_id), Reason.TENANT),
            everywhere,
        )


@dataclass(frozen=True, slots=True)
class Permit:
    """A try that may be judged; it counts as failed until it is said to be good.

    `windows_taken`: of `Attempt.windows`, from the first. `was_eased`: it came first after a hardened time.
    """

    attempt: Attempt
    step: Step
    windows_taken: int
    is_hardened: bool = False
    was_eased: bool = False
    # Whether it was counted in this process's memory, since Valkey could not be asked.
    in_memory: bool = False


def account_name(tenant_id: int, customer_set: str, key: str, door: Door = Door.PASSWORD) -> str:
    """Name an account's count by its tenant, its customer set and the normal form of its username."""
    return f"{door}:{tenant_id}:{customer_set}:{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
