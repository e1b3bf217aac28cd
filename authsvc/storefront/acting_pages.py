"""Whoever acts for a shopper comes to the site's pages, sees on each that they act, and stops.

They come from the customer's page in the admin pages, by way of `/login/act` here and back: this host gives the browser
a cookie to be known by, and whoever has begun there vouches for just that browser (`authsvc.sessions.arrivals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from authsvc.errors import Forbidden, NotFound
from authsvc.sessions.rules import NoSession
from authsvc.storefront.arrival_pages import ArrivalPages
from authsvc.storefront.pages import Answer, go
from authsvc.storefront.places import Place
from authsvc.storefront.sign_in_pages import signed_out
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from authsvc.sessions.service import Sessions

# Where the admin pages vouch for a browser; the two features do not know each other.
_VOUCHES = "/admin/acting"


class NothingToActOn(NotFound):
    """The code has been used, or is too old."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This has taken too long, or was opened twice. Begin again on the customer's page."
        )


def refuse_acting(visitor: ShopperVisitor) -> None:
    """Raise `Forbidden` for whoever acts for the shopper: this is the shopper's alone."""
    if visitor.shopper.acted_for_by is not None:
        raise Forbidden("This is the shopper's alone: whoever acts for them cannot do it.")


@dataclass(frozen=True, slots=True)
class ActingShopperPages:
    """The pages."""

    arrivals: ArrivalPages
    sessions: Sessions


def add_acting_shopper_pages(own: ActingShopperPages) -> None:
    """Declare coming and stopping."""
    pages = own.arrivals.pages

    @pages.get("/login/act")
    def come_to_act(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  whoever was signed in
        try:
            session_id, origin = own.arrivals.arrivals.announced(
                place.site, request.args.get("code", "")
            )
        except NoSession:
            raise NothingToActOn from None
        return own.arrivals.depart(f"{origin}{_VOUCHES}", session=session_id)

    @pages.post("/my-account/stop-acting")
    def stop_acting(place: Place, visitor: ShopperVisitor | None) -> Answer:
        if visitor is None or visitor.shopper.acted_for_by is None:
            return go("/my-account", site=place.details.id if place.is_hub else None)
        own.sessions.sign_out(caller_of(request, place, visitor), visitor.session.record.session_id)
        return signed_out(place, "stopped")
