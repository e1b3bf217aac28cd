"""Hosted pages for another e-mail address: asked for in My Account, confirmed and taken back by mailed links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.customer_sets.rules import without_port
from authsvc.errors import (
    AuthsvcError,
    Conflict,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from authsvc.recovery.rules import LinkRefused, Purpose
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from authsvc.callers import Caller
    from authsvc.recovery.use_cases import Recovery

CHANGE = "/my-account/email"
_REFUSALS = (Invalid, Conflict, NotFound, Unavailable, TooMany)


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A page that a mailed link leads to: what it asks, and what its button does."""

    address: str
    purpose: Purpose
    heading: str
    question: str
    button: str
    done: str
    act: Callable[[Caller, str], object]


@dataclass(frozen=True, slots=True)
class EmailPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    recovery: Recovery

    def form(self, place: Place, error: AuthsvcError | None = None, sent: str = "") -> Response:
        """Ask for the new address and, once more, the password."""
        email = request.form.get("email", "")
        return self.pages.show("change_email.html", place, error, email=email, sent=sent)

    def change(self, place: Place, visitor: ShopperVisitor) -> Answer:
        """Have a link mailed to the new address."""
        caller = caller_of(request, place, visitor)
        email = request.form.get("email", "").strip()
        try:
            self.recovery.email_changes.request(
                caller,
                visitor.account_id,
                email,
                request.form.get("password", ""),
                without_port(request.host.lower()),
            )
        except _REFUSALS as error:
            return self.form(place, error)
        return self.form(place, sent=email)

    def ask(self, place: Place, link: OpenedLink, error: AuthsvcError | None = None) -> Response:
        """Ask before a link is used up: a mail program may have opened it to look what is there."""
        token, email = request.values.get("t", ""), ""
        try:
            email = self.recovery.links.look_at(place.tenant.id, token, link.purpose)
        except LinkRefused as refusal:
            # What became of a link that was used just now says more than that it was used.
            error = error or refusal
        return self._show(place, link, error, token=token, email=email, is_done=False)

    def use(self, place: Place, link: OpenedLink) -> Response:
        """Do what the link is for."""
        try:
            link.act(caller_of(request, place), request.form.get("t", ""))
        except _REFUSALS as error:
            return self.ask(place, link, error)
        return self._show(place, link, None, token="", email="", is_done=True)

    def _show(
        self,
        place: Place,
        link: OpenedLink,
        error: AuthsvcError | None,
        *,
        token: str,
        email: str,
        is_done: bool,
    ) -> Response:
        return self.pages.show(
            "opened_link.html",
            place,
            error,
            address_is_secret=True,
            opened=link,
            token=token,
            email=email,
            is_done=is_done,
        )


def add_email_pages(own: EmailPages) -> None:
    """Declare the pages."""
    pages, changes = own.pages, own.recovery.email_changes
    links: Mapping[str, OpenedLink] = {
        "confirm": OpenedLink(
            f"{CHANGE}/confirm",
            Purpose.EMAIL_CHANGE,
            "Your new e-mail address",
            "Use this address for your account from now on?",
            "Use this address",
            "This is the address of your account now. The old one was told.",
            changes.confirm,
        ),
        "verification": OpenedLink(
            f"{CHANGE}/verify",
            Purpose.EMAIL_VERIFICATION,
            "Confirm your e-mail address",
            "Is this your address?",
            "Confirm this address",
            "Thank you: your address is confirmed.",
            own.recovery.verification.confirm,
        ),
        "undo": OpenedLink(
            f"{CHANGE}/undo",
            Purpose.EMAIL_UNDO,
            "Take the change back",
            "Give your account this address again, and sign everybody out of it?",
            "Take it back",
            "Your account has its address again and everybody is signed out. A mail is on its way to you, with a link "
            "to choose a new password.",
            changes.undo,
        ),
    }

    @pages.own_page(CHANGE)
    def change_email(place: Place, visitor: ShopperVisitor) -> Answer:  # noqa: ARG001  is signed in
        own.recovery.links.mails.ensure_offered()
        return own.form(place)

    @pages.own_form(CHANGE)
    def send_email_change(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        return own.change(place, visitor)

    @pages.own_form(f"{CHANGE}/verify/send")
    def send_verification(place: Place, visitor: ShopperVisitor) -> Answer:
        site = own.recovery.links.directory.fresh_site(place.tenant.id, place.details.id)
        own.recovery.verification.remind(
            site, visitor.account_id, without_port(request.host.lower())
        )
        return own.pages.show("confirm_email.html", place)

    for name, link in links.items():
        _add_link(own, name, link)


def _add_link(own: EmailPages, name: str, link: OpenedLink) -> None:
    def ask(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  the link says who
        return own.ask(place, link)

    def use(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        return own.use(place, link)

    ask.__name__, use.__name__ = f"ask_email_{name}", f"use_email_{name}"
    own.pages.get(link.address)(ask)
    own.pages.post(link.address)(use)
