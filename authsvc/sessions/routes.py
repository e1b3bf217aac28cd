"""The session check for other services, signing out, and the keys to verify JWTs with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authsvc.callers import Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownSite
from authsvc.sessions.rules import CheckedSession, NoSession
from authsvc.sessions.service import Sessions
from authsvc.sessions.signing_keys import SigningKeys
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire, WireDateTime


class SessionModel(Wire):
    """A session that may be used on the site it was asked for."""

    account_id: Id | None
    user_id: str
    is_anonymous: bool
    customer_set: str
    site_id: Id
    tenant_id: Id
    methods: list[str]
    signed_in_at: WireDateTime
    expires_at: WireDateTime

    @classmethod
    def of(cls, session: CheckedSession) -> SessionModel:
        """Show a session to the service that asked."""
        record = session.record
        return cls(
            account_id=record.account_id,
            user_id=record.user_id,
            is_anonymous=record.account_id is None,
            customer_set=record.customer_set,
            site_id=session.site_id,
            tenant_id=record.tenant_id,
            methods=list(record.methods),
            signed_in_at=record.opened_at,
            expires_at=record.token_expires_at,
        )


class JwkSet(Wire):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


def routes(
    service: Sessions, keys: SigningKeys, session_of_request: Callable[[], CheckedSession]
) -> Routes:
    """Declare the operations; `session_of_request` finds the session the current request shows."""
    part = Routes("sessions", prefix="", tag="Sessions")

    @part.get("/session", requires=None, answers=SessionModel, refuses=(NoSession, UnknownSite))
    def check_session() -> SessionModel:
        """Tell whose session a ticket shows, if it may be used on the site.

        The ticket comes as `Authorization: Bearer` or in x-vol-user-claims, the site in x-vol-site or by host.
        """
        return SessionModel.of(session_of_request())

    @part.delete("/session", requires=Requires(shopper=ShopperRole.REQUIRED))
    def sign_out(caller: Caller) -> None:
        """End the session whose ticket comes along, on every site of its set."""
        if caller.shopper is not None:
            service.sign_out(caller, caller.shopper.session_id)

    @part.get("/.well-known/jwks.json", requires=None, answers=JwkSet)
    def get_keys() -> JwkSet:
        """Get the keys that tickets' JWTs are signed with."""
        return JwkSet(keys=keys.published()["keys"])

    return part
