"""A browser without JavaScript for the admin pages: it keeps cookies, reads forms, and sends them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser

from flask import Flask
from werkzeug.test import TestResponse

from authsvc.staff.rules import StaffUser
from tests.staff.people import PASSWORD

COOKIE = "__Host-authsvc-staff"
"""The cookie of a staff session, by https."""


class _Forms(HTMLParser):
    """The forms of a page: action → the fields they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the one that is open."""
        given = dict(attrs)
        if tag == "form":
            self._fields = self.forms.setdefault(given["action"] or "", {})
        elif tag == "input" and given.get("name"):
            self._fields[given["name"] or ""] = given.get("value") or ""


class Browser:
    """One browser's cookies, and the page it shows."""

    def __init__(self, app: Flask, scheme: str = "https", address: str = "192.0.2.7") -> None:
        self.client = app.test_client()
        self.scheme = scheme
        self.address = address
        self.page: TestResponse | None = None

    @property
    def text(self) -> str:
        """The page it shows, as HTML."""
        assert self.page is not None
        return self.page.get_data(as_text=True)

    @property
    def location(self) -> str:
        """Where the last answer came from, after redirections."""
        assert self.page is not None
        return self.page.request.path

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        """Open a page."""
        return self._open("GET", path, None, {}, follow=follow)

    def send(
        self, action: str, *, follow: bool = True, headers: Mapping[str, str] = {}, **fields: str
    ) -> TestResponse:
        """Fill `fields` into the form of the shown page that goes to `action`, and send it."""
        form = _Forms(self.text).forms[action] | fields
        return self.post(action, form, follow=follow, headers=headers)

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        follow: bool = True,
        headers: Mapping[str, str] = {},
    ) -> TestResponse:
        """Send a form as a browser does, whether the page has it or not."""
        own = {"Origin": f"{self.scheme}://localhost", "Sec-Fetch-Site": "same-origin"}
        return self._open("POST", path, form, {**own, **headers}, follow=follow)

    def field(self, action: str, name: str) -> str:
        """Return what a field of the shown page's form holds."""
        return _Forms(self.text).forms[action][name]

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value."""
        found = self.client.get_cookie(name)
        return found.value if found else None

    def sign_in(
        self, user: StaffUser, password: str = PASSWORD, *, path: str = "/admin/sign-in"
    ) -> TestResponse:
        """Open the sign-in page and give name and password."""
        self.get(path)
        return self.send(
            "/admin/sign-in",
            tenant=str(user.tenant_id),
            username=user.username,
            password=password,
        )

    def _open(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
        *,
        follow: bool,
    ) -> TestResponse:
        self.page = self.client.open(
            path,
            method=method,
            data=form,
            headers={"User-Agent": "Tests", **headers},
            base_url=f"{self.scheme}://localhost",
            environ_base={"REMOTE_ADDR": self.address},
            follow_redirects=follow,
        )
        return self.page
