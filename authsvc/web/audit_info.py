"""Who made and last changed something, and when, as every model of the API shows it ([K] 3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from authsvc.web.wire import Wire, WireDateTime


class Stamped(Protocol):
    """Anything that knows who made and last changed it, or will know once it is kept."""

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""

    @property
    def created_by(self) -> str | None:
        """Who made it."""

    @property
    def updated_at(self) -> datetime | None:
        """When it was last changed."""

    @property
    def updated_by(self) -> str | None:
        """Who last changed it."""


class AuditInfo(Wire):
    """Who made and last changed something, and when."""

    create_by: str | None = None
    create_date: WireDateTime | None = None
    update_by: str | None = None
    update_date: WireDateTime | None = None

    @classmethod
    def of(cls, thing: Stamped) -> AuditInfo:
        """Show what is known of a thing."""
        return cls(
            create_by=thing.created_by,
            create_date=thing.created_at,
            update_by=thing.updated_by,
            update_date=thing.updated_at,
        )
