"""A shopper's browser without JavaScript: it keeps each host's cookies, is redirected, and says who sends a form."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

MOST_REDIRECTIONS = 10


class ShopperBrowser:
    """One browser, on as many hosts as it comes to; `trail` is where it has been redirected to.

    `address`: of the network, where it matters which.
    """

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self._app = app
        self._address = address
        self._clients: dict[str, FlaskClient] = {}
        self.trail: list[str] = []

    def get(self, address: str, *, follow: bool = True) -> TestResponse:
        """Open an address, as one does who types it."""
        return self._open("GET", address, None, {}, follow=follow)

    def post(
        self,
        address: str,
        *,
        origin: str | None = None,
        headers: Mapping[str, str] = {},
        follow: bool = True,
        form: Mapping[str, str] = {},
        **fields: str,
    ) -> TestResponse:
        """Send a form from a page of `origin`, which is the address's own unless it is said."""
        own = _origin(address)
        sent = {"Origin": origin or own}
        sent["Sec-Fetch-Site"] = "same-origin" if origin in (None, own) else "cross-site"
        return self._open("POST", address, {**form, **fields}, {**sent, **headers}, follow=follow)

    def session(self, origin: str) -> int:
        """Return the status of `GET /session` at a site's host."""
        return self.get(f"{origin}/session", follow=False).status_code

    def cookie(self, origin: str, name: str) -> str | None:
        """Return a cookie's value."""
        found = self.client(origin).get_cookie(name, domain=urlsplit(origin).hostname or "")
        return found.value if found else None

    def client(self, origin: str) -> FlaskClient:
        """Return what holds a host's cookies."""
        if origin not in self._clients:
            self._clients[origin] = self._app.test_client()
        return self._clients[origin]

    def _open(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        *,
        follow: bool,
    ) -> TestResponse:
        self.trail = []
        for _ in range(MOST_REDIRECTIONS):
            parts = urlsplit(address)
            answer = self.client(_origin(address)).open(
                parts.path or "/",
                environ_overrides={"REMOTE_ADDR": self._address},
                query_string=parts.query,
                method=method,
                data=form,
                headers=dict(headers),
                base_url=_origin(address),
            )
            if not follow or answer.status_code != 303:
                return answer
            address = urljoin(address, answer.headers["Location"])
            self.trail.append(address)
            method, form, headers = "GET", None, {}
        raise AssertionError(f"redirected again and again: {self.trail}")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
