"""A Flask extension: who the current customer is, and views that only signed-in ones see.

It works alone, and with Flask-Login: `login_manager.request_loader(sessions.customer)` lets Flask-Login's own
`login_required` and `current_user` go by our sessions; it need not be installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Request, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from authsvc.client.client import Client
from authsvc.client.errors import ClientError, NoSession, NotSignedIn
from authsvc.client.guard import Guard, shown_token
from authsvc.client.session import Session
from authsvc.client.wsgi import shown_by

_EXTENSION = "authsvc-sessions"
_KEPT = "_authsvc_customer"

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class Customer:
    """Whoever sends a request, as Flask-Login knows users; `session` None: nobody is known."""

    session: Session | None = None

    @property
    def is_authenticated(self) -> bool:
        """Tell whether they are signed in to an account."""
        return self.session is not None and not self.session.is_anonymous

    @property
    def is_active(self) -> bool:
        """Tell whether they may be here: locked and disabled accounts have no session."""
        return self.is_authenticated

    @property
    def is_anonymous(self) -> bool:
        """Tell whether they are not signed in."""
        return not self.is_authenticated

    def get_id(self) -> str | None:
        """Return the user id."""
        return None if self.session is None else self.session.user_id


class FlaskSessions:
    """The extension; `FlaskSessions(client, sites).init_app(app)`."""

    def __init__(
        self, client: Client, sites: Mapping[str, int], sign_in: str | None = None
    ) -> None:
        """Ask `client`; `sites` and `sign_in` are `Guard`'s."""
        self._client = client
        self._guard = Guard(sites, sign_in=sign_in)

    def init_app(self, app: Flask) -> None:
        """Let views of `app` use `current_customer` and `login_required`; what cannot be told is answered 503."""
        app.extensions[_EXTENSION] = self
        app.register_error_handler(ClientError, self.refusal)

    def customer(self, request: Request) -> Customer | None:
        """Return who sends a request, or None if nobody is signed in; asked once for each request.

        Raises `CannotTell`, `UnknownSite`, `Misconfigured`: then nobody may be taken for a stranger either.
        """
        known = self._known(request)
        return known if known.is_authenticated else None

    def refusal(self, error: ClientError) -> ResponseReturnValue:
        """Answer in place of a view."""
        answer = self._guard.refusal(
            error, shown_by(request.environ, request.script_root + request.path)
        )
        return Response(answer.body, answer.status, list(answer.headers))

    def _known(self, request: Request) -> Customer:
        if _KEPT not in g:
            shown = shown_by(request.environ, request.script_root + request.path)
            token = shown_token(shown, is_https=request.is_secure)
            try:
                found = Customer(self._client.check(token, self._guard.site(shown)))
            except NoSession as refusal:
                found = Customer()
                g.authsvc_refusal = refusal
            setattr(g, _KEPT, found)
        known: Customer = getattr(g, _KEPT)
        return known


def _current() -> Customer:
    sessions: FlaskSessions = current_app.extensions[_EXTENSION]
    return sessions._known(request)  # noqa: SLF001  of this file


current_customer: Customer = LocalProxy(_current)  # type: ignore[assignment]  # stands for whoever sends the request


def login_required(view: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """Let only signed-in customers see a view; others are sent to sign in, or answered 401."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        if not current_customer.is_authenticated:
            raise g.get("authsvc_refusal") or NotSignedIn
        return view(*args, **kwargs)

    return guarded
