"""Flask-Login at the edge: one manager for all pages of an application, which asks each part whose request this is.

It keeps nothing itself: `login_user` is never called, as it would write Flask's own cookie session, a second truth
beside ours. Staff and shoppers are told apart by the blueprint that a page belongs to, so that neither is ever taken
for the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, current_app, request
from flask_login import LoginManager
from werkzeug.wrappers import Response

# No cookie can have this name: Flask-Login must not look for one of its own before it asks us.
_NO_COOKIE = ";"
_KEY = "authsvc.visitors"

# Returns who a request is from, with `is_authenticated` and `is_active`, or None.
Load = Callable[[Request], Any]


class Visitors:
    """Who is asked about the visitors of which blueprint."""

    def __init__(self, app: Flask) -> None:
        """Install Flask-Login on `app`."""
        self._parts: dict[str, tuple[Load, Callable[[], Response]]] = {}
        manager = LoginManager()
        manager.session_protection = None
        app.config["REMEMBER_COOKIE_NAME"] = _NO_COOKIE
        manager.request_loader(self._load)
        manager.unauthorized_handler(self._send_to_sign_in)
        manager.init_app(app, add_context_processor=False)

    def declare(self, blueprint: str, load: Load, go_and_sign_in: Callable[[], Response]) -> None:
        """Ask `load` about the visitors of `blueprint`; `go_and_sign_in` answers who has to sign in first."""
        self._parts[blueprint] = (load, go_and_sign_in)

    def _load(self, shown: Request) -> Any:  # noqa: ANN401  as the part says
        part = self._parts.get(shown.blueprint or "")
        return None if part is None else part[0](shown)

    def _send_to_sign_in(self) -> Response:
        return self._parts[request.blueprint or ""][1]()


def visitors_of(app: Flask) -> Visitors:
    """Return the application's, which is installed when the first part asks for it."""
    known = app.extensions.get(_KEY)
    if known is None:
        known = app.extensions[_KEY] = Visitors(app)
    visitors: Visitors = known
    return visitors


def send_to_sign_in() -> Response:
    """Answer who has to sign in first."""
    manager: LoginManager = current_app.login_manager  # type: ignore[attr-defined]  # set by Flask-Login
    answer: Response = manager.unauthorized()
    return answer
