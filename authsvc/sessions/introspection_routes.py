"""`POST /oauth2/introspect` (RFC 7662): the session check for software that speaks OAuth 2.

Names and texts on the wire are the RFC's. `iat` and `username` are left out: a check knows neither when a ticket was
last refreshed nor what the shopper is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import orjson
from flask import Response
from pydantic import Field

from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import NotAuthenticated
from authsvc.guessing.rules import TooManyFailures
from authsvc.sessions.check_answer import Actor
from authsvc.sessions.jwt import ISSUER
from authsvc.sessions.rules import CheckedSession, NoSession
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire, wire_moment


class IntrospectionRequest(Wire):
    """RFC 7662 §2.1, and the site; what kind of token it is needs no hint."""

    token: str
    token_type_hint: Annotated[str | None, Field(alias="token_type_hint")] = None
    site: Annotated[
        Id | None, Field(description="Absent: as x-vol-site or the host name, else the token's.")
    ] = None


class ActiveToken(Wire):
    """RFC 7662 §2.2, with claims of our own behind `token_type`."""

    active: Literal[True]
    iss: str
    sub: Annotated[str, Field(description="The shopper's user id.")]
    exp: Annotated[int, Field(description="Seconds since 1970.")]
    token_type: Annotated[Literal["Bearer"], Field(alias="token_type")]
    auth_time: Annotated[int, Field(alias="auth_time", description="When they signed in.")]
    tenant_id: Annotated[Id, Field(alias="tenant_id")]
    customer_set: Annotated[str, Field(alias="customer_set")]
    site_id: Annotated[Id, Field(alias="site_id", description="The site that was asked about.")]
    account_id: Annotated[Id | None, Field(alias="account_id", description="Null: anonymous.")]
    methods: list[str]
    act: Annotated[Actor | None, Field(description="Who acts for the shopper (RFC 8693 §4.1).")]
    as_of: Annotated[str, Field(alias="as_of", description="The moment that this is true for.")]

    @classmethod
    def of(cls, session: CheckedSession) -> ActiveToken:
        """Show a session to the application that asked."""
        record = session.record
        return cls(
            active=True,
            iss=ISSUER,
            sub=record.user_id,
            exp=int(min(record.token_expires_at, record.expires_at).timestamp()),
            token_type="Bearer",  # noqa: S106  a kind of token
            auth_time=int(record.opened_at.timestamp()),
            tenant_id=record.tenant_id,
            customer_set=record.customer_set,
            site_id=session.site_id,
            account_id=record.account_id,
            methods=list(record.methods),
            act=Actor.of(record.methods),
            as_of=wire_moment(session.true_at),
        )


class InactiveToken(Wire):
    """A token that is unknown, run out, ended, another tenant's, or not good on the site: which is not said."""

    active: Literal[False]


def routes(introspected: Callable[[str, int | None], CheckedSession]) -> Routes:
    """Declare the operation; `introspected` finds a token's session for whom the current request proves to be."""
    part = Routes("introspection", prefix="/oauth2", tag="Sessions")

    @part.post(
        "/introspect",
        requires=None,
        answers=ActiveToken | InactiveToken,
        form=True,
        refuses=(NotAuthenticated, TooManyFailures),
    )
    def introspect(body: IntrospectionRequest) -> Response:
        """Tell an application whose session a token shows, as RFC 7662 has it.

        The application proves itself by HTTP Basic (client id and secret) or by its ticket. It learns of its own
        tenant's tokens only.
        """
        try:
            answer: Wire = ActiveToken.of(introspected(body.token, body.site))
        except (NoSession, UnknownSite):
            answer = InactiveToken(active=False)
        except NotAuthenticated:
            return _unproven()
        return Response(answer.model_dump_json(by_alias=True), content_type=JSON_CONTENT_TYPE)

    return part


def _unproven() -> Response:
    """RFC 6749 §5.2, which RFC 7662 §2.3 asks for."""
    return Response(
        orjson.dumps({"error": "invalid_client"}),
        401,
        {"WWW-Authenticate": "Basic"},
        content_type=JSON_CONTENT_TYPE,
    )
