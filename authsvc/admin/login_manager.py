"""Flask-Login at the edge: it asks us whose request this is, and keeps nothing itself.

`login_user` is never called: it would write Flask's own cookie session, a second truth beside ours. The session's
token is in our cookie, and `StaffSignIn.check` says at each request whether it still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Request, current_app
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from authsvc.admin import cookies
from authsvc.callers import Caller
from authsvc.staff.rules import Standing
from authsvc.staff.sign_in import SignedIn, StaffSignIn, Visit
from authsvc.web.access_log import note_tenant
from authsvc.web.correlation import correlation_id

# No cookie can have this name: Flask-Login must not look for one of its own before it asks us.
_NO_COOKIE = ";"


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
    manager = LoginManager()
    manager.session_protection = None
    app.config["REMEMBER_COOKIE_NAME"] = _NO_COOKIE

    def load(request: Request) -> Visitor | None:
        token = cookies.read(request, cookies.SESSION)
        signed_in = sign_in.check(token, visit_of(request)) if token else None
        if signed_in is None:
            return None
        note_tenant(signed_in.user.tenant_id)
        return Visitor(visit_of(request), token, signed_in)

    manager.request_loader(load)
    manager.unauthorized_handler(go_and_sign_in)
    manager.init_app(app, add_context_processor=False)


def visitor_of(request: Request) -> Visitor:
    """Return who looks at the page."""
    known = current_user._get_current_object()  # noqa: SLF001  Flask's proxies have no other way to their object
    return known if isinstance(known, Visitor) else Visitor(visit_of(request))


def send_to_sign_in() -> Response:
    """Answer who has to sign in first."""
    manager: LoginManager = current_app.login_manager  # type: ignore[attr-defined]  # set by Flask-Login
    answer: Response = manager.unauthorized()
    return answer
