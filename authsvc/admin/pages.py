"""What every admin page goes through: who may see it, forged forms, errors, and the frame around it.

A page is closed unless it says otherwise: `AdminPages.get` and `.post` let in only who is signed in completely.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from authsvc.admin import cookies, forms
from authsvc.admin.error_pages import install_error_pages, retry_headers, sentence
from authsvc.admin.login_manager import Visitor, send_to_sign_in, visitor_of
from authsvc.admin.return_address import own_page
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError, Invalid
from authsvc.staff.rules import Standing
from authsvc.web.cookies import UnsafeTransport
from authsvc.web.envelope import status_of
from authsvc.web.page_headers import page_headers
from authsvc.web.strength_script import serve_strength_script

PREFIX = "/admin"
_FILES = Path(__file__).parent / "templates"

PAGE_HEADERS = page_headers(script=True)

Answer = Response | WerkzeugResponse | str
View = TypeVar("View", bound=Callable[..., Answer])


class Access(Enum):
    """Who may see a page."""

    ANYBODY = "anybody"
    ANY_SESSION = "whoever has at least given a password"
    AWAITS_CODE = "who has given a password and owes a code"
    CHANGES_PASSWORD = "who is signed in with a password that somebody else gave out"  # noqa: S105  no password
    ENROLLING = "who is signed in, or will be once a second factor is set up"
    SIGNED_IN = "who is signed in"


_ADMITS: Mapping[Access, frozenset[Standing | None]] = {
    Access.ANYBODY: frozenset({None, *Standing}),
    Access.ANY_SESSION: frozenset(Standing),
    Access.AWAITS_CODE: frozenset({Standing.AWAITS_CODE}),
    Access.CHANGES_PASSWORD: frozenset({Standing.MUST_CHANGE_PASSWORD}),
    Access.ENROLLING: frozenset({Standing.MUST_ENROL, Standing.SIGNED_IN}),
    Access.SIGNED_IN: frozenset({Standing.SIGNED_IN}),
}


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page that the frame links to, for those who may see it: `System › Structure`."""

    area: str
    name: str
    path: str
    behavior: Behavior


