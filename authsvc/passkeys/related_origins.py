"""Whose pages may ask for passkeys of a domain: what browsers look up there (Web Authentication, Level 3, §5.11)."""

from __future__ import annotations

from flask import request

from authsvc.errors import NotFound
from authsvc.passkeys.policies import PasskeyPolicies
from authsvc.passkeys.wire import RelatedOrigins
from authsvc.web.operations import Routes


class NoRelatedOrigins(NotFound):
    """No customer set has its passkeys made for this host."""

    def __init__(self) -> None:
        """Say it."""
        super().__init__("No passkeys are made for this host.")


def routes(policies: PasskeyPolicies) -> Routes:
    """Declare the operation over `policies`."""
    part = Routes("related_origins", prefix="/.well-known", tag="Passkeys")

    @part.get("/webauthn", requires=None, answers=RelatedOrigins, refuses=(NoRelatedOrigins,))
    def related_origins() -> RelatedOrigins:
        """Tell browsers on which origins passkeys of this host may be asked for: those of the set's sites."""
        origins = policies.related_origins(request.host)
        if not origins:
            raise NoRelatedOrigins
        return RelatedOrigins(origins=origins)

    return part
