"""An ASGI middleware that lets in only who has a session on the site that is called, by HTTP or by WebSocket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from authsvc.client.async_client import AsyncClient
from authsvc.client.errors import ClientError
from authsvc.client.guard import Guard, Shown, everything, is_ours, shown_token
from authsvc.client.session import identity_headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Where the application finds the `Session`; absent where nobody was checked.
SESSION_KEY = "authsvc.session"
# RFC 6455 §7.4.1: a policy is violated. A server makes 403 of it before the connection is accepted.
_POLICY_VIOLATION = 1008


class SessionMiddleware:
    """Checks each request for a protected path before the application sees it."""

    def __init__(
        self,
        app: Application,
        client: AsyncClient,
        sites: Mapping[str, int],
        protects: Callable[[str], bool] = everything,
        sign_in: str | None = None,
    ) -> None:
        """Guard `app`; `sites`, `protects` and `sign_in` are `Guard`'s."""
        self._app = app
        self._client = client
        self._guard = Guard(sites, protects, sign_in)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [
            (name, value) for name, value in scope["headers"] if not is_ours(name.decode("latin-1"))
        ]
        scope = {**scope, "headers": headers}
        scope.pop(SESSION_KEY, None)
        if self._guard.protects(scope["path"]):
            shown = _shown_by(scope)
            token = shown_token(shown, is_https=scope.get("scheme") in ("https", "wss"))
            try:
                session = await self._client.check(token, self._guard.site(shown))
            except ClientError as error:
                await self._refuse(error, shown, scope, send)
                return
            headers += [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in identity_headers(session).items()
            ]
            scope[SESSION_KEY] = session
        await self._app(scope, receive, send)

    async def _refuse(self, error: ClientError, shown: Shown, scope: Scope, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        answer = self._guard.refusal(error, shown)
        headers = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers
        ]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if shown.method == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})


def _shown_by(scope: Scope) -> Shown:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        # Browsers may send several cookie headers by HTTP/2; of others the first counts.
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key == "cookie" and key in found:
            found[key] += f"; {text}"
        else:
            found.setdefault(key, text)
    return Shown(
        scope.get("method", "GET"),
        scope["path"],
        scope.get("query_string", b"").decode("latin-1"),
        lambda name: found.get(name, ""),
    )
