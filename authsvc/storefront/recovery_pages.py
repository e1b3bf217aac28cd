"""Hosted pages for who has forgotten a password, or chooses a first one: no script, and no word on who exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.customer_sets.rules import without_port
from authsvc.errors import AuthsvcError, Conflict, Invalid, NotFound, Unavailable
from authsvc.guessing.rules import TooManyFailures
from authsvc.recovery.rules import LinkRefused
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from authsvc.accounts.rules import CustomerAccount
    from authsvc.callers import Caller
    from authsvc.recovery.use_cases import Recovery

FORGOT = "/password/forgot"
# Where the vendor's storefronts have theirs ([K] 3.3).
RESET = "/user/resetpasswordconfirm"
INVITED = "/password/invitation"
_REFUSALS = (Invalid, Conflict, NotFound, Unavailable, TooManyFailures)


@dataclass(frozen=True, slots=True)
class RecoveryPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    recovery: Recovery

    def forgot(
        self, place: Place, error: AuthsvcError | None = None, *, done: bool = False
    ) -> Response:
        """Ask whose password is forgotten, or say that a mail is on its way if there is anybody to get it."""
        return self.pages.show(
            "forgot_password.html",
            place,
            error,
            done=done,
            username=request.form.get("username", ""),
        )

    def send(self, place: Place) -> Answer:
        """Have a link mailed."""
        name = request.form.get("username", "").strip()
        caller = caller_of(request, place)
        try:
            if not name:
                raise Invalid("username", "Give your username or e-mail address.")
            resets = self.recovery.password_resets
            resets.request(caller, name, host=without_port(request.host.lower()))
        except _REFUSALS as error:
            return self.forgot(place, error)
        return self.forgot(place, done=True)

    def choose(
        self,
        place: Place,
        action: str,
        look: Callable[[int, str], CustomerAccount],
        error: AuthsvcError | None = None,
    ) -> Response:
        """Ask for a new password, of who has a link that is good; its token stands in the address."""
        token = request.values.get("t", "")
        account = None
        try:
            account = look(place.tenant.id, token)
        except LinkRefused as refusal:
            error = refusal
        return self.pages.show(
            "choose_password.html",
            place,
            error,
            address_is_secret=True,
            with_script=account is not None,
            action=action,
            token=token,
            username=None if account is None else account.username or account.email_address,
            requirement=self.recovery.password_resets.policies.policy(
                place.tenant.id, place.details.customer_set
            ).requirement,
            is_first=action == INVITED,
        )

    def chosen(
        self,
        place: Place,
        action: str,
        look: Callable[[int, str], CustomerAccount],
        choose: Callable[[Caller, str, str], None],
    ) -> Answer:
        """Take a new password; then its holder signs in with it ([K] 3.3: nobody is signed in by it)."""
        try:
            password = request.form.get("password", "")
            if not password:
                raise Invalid("password", "Choose a password.")
            choose(caller_of(request, place), request.form.get("t", ""), password)
        except _REFUSALS as error:
            return self.choose(place, action, look, error)
        return go(
            "/login", asked=1, done="password", site=place.details.id if place.is_hub else None
        )


def add_recovery_pages(own: RecoveryPages) -> None:
    """Declare the pages, where the installation sends mail."""
    pages, resets = own.pages, own.recovery.password_resets
    invitations = own.recovery.invitations

    @pages.get(FORGOT)
    def forgot_password(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  of no matter
        own.recovery.links.mails.ensure_offered()
        return own.forgot(place)

    @pages.post(FORGOT)
    def send_reset(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        own.recovery.links.mails.ensure_offered()
        return own.send(place)

    @pages.get(RESET)
    def choose_password(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  the link says who
        return own.choose(place, RESET, resets.look)

    @pages.post(RESET)
    def reset_password(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        return own.chosen(place, RESET, resets.look, resets.complete)

    @pages.get(INVITED)
    def choose_first_password(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        return own.choose(place, INVITED, invitations.look)

    @pages.post(INVITED)
    def accept_invitation(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        return own.chosen(place, INVITED, invitations.look, invitations.accept)
