"""Customer segments as they travel, under the vendor's field names ([K] 3.2)."""

from __future__ import annotations

from authsvc.segments.rules import Segment
from authsvc.web.audit_info import AuditInfo
from authsvc.web.wire import Id, Wire


class CustomerSegment(Wire):
    """A group of customers."""

    id: Id
    code: str
    name: str
    description: str
    audit_info: AuditInfo

    @classmethod
    def of(cls, segment: Segment) -> CustomerSegment:
        """Show a segment."""
        return cls(
            id=segment.id,
            code=segment.code,
            name=segment.name,
            description=segment.description,
            audit_info=AuditInfo.of(segment),
        )


class SegmentBody(Wire):
    """A segment as a caller sends it; its id is the service's to say."""

    code: str | None = None
    name: str | None = None
    description: str | None = None

    def fields(self) -> dict[str, str | None]:
        """Return what was sent; what is absent is left out."""
        return {name: getattr(self, name) for name in self.model_fields_set}
