"""Asking for the password once more before a sensitive act, and then going on with it and with all that was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, after_this_request, request

from authsvc.callers import Caller
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.rules import NoLogin, WrongPassword
from authsvc.errors import AuthsvcError, Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.storefront.pages import go
from authsvc.storefront.rules import return_address
from authsvc.storefront.visitors import ShopperVisitor, caller_of, keep_session, sets_session

if TYPE_CHECKING:
    from authsvc.credentials.service import Credentials
    from authsvc.sessions.proving import Proving
    from authsvc.storefront.pages import Answer, StorefrontPages
    from authsvc.storefront.places import Place

# The field of the page that asks, beside those of the form it continues.
PASSWORD_FIELD = "fresh_password"  # noqa: S105  the name of a field
CONFIRM = "/my-account/confirm"
_REFUSALS = (WrongPassword, NoLogin, TooManyFailures, HashingBusy, Invalid)


@dataclass(frozen=True, slots=True)
class FreshSignIns:
    """Stands between a page of My Account and its view."""

    credentials: Credentials
    proving: Proving

    def guarded(
        self,
        pages: StorefrontPages,
        place: Place,
        visitor: ShopperVisitor,
        view: Callable[[], Answer],
        *,
        needed: bool,
    ) -> Answer:
        """Answer with `view`; where that needs a fresh sign-in, or is `needed`, ask for the password first."""
        caller = caller_of(request, place, visitor)
        try:
            if PASSWORD_FIELD in request.form:
                self.prove(caller, place, visitor, request.form[PASSWORD_FIELD])
        except _REFUSALS as error:
            return self.ask(pages, place, error)
        try:
            if needed:
                self.proving.sessions.freshness.ensure(caller)
            return view()
        except FreshSignInRequired:
            return self.ask(pages, place)

    def prove(self, caller: Caller, place: Place, visitor: ShopperVisitor, password: str) -> None:
        """Take in the password; the browser shows its session by another cookie from now on."""
        self.credentials.confirm_password(caller, visitor.account_id, password)
        cookie = self.proving.again(place.site, visitor.session)

        @after_this_request
        def keep(response: Response) -> Response:
            # What the view did may have ended the session, and then the browser is told to forget it.
            if not sets_session(request, response, place):
                keep_session(request, response, place, cookie)
            return response

    def ask(
        self, pages: StorefrontPages, place: Place, error: AuthsvcError | None = None
    ) -> Response:
        """Show the page that asks; it sends along what was sent, or leads to the page that was opened."""
        is_form = request.method == "POST"
        # No password is ever written into a page, also where another form than ours sends one.
        typed = [
            (name, text) for name, text in request.form.items(multi=True) if "password" not in name
        ]
        opened = request.full_path.rstrip("?")
        return pages.show(
            "confirm_password.html",
            place,
            error,
            action=opened if is_form else CONFIRM,
            typed=typed if is_form else [("site", place.details.id), ("return_to", opened)],
            password_field=PASSWORD_FIELD,
        )


def add_confirm_page(pages: StorefrontPages) -> None:
    """Declare where the password goes that was asked for before a page was shown."""

    @pages.own_form(CONFIRM, fresh=True)
    def confirm(place: Place, visitor: ShopperVisitor) -> Answer:  # noqa: ARG001  has proved who they are
        opened = return_address(request.form.get("return_to"), (), place.own)
        return go(opened or f"{place.own}/my-account")
