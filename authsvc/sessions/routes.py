"""The session check for other services, signing out, and the keys to verify JWTs with."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, after_this_request, request

from authsvc.callers import Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownSite
from authsvc.sessions.check_answer import SessionModel, identity_headers
from authsvc.sessions.rules import CheckedSession, NoSession
from authsvc.sessions.service import Sessions
from authsvc.sessions.signing_keys import SigningKeys
from authsvc.web.answers import json_answer
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

# A new key signs an hour after it is published (`key_ring.PUBLISHED_AHEAD`): nobody misses it by keeping the others.
KEYS_MAX_AGE_SECONDS = 300
KEPT_FOR_A_WHILE = {"Cache-Control": f"public, max-age={KEYS_MAX_AGE_SECONDS}"}

SIGN_IN_HEADER = "X-Auth-Sign-In"
# The hosted page (`storefront`), on the host of the site.
SIGN_IN_PATH = "/login"


class JwkSet(Wire):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


def routes(
    service: Sessions, keys: SigningKeys, session_of_request: Callable[[], CheckedSession]
) -> Routes:
    """Declare the operations; `session_of_request` finds the session the current request shows."""
    part = Routes("sessions", prefix="", tag="Sessions")

    @part.get("/session", requires=None, answers=SessionModel, refuses=(NoSession, UnknownSite))
    def check_session() -> Response:
        """Tell whose session a ticket shows, if it may be used on the site.

        The ticket comes as `Authorization: Bearer` or in x-vol-user-claims, or a browser's cookie in its place; the
        site in x-vol-site or by host. The answer's `X-Auth-…` headers say the same as its body, for a proxy to pass on.
        A 401 to a proxy that says in X-Forwarded-Uri what was asked for says in X-Auth-Sign-In where to send a browser.
        """
        after_this_request(_with_sign_in)
        session = session_of_request()
        return json_answer(SessionModel.of(session), headers=identity_headers(session))

    @part.delete("/session", requires=Requires(shopper=ShopperRole.REQUIRED, by_cookie=True))
    def sign_out(caller: Caller) -> None:
        """End the session whose ticket comes along, on every site of its set.

        A browser's cookie counts as well, if the request comes from a page of the same origin.
        """
        if caller.shopper is not None:
            service.sign_out(caller, caller.shopper.session_id)

    @part.get("/.well-known/jwks.json", requires=None, answers=JwkSet)
    def get_keys() -> Response:
        """Get the keys that tickets' JWTs are signed with, and the one that signs next."""
        return json_answer(JwkSet(keys=keys.published()["keys"]), headers=KEPT_FOR_A_WHILE)

    @part.get("/.well-known/jwks-archive.json", requires=None, answers=JwkSet)
    def get_keys_of_all_times() -> Response:
        """Get the keys that ever signed, for receipts that were kept with orders; verify no ticket by them."""
        return json_answer(JwkSet(keys=keys.ever_published()["keys"]), headers=KEPT_FOR_A_WHILE)

    return part


def _with_sign_in(answer: Response) -> Response:
    """Add where a browser signs in and comes back from, so that no proxy need encode what was asked for."""
    asked_for = request.headers.get("X-Forwarded-Uri")
    if asked_for and answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer.headers[SIGN_IN_HEADER] = (
            f"{SIGN_IN_PATH}?return_to={quote(asked_for.encode('latin-1'), safe='/')}"
        )
    return answer