class AdminPages:
    """The blueprint that all admin pages are declared on."""

    def __init__(self) -> None:
        """Begin with the frame alone; `navigation` is filled by whoever declares pages."""
        self.blueprint = Blueprint(
            "admin", __name__, url_prefix=PREFIX, template_folder=str(_FILES)
        )
        self.navigation: list[NavigationEntry] = []
        self._style_address = self._serve("style.css", "text/css; charset=utf-8")
        self._script_address = self._serve("admin.js", "text/javascript; charset=utf-8")
        self._strength_script_address = serve_strength_script(
            self.blueprint, "/password_strength.js", PREFIX
        )
        self._icon_address = self._serve("icon.svg", "image/svg+xml")
        install_error_pages(self.blueprint, self._style_address, self._icon_address, PAGE_HEADERS)

    def get(
        self, rule: str, access: Access = Access.SIGNED_IN, requires: Requires | None = None
    ) -> Callable[[View], View]:
        """Declare a page that is looked at and changes nothing."""
        return self._declare("GET", rule, access, requires)

    def post(
        self, rule: str, access: Access = Access.SIGNED_IN, requires: Requires | None = None
    ) -> Callable[[View], View]:
        """Declare what a form is sent to; a forged one never arrives."""
        return self._declare("POST", rule, access, requires)

    def show(
        self,
        template: str,
        visitor: Visitor,
        error: AuthsvcError | None = None,
        *,
        form_targets: Iterable[str] = (),
        **values: Any,  # noqa: ANN401  as many types as templates
    ) -> Response:
        """Answer with a page in the frame, its forms bound to the visitor's cookie.

        `error`: why the form on it was refused; it stands at the top, has the focus and decides the status.
        `form_targets`: other origins that a form of the page may lead to.
        """
        secret = visitor.token or cookies.read(request, cookies.FORM) or cookies.new_form_secret()
        page = render_template(
            f"admin/{template}",
            **values,
            error=None if error is None else sentence(error),
            visitor=visitor,
            user=visitor.signed_in.user if visitor.signed_in else None,
            navigation=self._navigation(visitor),
            form_token=forms.form_token(secret),
            style_address=self._style_address,
            script_address=self._script_address,
            strength_script_address=self._strength_script_address,
            icon_address=self._icon_address,
            here=request.path,
        )
        status, more = (
            (200, {}) if error is None else (status_of(type(error)), retry_headers(error))
        )
        headers = page_headers(script=True, form_targets=form_targets)
        response = make_response(page, status, {**headers, **more})
        if not visitor.token:
            cookies.keep(request, response, cookies.FORM, secret)
        return response

    def _serve(self, name: str, content_type: str) -> str:
        """Serve a file that browsers keep for a year; returns its address, which changes with it."""
        content = (_FILES / "admin" / name).read_bytes()

        def file() -> Response:
            return Response(
                content,
                content_type=content_type,
                headers={"Cache-Control": "public, max-age=31536000, immutable"},
            )

        self.blueprint.add_url_rule(f"/{name}", name.replace(".", "_"), file)
        return f"{PREFIX}/{name}?v={hashlib.sha256(content).hexdigest()[:16]}"

    def _navigation(self, visitor: Visitor) -> dict[str, list[NavigationEntry]]:
        may = visitor.caller.behaviors if visitor.is_authenticated else frozenset[Behavior]()
        areas: dict[str, list[NavigationEntry]] = {}
        for entry in self.navigation:
            if entry.behavior in may:
                areas.setdefault(entry.area, []).append(entry)
        return areas

    def _declare(
        self, method: str, rule: str, access: Access, requires: Requires | None
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            def guarded(**path: Any) -> Answer:  # noqa: ANN401  as the path says
                if not cookies.is_safe_transport(request):
                    raise UnsafeTransport
                _refuse_unstorable(path)
                visitor = visitor_of(request)
                if visitor.standing not in _ADMITS[access]:
                    return go_on(visitor)
                if method == "POST":
                    forms.refuse_forged(
                        request, visitor.token or cookies.read(request, cookies.FORM)
                    )
                if requires is not None:
                    requires.admit(visitor.caller)
                return view(visitor, **path)

            self.blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
            return view

        return declare


def _refuse_unstorable(path: Mapping[str, Any]) -> None:
    """Raise `Invalid` for a request with U+0000 in its form or address, which PostgreSQL cannot store."""
    for name, text in (*path.items(), *request.values.items(multi=True)):
        if isinstance(text, str) and "\0" in text:
            raise Invalid(name, "Leave out the character U+0000: it cannot be kept.")


def go_on(visitor: Visitor, return_to: str | None = None) -> WerkzeugResponse:
    """Send a visitor to the page that comes next for them, and from there to `return_to` in the end."""
    wanted = own_page(return_to)
    match visitor.standing:
        case None:
            return send_to_sign_in()
        case Standing.AWAITS_CODE:
            return to_page("/code", **_asked_for(wanted))
        case Standing.MUST_CHANGE_PASSWORD:
            return to_page("/password", **_asked_for(wanted))
        case Standing.MUST_ENROL:
            return to_page("/second-factor", **_asked_for(wanted))
        case Standing.SIGNED_IN:
            return redirect(wanted or f"{PREFIX}/", 303)


def go_and_sign_in() -> WerkzeugResponse:
    """Send whoever has no session to the sign-in page, which leads back here."""
    asked_for = own_page(request.full_path.rstrip("?")) if request.method == "GET" else None
    return to_page("/sign-in", **_asked_for(asked_for))


def to_page(path: str, **query: str) -> WerkzeugResponse:
    """Send the browser to one of our pages, after a form was dealt with too (RFC 9110 §15.4.4)."""
    return redirect(f"{PREFIX}{path}" + (f"?{urlencode(query)}" if query else ""), 303)


def _asked_for(page: str | None) -> dict[str, str]:
    return {"next": page} if page and page.rstrip("/") != PREFIX else {}
