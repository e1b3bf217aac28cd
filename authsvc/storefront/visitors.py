"""Whose request a storefront page gets: the place it has come to, and the shopper its cookie shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Request
from flask_login import current_user

from authsvc import tokens
from authsvc.callers import Caller, NoTicket, Shopper, ShownDevice, acted_for_by
from authsvc.customer_sets.rules import UnknownSite
from authsvc.devices.rules import KNOWN_FOR, LONGEST_USER_AGENT
from authsvc.devices.service import new_device_token
from authsvc.sessions.browser_cookie import NAME, shown_token
from authsvc.sessions.rules import CheckedSession, NoSession
from authsvc.storefront.places import Place, Places
from authsvc.tokens import Audience
from authsvc.web import cookies
from authsvc.web.access_log import note_tenant
from authsvc.web.correlation import correlation_id

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from authsvc.sessions.rules import IssuedCookie
    from authsvc.sessions.service import Sessions

_PLACE = "authsvc.place"
_DEVICE = "authsvc.device"
_DEVICE_COOKIE = "authsvc-device"


@dataclass(frozen=True, slots=True)
class ShopperVisitor:
    """A shopper who is signed in at a place; `is_authenticated` and `is_active` are what Flask-Login asks for."""

    place: Place
    session: CheckedSession
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def account_id(self) -> int:
        """The shopper's account; nobody is signed in to a browser without one."""
        if self.session.record.account_id is None:
            raise NoTicket("Sign in first.")
        return self.session.record.account_id

    @property
    def shopper(self) -> Shopper:
        """The shopper as a caller's."""
        record = self.session.record
        return Shopper(
            record.session_id,
            record.user_id,
            record.account_id,
            record.customer_set,
            acted_for_by(record.methods),
        )


@dataclass(frozen=True, slots=True)
class ShopperVisitors:
    """Finds out who looks at a page."""

    places: Places
    sessions: Sessions

    def load(self, request: Request) -> ShopperVisitor | None:
        """Return the shopper whom the place's cookie shows, or None."""
        place = self.place(request)
        token = tokens.reference(read_session(request, place), Audience.BROWSER)
        if token is None or token.tenant_id != place.tenant.id:
            return None
        try:
            session = self.sessions.check(token, place.details.id)
        except (NoSession, UnknownSite):
            return None
        return ShopperVisitor(place, session)

    def place(self, request: Request) -> Place:
        """Return where the request has come to; raises as `Places.at`. It is found out once for a request."""
        known: Place | None = request.environ.get(_PLACE)
        if known is None:
            site = request.form.get("site") or request.args.get("site")
            known = self.places.at(request.scheme, request.host, site)
            request.environ[_PLACE] = known
            note_tenant(known.tenant.id)
        return known


def visitor_of_page() -> ShopperVisitor | None:
    """Return who looks at the page that is being answered."""
    known = current_user._get_current_object()  # noqa: SLF001  Flask's proxies have no other way to their object
    return known if isinstance(known, ShopperVisitor) else None


def caller_of(request: Request, place: Place, visitor: ShopperVisitor | None = None) -> Caller:
    """Return the caller of a form's use case."""
    return Caller(
        place.tenant.id,
        place.details.id,
        shopper=visitor.shopper if visitor else None,
        remote_address=request.remote_addr,
        correlation_id=correlation_id(request.environ),
        device=device_of(request, place),
    )


def device_of(request: Request, place: Place) -> ShownDevice:
    """Return what the browser shows of itself, which from here on has a token to be known again by."""
    known: ShownDevice | None = request.environ.get(_DEVICE)
    if known is None:
        text = cookies.read(request, _DEVICE_COOKIE)
        token = tokens.reference(text, Audience.DEVICE)
        is_ours = token is not None and token.tenant_id == place.tenant.id
        known = ShownDevice(
            text if is_ours else new_device_token(place.tenant.id),
            user_agent=request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT],
            address=request.remote_addr,
        )
        request.environ[_DEVICE] = known
    return known


def keep_device(request: Request, response: Response, place: Place) -> None:
    """Let the browser show the token it is known again by, at this host, for as long as browsers keep anything."""
    cookies.keep(request, response, _DEVICE_COOKIE, device_of(request, place).token, KNOWN_FOR)


def read_session(request: Request, place: Place) -> str:
    """Return the token that the place's cookie holds, or an empty text."""
    if place.is_hub:
        return cookies.read(request, _hub_cookie(place))
    return shown_token(request.environ)


def keep_session(request: Request, response: Response, place: Place, cookie: IssuedCookie) -> None:
    """Let the browser show a session at the place from now on."""
    cookies.keep(request, response, _cookie(place), cookie.token, cookie.lasts)


def drop_session(request: Request, response: Response, place: Place) -> None:
    """Let the browser forget the session it shows at the place."""
    cookies.drop(request, response, _cookie(place))


def sets_session(request: Request, response: Response, place: Place) -> bool:
    """Tell whether an answer says already what session the browser shows at the place, or that it shows none."""
    name = cookies.full_name(request, _cookie(place))
    return any(each.startswith(f"{name}=") for each in response.headers.getlist("Set-Cookie"))


def _cookie(place: Place) -> str:
    return _hub_cookie(place) if place.is_hub else NAME


def _hub_cookie(place: Place) -> str:
    """Name the cookie of a set: at the merchant's domain a browser may be signed in to several."""
    return f"authsvc-hub-{place.tenant.id}-{place.details.customer_set}"
