"""What is counted when somebody tries a password, a code or a link, and how long the next try must wait.

Whoever tries stands on one of three steps. A device that has signed in to this very account before answers for itself
alone: whatever strangers do elsewhere, it is not kept waiting. An address block that good sign-ins have come from is
limited by itself. Whoever is neither shares what the site, the tenant and the installation allow to all such strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authsvc.errors import TooMany

# NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures on one account. Of them these are kept for devices
# that have signed in before, so that strangers never use up the owner's; `Limits.strangers` are the others.
KEPT_FOR_KNOWN_DEVICES = 20
MOST_STRANGERS = 100 - KEPT_FOR_KNOWN_DEVICES
# Typing errors of one person, who has a few passwords to try: no wait before the fifth. From elsewhere there may be
# more people in question: their failures alone make nobody wait before the twentieth.
FREE_FROM_ONE_ORIGIN = 5
FREE_ALTOGETHER = 20
# While stuffing is noticed, for whoever stands on the last step.
FREE_FROM_ONE_ORIGIN_HARDENED = 2
FREE_ALTOGETHER_HARDENED = 5
# 2^20 seconds are beyond any longest wait: no need to count further.
MOST_DOUBLINGS = 20
# An address block stays known for as long as a browser that is asked to remember (settings: 30 days).
SEEN_FOR = timedelta(days=30)
# A good sign-in says nothing for its block while as many others from there fail: that is what stuffing looks like.
ORDINARY_FAILURES = 5


class Door(StrEnum):
    """What is tried; each has windows of its own."""

    PASSWORD = "password"  # noqa: S105  the name of a door
    CODE = "code"
    # In place of the password, so that whoever asks for one has shown nothing yet.
    SIGN_IN_CODE = "sign_in_code"
    SIGN_UP = "sign_up"
    RECOVERY = "recovery"
    LINK = "link"
    APPLICATION = "application"


class Step(StrEnum):
    """What is known of whoever tries, the best first."""

    KNOWN_DEVICE = "known_device"
    SEEN_ADDRESS = "seen_address"
    STRANGER = "stranger"


class Reason(StrEnum):
    """Which limit says no."""

    WAIT = "account"
    EXHAUSTED = "exhausted"
    ADDRESS = "address"
    SITE = "site"
    TENANT = "tenant"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Window:
    """So many failures within so many seconds, at any moment."""

    amount: int
    seconds: int

    def divided(self, divisor: int) -> Window:
        """Return the window that lets a part through, and one at the least."""
        return Window(max(1, self.amount // divisor), self.seconds)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings allow (README, docs/guessing.md).

    `strangers`: consecutive failures on one account from anywhere but its known devices. `of_its_own`: windows of
    single sites and tenants in place of the general ones, by `site:101` and `tenant:1001`. `noticed_at`: failures on
    one set that are taken for stuffing.
    """

    strangers: int
    memory: timedelta
    longest_wait: timedelta
    address: Window
    site: Window
    tenant: Window
    everywhere: Window
    of_its_own: Mapping[str, Window]
    noticed_at: Window
    hardened_for: timedelta
    hardened_divisor: int

    @property
    def altogether(self) -> int:
        """Return the most consecutive failures on one account, known devices included."""
        return self.strangers + KEPT_FOR_KNOWN_DEVICES

    def of_site(self, site_id: int) -> Window:
        """Return what one site allows to strangers."""
        return self.of_its_own.get(f"site:{site_id}", self.site)

    def of_tenant(self, tenant_id: int) -> Window:
        """Return what one tenant allows to strangers."""
        return self.of_its_own.get(f"tenant:{tenant_id}", self.tenant)


def wait_after(failures: int, free: int, longest: timedelta) -> timedelta:
    """Return how long after the last of so many failures the next try is due: 1 s after the free ones, then doubling.

    `begin.lua` says the same in Valkey's own language.
    """
    if failures < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - free, MOST_DOUBLINGS)), longest)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one username stands.

    `count`: failures since the last good sign-in. `remaining`: of those strangers have. `forgotten_at`: when all are
    forgotten. `strangers_wait`, `everybody_waits`: for how long nobody gets in from a device that was never signed in,
    or from any.
    """

    count: int
    remaining: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    forgotten_at: datetime | None = None
    strangers_wait: timedelta = timedelta()
    everybody_waits: timedelta = timedelta()


class TooManyFailures(TooMany):
    """Whoever tries must wait; the same words whether an account answers to the name or not (rule 11)."""

    def __init__(self, seconds: int, reason: Reason = Reason.WAIT) -> None:
        """Say when to try again, in `seconds`, and what else helps."""
        self.reason = reason
        super().__init__(
            _SENTENCES[reason].format(time=spoken(seconds)), retry_after_seconds=seconds
        )


_ELSEWHERE = (
    "Too many failed attempts, and not only yours. Try again in {time}, or on a device that you have signed in with "
    "before, or reset the password."
)
_SENTENCES = {
    Reason.WAIT: "Too many failed attempts. Try again in {time}, or reset the password.",
    Reason.EXHAUSTED: "Too many failed attempts. Reset the password: nobody can go on with this one for {time}.",
    Reason.ADDRESS: "Too many failed attempts from your network. Try again in {time}.",
    Reason.SITE: _ELSEWHERE,
    Reason.TENANT: _ELSEWHERE,
    Reason.EVERYWHERE: _ELSEWHERE,
}
# Up to one and a half of a unit people count in the smaller one.
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


def spoken(seconds: int) -> str:
    """Return a wait as people say it, rounded up: `1 second`, `90 seconds`, `15 minutes`, `30 days`."""
    for length, name in _UNITS:
        if seconds > length * 1.5:
            return f"{-(-seconds // length)} {name}"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
