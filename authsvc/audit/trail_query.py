"""What is looked for in the audit trail, and where in what is found a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from authsvc.errors import Invalid

LONGEST_TERM = 320


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Whatever is given narrows the search.

    `actor`: who acted, as entries name them; of staff, what they did in a shopper's session as well. `subject`: whom or
    what it was done to, `account:1001`. `action`: `account.updated`. `remote_address`: as a whole, or how it begins
    where it ends in a dot or colon. `since`, `until`: moments; the second is no longer part of it.
    """

    actor: str | None = None
    subject: str | None = None
    action: str | None = None
    remote_address: str | None = None
    site_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """An entry's place in the order of time."""

    at: datetime
    id: int

    def __str__(self) -> str:
        """Write it as it stands in an address."""
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.id}"

    @classmethod
    def of(cls, text: str) -> Position:
        """Read what `str` wrote; raises `Invalid`."""
        moment, _, number = text.partition("-")
        try:
            at = datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
            return cls(at, int(number) if number.isascii() and len(number) < 19 else int(""))
        except ValueError:
            raise Invalid("cursor", "This is no page of the audit trail.") from None
