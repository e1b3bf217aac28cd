"""What every storefront page goes through: the place it is at, forged forms, errors, and the frame around it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from authsvc.customer_sets.rules import accent_color
from authsvc.errors import AuthsvcError, Forbidden
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, ShopperVisitors, visitor_of_page
from authsvc.web.cookies import UnsafeTransport, is_safe_transport
from authsvc.web.correlation import correlation_id
from authsvc.web.envelope import status_of
from authsvc.web.error_pages import install_error_pages, retry_headers, sentence
from authsvc.web.form_origin import comes_from
from authsvc.web.page_headers import page_headers
from authsvc.web.palette import DEFAULT_ACCENT, palette
from authsvc.web.strength_script import serve_strength_script
from authsvc.web.visitors import send_to_sign_in

if TYPE_CHECKING:
    from authsvc.storefront.fresh_sign_in import FreshSignIns

BLUEPRINT = "storefront"
_FILES = Path(__file__).parent / "templates"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_STYLE = "/login/style.css"
_COLOURS = "/login/colours.css"
_ICON = "/login/icon.svg"
_STRENGTH_SCRIPT = "/password/strength.js"
_PASSKEY_SCRIPT = "/login/passkeys.js"

Answer = Response | WerkzeugResponse
View = TypeVar("View", bound=Callable[..., Answer])


@dataclass(frozen=True, slots=True)
class Acting:
    """What every page says to whoever acts for a shopper: as who, and until when."""

    actor: str
    until: datetime

    @classmethod
    def of(cls, visitor: ShopperVisitor | None) -> Acting | None:
        """Return what is said to a visitor; None for a shopper, and for nobody."""
        if visitor is None or visitor.shopper.acted_for_by is None:
            return None
        return cls(unquote(visitor.shopper.acted_for_by), visitor.session.record.expires_at)


class ForeignForm(Forbidden):
    """A form was sent by a page that is none of the site's."""

    def __init__(self) -> None:
        """Say what a shopper does now; nothing was done."""
        super().__init__(
            "This form was sent from a page that does not belong to this shop. Nothing was done: open the shop's own "
            "page and try again."
        )


