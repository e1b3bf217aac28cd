"""A Flask application with everything in this folder installed and no feature in it yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Request, Response
from flask.json.provider import JSONProvider
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.routing import BaseConverter

from authsvc.web.edge import Edge
from authsvc.web.envelope import Envelope
from authsvc.web.parsing import LARGEST_BODY_BYTES
from authsvc.web.wire import MOST_ID_DIGITS, Json


class NoSession(dict[str, Any], SessionMixin):
    """Flask's cookie session, always empty: sessions are the server's own (design §4)."""


class NoSessions(SessionInterface):
    """Opens an empty mapping and saves nothing, so that no cookie of Flask's becomes a second truth.

    Flask-Login needs something to look into; with this it needs no secret key either.
    """

    def open_session(self, app: Flask, request: Request) -> NoSession:  # noqa: ARG002  as Flask calls it
        """Return an empty mapping."""
        return NoSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing, set no cookie, add no `Vary`."""


class OrjsonProvider(JSONProvider):
    """Flask's JSON, by orjson: for `jsonify` and test clients; operations write their models themselves."""

    def dumps(self, obj: Json, **_: object) -> str:
        """Write a value as JSON."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: object) -> Json:
        """Read JSON."""
        return orjson.loads(s)


class IdConverter(BaseConverter):
    """`<int:…>` in a path: ASCII digits that the database can hold; anything else is a path that is not there.

    The pattern alone must decide: where a converter refuses later, Werkzeug answers 405 for methods that exist.
    """

    regex = f"[0-9]{{1,{MOST_ID_DIGITS}}}"

    def to_python(self, value: str) -> int:
        """Read the digits."""
        return int(value)


def new_flask_app(
    import_name: str = "authsvc", *, application_names: Mapping[str, str] | None = None
) -> Flask:
    """Make the application; the caller registers blueprints on it.

    `application_names`: path prefix → the `applicationName` of errors below it, where it is not "Customer".
    """
    app = Flask(import_name, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        # A preflight request is refused like any other method that an address does not know.
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.json = OrjsonProvider(app)
    app.session_interface = NoSessions()
    app.url_map.converters["int"] = IdConverter
    # No redirects between spellings of a path; `authsvc.web.paths` has chosen one already.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    Envelope(application_names).install(app)
    edge = Edge(app.wsgi_app, lambda: [rule.rule for rule in app.url_map.iter_rules()])
    app.wsgi_app = edge  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
    return app
