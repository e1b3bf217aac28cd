"""A WSGI middleware that lets in only who has a session on the site that is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from authsvc.client.client import Client
from authsvc.client.errors import ClientError
from authsvc.client.guard import Guard, Shown, everything, is_ours, shown_token
from authsvc.client.session import identity_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Where the application finds the `Session`; absent where nobody was checked.
SESSION_KEY = "authsvc.session"


class SessionMiddleware:
    """Checks each request for a protected path before the application sees it."""

    def __init__(
        self,
        app: WSGIApplication,
        client: Client,
        sites: Mapping[str, int],
        protects: Callable[[str], bool] = everything,
        sign_in: str | None = None,
    ) -> None:
        """Guard `app`; `sites`, `protects` and `sign_in` are `Guard`'s."""
        self._app = app
        self._client = client
        self._guard = Guard(sites, protects, sign_in)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        for name in [each for each in environ if each.startswith("HTTP_") and is_ours(each[5:])]:
            del environ[name]
        environ.pop(SESSION_KEY, None)
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        path = path.encode("latin-1").decode("utf-8", "replace")
        if not self._guard.protects(path):
            return self._app(environ, start_response)
        shown = shown_by(environ, path)
        token = shown_token(shown, is_https=environ["wsgi.url_scheme"] == "https")
        try:
            session = self._client.check(token, self._guard.site(shown))
        except ClientError as error:
            answer = self._guard.refusal(error, shown)
            start_response(
                f"{answer.status} {HTTPStatus(answer.status).phrase}",
                [*answer.headers, ("Content-Length", str(len(answer.body)))],
            )
            return [] if shown.method == "HEAD" else [answer.body]
        for name, value in identity_headers(session).items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        environ[SESSION_KEY] = session
        return self._app(environ, start_response)


def shown_by(environ: WSGIEnvironment, path: str) -> Shown:
    """Return what of a WSGI request bears on a check."""
    return Shown(
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        lambda name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""),
    )