class StorefrontPages:
    """The blueprint that all storefront pages are declared on."""

    def __init__(self, visitors: ShopperVisitors, fresh_sign_ins: FreshSignIns) -> None:
        """Begin with the frame alone."""
        self.visitors = visitors
        self._fresh_sign_ins = fresh_sign_ins
        self.blueprint = Blueprint(BLUEPRINT, __name__, template_folder=str(_FILES))
        style = (_FILES / "storefront" / "style.css").read_bytes()
        self._style_address = f"{_STYLE}?v={hashlib.sha256(style).hexdigest()[:16]}"
        icon = (_FILES / "storefront" / "icon.svg").read_bytes()
        self._icon_address = f"{_ICON}?v={hashlib.sha256(icon).hexdigest()[:16]}"
        self._script_address = serve_strength_script(self.blueprint, _STRENGTH_SCRIPT)
        script = (_FILES / "storefront" / "passkeys.js").read_bytes()
        self._passkey_script = f"{_PASSKEY_SCRIPT}?v={hashlib.sha256(script).hexdigest()[:16]}"
        self.blueprint.add_url_rule(
            _PASSKEY_SCRIPT,
            "passkey_script",
            lambda: _file(script, "text/javascript; charset=utf-8"),
        )
        self.blueprint.add_url_rule(_STYLE, "style", lambda: _file(style))
        self.blueprint.add_url_rule(_ICON, "icon", lambda: _file(icon, "image/svg+xml"))
        self.blueprint.add_url_rule(_COLOURS, "colours", _colours)
        install_error_pages(self.blueprint, self._error_page)

    def get(self, rule: str) -> Callable[[View], View]:
        """Declare a page that is looked at and changes nothing: `view(place, visitor)`."""
        return self._declare("GET", rule)

    def post(self, rule: str) -> Callable[[View], View]:
        """Declare what a form is sent to; one from a page that is none of the site's never arrives."""
        return self._declare("POST", rule)

    def own_page(self, rule: str, *, fresh: bool = False) -> Callable[[View], View]:
        """Declare a page of My Account: `view(place, visitor)`, with a visitor who is signed in.

        `fresh`: and has been for a short while only, or is asked for the password first.
        """
        return self._declare("GET", rule, own=True, fresh=fresh)

    def own_form(self, rule: str, *, fresh: bool = False) -> Callable[[View], View]:
        """Declare what a form of such a page is sent to: not one of the storefront's own pages either."""
        return self._declare("POST", rule, own=True, fresh=fresh)

    def show(
        self,
        template: str,
        place: Place,
        error: AuthsvcError | None = None,
        *,
        address_is_secret: bool = False,
        with_script: bool = False,
        with_passkeys: bool = False,
        **values: Any,  # noqa: ANN401  as many types as templates
    ) -> Response:
        """Answer with a page in the site's frame; `error`: why its form was refused, which decides the status.

        `address_is_secret`: a token stands in the page's address. `with_script`: it has a field for a new password,
        whose strength is told. `with_passkeys`: it has a form that passkeys are made or shown by.
        """
        page = render_template(
            f"storefront/{template}",
            **values,
            place=place,
            error=None if error is None else sentence(error),
            shop=place.details.logo_text or place.details.name,
            title_shop=place.details.name,
            site=place.details.id,
            acting=Acting.of(visitor_of_page()),
            script_address=self._passkey_script
            if with_passkeys
            else self._script_address
            if with_script
            else None,
            **self._looks(place.details.accent_color or DEFAULT_ACCENT),
        )
        status, more = (
            (200, {}) if error is None else (status_of(type(error)), retry_headers(error))
        )
        # A form's answer may lead to the site's other hosts, to its pages elsewhere, and through the merchant's domain.
        targets = sorted(place.origins | ({place.hub} if place.hub else set()))
        headers = page_headers(
            script=with_script or with_passkeys,
            form_targets=targets,
            address_is_secret=address_is_secret,
        )
        return make_response(page, status, {**headers, **more})

    def _looks(self, accent: str) -> dict[str, str]:
        return {
            "style_address": self._style_address,
            "icon_address": self._icon_address,
            "colours_address": f"{_COLOURS}?{urlencode({'accent': accent.removeprefix('#')})}",
        }

    def _error_page(
        self, title: str, message: str, status: int, more: Mapping[str, str]
    ) -> Response:
        page = render_template(
            "storefront/error.html",
            title=title,
            message=message,
            correlation_id=correlation_id(request.environ),
            shop="",
            **self._looks(DEFAULT_ACCENT),
        )
        return make_response(page, status, {**page_headers(), **more})

    def _declare(
        self, method: str, rule: str, *, own: bool = False, fresh: bool = False
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            def guarded(**path: Any) -> Answer:  # noqa: ANN401  as the path says
                if not is_safe_transport(request):
                    raise UnsafeTransport
                place = self.visitors.place(request)
                if method == "POST" and not comes_from(
                    request.headers.get("Origin", ""),
                    request.headers.get("Sec-Fetch-Site", ""),
                    (place.own,) if own else place.senders,
                ):
                    raise ForeignForm
                visitor: ShopperVisitor | None = visitor_of_page()
                if own and visitor is None:
                    return send_to_sign_in()
                if own and visitor is not None:
                    return self._fresh_sign_ins.guarded(
                        self, place, visitor, lambda: view(place, visitor, **path), needed=fresh
                    )
                return view(place, visitor, **path)

            self.blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
            return view

        return declare


def go(address: str, **query: str | int | None) -> WerkzeugResponse:
    """Send the browser on, after a form was dealt with too (RFC 9110 §15.4.4); what is None is left out."""
    given = {name: value for name, value in query.items() if value is not None}
    return redirect(f"{address}?{urlencode(given)}" if given else address, 303)


def _file(content: bytes, content_type: str = "text/css; charset=utf-8") -> Response:
    return Response(content, content_type=content_type, headers=_FOREVER)


def _colours() -> Response:
    """Write a site's colours: a file of its own, since a page may hold no style itself."""
    try:
        shades = palette(accent_color("#" + request.args.get("accent", "")))
    except AuthsvcError:
        raise NotFound("There are no such colours.") from None
    light, dark = (
        f":root {{ --accent: {shade.accent}; --on-accent: {shade.text}; }}"
        for shade in (shades.light, shades.dark)
    )
    return _file(f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n".encode())
