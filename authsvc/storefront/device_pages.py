"""My Account › Devices: where the account is signed in, and ending that on one device or on all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from authsvc.devices.rules import rough_place
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.sign_in_pages import signed_out
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from authsvc.devices.account_devices import AccountDevices
    from authsvc.regrouping.site_store import SiteStore
    from authsvc.sessions.rules import LiveSession

PATH = "/my-account/devices"
# By name, so that no link can put words on our pages.
_NOTICES = {
    "device": "The device is signed out, everywhere at once.",
    "session": "It is signed out, everywhere at once.",
}


@dataclass(frozen=True, slots=True)
class DevicePages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    devices: AccountDevices
    sites: SiteStore

    def show(self, place: Place, visitor: ShopperVisitor) -> Answer:
        """List the devices, and the sessions that are on none that is known."""
        found = self.devices.signed_in(place.tenant.id, visitor.account_id)
        sessions = [each for device in found.devices for each in device.sessions]
        return self.pages.show(
            "devices.html",
            place,
            notice=_NOTICES.get(request.args.get("done", "")),
            devices=found.devices,
            elsewhere=found.elsewhere,
            this=visitor.session.record.session_id,
            names=self._site_names(place, [*sessions, *found.elsewhere]),
            place_of=rough_place,
            last_used=self.devices.last_used,
        )

    def _site_names(self, place: Place, sessions: Iterable[LiveSession]) -> dict[int, str]:
        names = {}
        for site_id in {each.site_id for each in sessions}:
            site = self.sites.site(place.tenant.id, site_id)
            names[site_id] = site.name if site else ""
        return names


def add_device_pages(own: DevicePages) -> None:
    """Declare the list, and what its buttons do: only for who has signed in a short while ago (ASVS 5 7.5.2)."""
    pages, devices = own.pages, own.devices

    def ended(place: Place, what: str) -> Answer:
        return go(PATH, done=what, site=place.details.id if place.is_hub else None)

    @pages.own_page(PATH)
    def devices_list(place: Place, visitor: ShopperVisitor) -> Answer:
        return own.show(place, visitor)

    @pages.own_form(f"{PATH}/end", fresh=True)
    def end_device(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller = caller_of(request, place, visitor)
        devices.end(caller, visitor.account_id, request.form.get("device", ""))
        return ended(place, "device")

    @pages.own_form("/my-account/sessions/end", fresh=True)
    def end_session(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller, wanted = caller_of(request, place, visitor), request.form.get("session", "")
        devices.account_sessions.end(caller, visitor.account_id, wanted)
        return ended(place, "session")

    # Not for a storefront's own forms: they ask on its page, and have `/logout`.
    @pages.own_form("/my-account/sign-out-everywhere", fresh=True)
    def sign_out_everywhere(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller = caller_of(request, place, visitor)
        devices.account_sessions.end_everywhere(caller, visitor.account_id)
        return signed_out(place, "everywhere")
