"""The redirections by which a browser that is signed in on one site of a set is signed in on the next (design §5.2).

The merchant's domain is the hub: it has a cookie of its own for each customer set. A browser without a session on a
site is sent there (`/login/vouch`), and comes back to the site (`/login/arrive`) with a code if the hub knows it. One
that has just signed in on a site becomes known at the hub in the same way, the other way round (`/login/begin` at the
hub, `/login/vouch` at the site, `/login/arrive` at the hub). Only pages follow each other: no third-party cookie, no
script, no frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request
from werkzeug.wrappers import Response as WerkzeugResponse

from authsvc.errors import Invalid
from authsvc.sessions.arrivals import (
    CODE_LIFETIME,
    Arrivals,
    browser_digest,
    given_digest,
    new_browser_text,
)
from authsvc.sessions.rules import NoSession
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.rules import origin_of
from authsvc.storefront.visitors import ShopperVisitor, device_of, keep_device, keep_session
from authsvc.web import cookies

if TYPE_CHECKING:
    from authsvc.devices.service import Devices

# Binds a browser on its way to a host; several windows may be on their way at once, and share it.
_COOKIE = "authsvc-arrival"
_LASTS = 10 * CODE_LIFETIME


@dataclass(frozen=True, slots=True)
class ArrivalPages:
    """The redirections."""

    pages: StorefrontPages
    arrivals: Arrivals
    devices: Devices

    def ask_hub(self, place: Place, return_to: str | None) -> WerkzeugResponse | None:
        """Send a browser without a session to the hub, once; None where there is no hub, or it has been asked."""
        if place.is_hub or place.hub is None or "asked" in request.args:
            return None
        return self._depart(place, place.hub, return_to, silent=request.args.get("silent"))

    def onward(self, place: Place, return_to: str | None) -> WerkzeugResponse:
        """Send a browser that has just signed in on its way, past the host that should know of it too."""
        wanted = return_to or f"{place.own}/my-account"
        if not place.is_hub and place.hub is not None:
            return go(
                f"{place.hub}/login/begin",
                site=place.details.id,
                origin=place.own,
                return_to=wanted,
            )
        if place.is_hub and return_to is not None and origin_of(return_to) in place.hosts:
            return go(f"{origin_of(return_to)}/login", silent=1, return_to=return_to)
        site = place.details.id if place.is_hub and return_to is None else None
        return go(wanted, site=site)

    def begin(self, place: Place) -> Answer:
        """At the hub: let the site that a browser comes from vouch for it."""
        origin = request.args.get("origin", "")
        if not place.is_hub or origin not in place.hosts:
            raise Invalid("origin", "Come from one of the site's own hosts.")
        return self._depart(place, origin, place.address(request.args.get("return_to")), silent="1")

    def vouch(self, place: Place, visitor: ShopperVisitor | None) -> Answer:
        """Send a browser back to the origin it wants to be known at, with a code if it is known here."""
        origin = request.args.get("origin", "")
        return_to = place.address(request.args.get("return_to"))
        if origin not in place.hosts | {place.hub}:
            raise Invalid(
                "origin", "Only hosts of the site and the merchant's domain are vouched to."
            )
        site = place.details.id
        # Whoever acts for a shopper does so where they said, and nowhere else.
        if visitor is None or visitor.shopper.acted_for_by is not None:
            if return_to is not None and "silent" in request.args:
                return go(return_to)
            return go(f"{origin}/login", site=site, asked=1, return_to=return_to)
        code = self.arrivals.vouch(
            place.site,
            visitor.session.record.session_id,
            origin,
            given_digest(request.args.get("browser")),
        )
        return go(f"{origin}/login/arrive", site=site, code=code, return_to=return_to)

    def arrive(self, place: Place) -> Answer:
        """Take a code in, and let the browser show the session here from now on."""
        return_to = place.address(request.args.get("return_to"))
        site = place.details.id if place.is_hub else None
        try:
            cookie = self.arrivals.arrive(
                place.site, place.own, request.args.get("code", ""), cookies.read(request, _COOKIE)
            )
        except NoSession:
            # Too slow, or opened twice; a hub that does not know the browser is no reason to keep it waiting.
            if place.is_hub and return_to is not None:
                return go(return_to)
            return go(f"{place.own}/login", site=site, asked=1, return_to=return_to)
        response = go(return_to) if return_to else go(f"{place.own}/my-account", site=site)
        self.devices.follow(place.tenant.id, cookie.session_id, device_of(request, place).token)
        keep_device(request, response, place)
        keep_session(request, response, place, cookie)
        return response

    def depart(self, address: str, **query: str | int | None) -> WerkzeugResponse:
        """Send a browser to be vouched for, known from now on by a cookie of this host."""
        text = cookies.read(request, _COOKIE) or new_browser_text()
        response = go(address, browser=browser_digest(text).hex(), **query)
        cookies.keep(request, response, _COOKIE, text, _LASTS)
        return response

    def _depart(
        self, place: Place, to: str, return_to: str | None, silent: str | None
    ) -> WerkzeugResponse:
        return self.depart(
            f"{to}/login/vouch",
            site=place.details.id,
            origin=place.own,
            silent=silent and 1,
            return_to=return_to,
        )


def add_arrival_pages(own: ArrivalPages) -> None:
    """Declare the redirections."""

    @own.pages.get("/login/begin")
    def begin(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  who vouches knows
        return own.begin(place)

    @own.pages.get("/login/vouch")
    def vouch(place: Place, visitor: ShopperVisitor | None) -> Answer:
        return own.vouch(place, visitor)

    @own.pages.get("/login/arrive")
    def arrive(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  the code says who
        return own.arrive(place)
