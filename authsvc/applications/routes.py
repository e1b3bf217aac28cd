"""Application tickets: the OAuth form of today's clients and the older one ([K] 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from authsvc.applications.rules import (
    ACCESS_LIFETIME,
    ApplicationTicket,
    BadApplicationCredentials,
    UnknownRefreshToken,
)
from authsvc.applications.service import Applications
from authsvc.errors import Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire, WireDateTime

# Longer than any id, secret or token of ours; characters.
LONGEST_CREDENTIAL = 200

# Lets whoever sends a request try a secret or a token; raises `TooManyFailures`.
Judged = Callable[[], AbstractContextManager[None]]

Credential = Annotated[str, Field(max_length=LONGEST_CREDENTIAL)]


class OAuthRequest(Wire):
    """Client credentials (RFC 6749 §4.4), or the refresh token of an earlier ticket; the vendor sends both."""

    client_id: Annotated[Credential | None, Field(alias="client_id")] = None
    client_secret: Annotated[Credential | None, Field(alias="client_secret")] = None
    grant_type: Annotated[Credential | None, Field(alias="grant_type")] = None
    refresh_token: Annotated[Credential | None, Field(alias="refresh_token")] = None


class OAuthTicket(Wire):
    """An application's ticket; the names are RFC 6749 §5.1's."""

    access_token: Annotated[str, Field(alias="access_token")]
    token_type: Annotated[str, Field(alias="token_type")] = "bearer"  # noqa: S105  a kind of token
    expires_in: Annotated[int, Field(alias="expires_in", description="Seconds.")]
    refresh_token: Annotated[str, Field(alias="refresh_token")]


class AuthTicketRequest(Wire):
    """An application's id and shared secret."""

    application_id: Credential
    shared_secret: Credential


class RefreshRequest(Wire):
    """The refresh token of an application's ticket."""

    refresh_token: Credential


class AuthTicket(Wire):
    """An application's ticket, in the older form."""

    access_token: str
    access_token_expiration: WireDateTime
    refresh_token: str
    refresh_token_expiration: WireDateTime


def routes(service: Applications, judged: Judged) -> Routes:
    """Declare the operations over `service`; they are how callers prove themselves, so they require nothing.

    `judged` lets an address try so many secrets and tokens and no more.
    """
    part = Routes(
        "applications", prefix="/api/platform/applications/authtickets", tag="Application tickets"
    )

    @part.post(
        "/oauth",
        requires=None,
        answers=OAuthTicket,
        form=True,
        refuses=(BadApplicationCredentials, TooManyFailures, Invalid),
    )
    def authenticate_oauth(body: OAuthRequest) -> OAuthTicket:
        """Get or refresh an application's ticket by client id and secret.

        The client id and secret decide. A refresh token that comes along is kept while it is good; a stale one
        is replaced, so that a client that only ever refreshes does not fall silent ([K] 7).
        """
        with judged():
            return _oauth(_ticket(service, body))

    @part.post(
        "",
        requires=None,
        answers=AuthTicket,
        status=201,
        refuses=(BadApplicationCredentials, TooManyFailures),
    )
    def authenticate(body: AuthTicketRequest) -> AuthTicket:
        """Get an application's ticket by application id and shared secret."""
        with judged():
            return _legacy(service.authenticate(body.application_id, body.shared_secret))

    @part.put(
        "/refresh-ticket",
        requires=None,
        answers=AuthTicket,
        refuses=(UnknownRefreshToken, TooManyFailures),
    )
    def refresh(body: RefreshRequest) -> AuthTicket:
        """Get a fresh access token for a refresh token."""
        with judged():
            return _legacy(service.refresh(body.refresh_token))

    @part.delete("/<refresh_token>", requires=None, refuses=(UnknownRefreshToken,))
    def delete(refresh_token: str) -> None:
        """Give up a refresh token."""
        service.give_up(refresh_token)

    return part


def _ticket(service: Applications, body: OAuthRequest) -> ApplicationTicket:
    if body.client_id and body.client_secret:
        return service.authenticate(body.client_id, body.client_secret, body.refresh_token)
    if not body.refresh_token:
        raise Invalid("client_id", "Send client_id and client_secret, or a refresh_token.")
    try:
        return service.refresh(body.refresh_token)
    except UnknownRefreshToken as refusal:
        raise BadApplicationCredentials(refusal.message) from None


def _oauth(ticket: ApplicationTicket) -> OAuthTicket:
    left = ticket.access_expires_at - datetime.now(UTC)
    return OAuthTicket(
        access_token=ticket.access_token,
        expires_in=min(int(left.total_seconds()) + 1, int(ACCESS_LIFETIME.total_seconds())),
        refresh_token=ticket.refresh_token,
    )


def _legacy(ticket: ApplicationTicket) -> AuthTicket:
    return AuthTicket(
        access_token=ticket.access_token,
        access_token_expiration=ticket.access_expires_at,
        refresh_token=ticket.refresh_token,
        refresh_token_expiration=ticket.refresh_expires_at,
    )
