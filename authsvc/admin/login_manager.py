"""Flask-Login at the edge: it asks us whose request this is, and keeps nothing itself.

The session's token is in our cookie, and `StaffSignIn.check` says at each request whether it still counts. What is
installed once for all pages, of staff and of shoppers, is in `authsvc.web.visitors`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Request
from flask_login import current_user
from werkzeug.wrappers import Response

from authsvc.admin import cookies
from authsvc.callers import Caller
from authsvc.staff.rules import Standing
from authsvc.staff.sign_in import SignedIn, StaffSignIn, Visit
from authsvc.web.access_log import note_tenant
from authsvc.web.correlation import correlation_id
from authsvc.web.visitors import send_to_sign_in, visitors_of

__all__ = ["Visitor", "install", "send_to_sign_in", "visit_of", "visitor_of"]

BLUEPRINT = "admin"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at an admin page; `is_authenticated` and `is_active` are what Flask-Login asks for."""

    visit: Visit
    token: str = ""
    signed_in: SignedIn | None = None

    @property
    def standing(self) -> Standing | None:
        """How far the sign-in has come; None for who has not begun."""
        return self.signed_in.standing if self.signed_in else None

    @property
    def is_authenticated(self) -> bool:
        """Tell whether the sign-in is complete."""
        return self.standing is Standing.SIGNED_IN

    is_active = is_authenticated

    @property
    def session(self) -> SignedIn:
        """The sign-in; only on pages whose access asks for one."""
        if self.signed_in is None:
            raise LookupError("this page lets in whoever comes: there may be no session")
        return self.signed_in

    @property
    def caller(self) -> Caller:
        """The staff user as a caller."""
        return self.session.caller(self.visit)


def visit_of(request: Request) -> Visit:
    """Return where a request comes from."""
    return Visit(request.remote_addr, request.user_agent.string, correlation_id(request.environ))


def install(app: Flask, sign_in: StaffSignIn, go_and_sign_in: Callable[[], Response]) -> None:
    """Let Flask-Login find staff by our cookie; `go_and_sign_in` answers who has to sign in first."""

    def load(request: Request) -> Visitor | None:
        token = cookies.read(request, cookies.SESSION)
        signed_in = sign_in.check(token, visit_of(request)) if token else None
        if signed_in is None:
            return None
        note_tenant(signed_in.user.tenant_id)
        return Visitor(visit_of(request), token, signed_in)

    visitors_of(app).declare(BLUEPRINT, load, go_and_sign_in)


def visitor_of(request: Request) -> Visitor:
    """Return who looks at the page."""
    known = current_user._get_current_object()  # noqa: SLF001  Flask's proxies have no other way to their object
    return known if isinstance(known, Visitor) else Visitor(visit_of(request))
