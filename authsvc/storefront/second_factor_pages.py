"""The authenticator app on My Account: set up by a first code, new recovery codes, and removed by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, request

from authsvc.errors import AuthsvcError, Conflict, Invalid, TooMany
from authsvc.second_factor.authenticator_apps import EnrolmentOver, NewApp, NoAuthenticatorApp
from authsvc.second_factor.rules import Requirement
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.my_account_pages import MyAccountPages, Section
from authsvc.storefront.own_forms import saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of
from authsvc.web.qr_code import qr_code

if TYPE_CHECKING:
    from authsvc.second_factor.authenticator_apps import AppStanding, AuthenticatorApps

_PATH = "/my-account/second-factor"


@dataclass(frozen=True, slots=True)
class SecondFactorPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    apps: AuthenticatorApps

    def standing(self, visitor: ShopperVisitor) -> AppStanding:
        """Return where the shopper stands."""
        return self.apps.standing(visitor.place.tenant.id, visitor.account_id)

    def setup(self, place: Place, app: NewApp, error: AuthsvcError | None = None) -> Response:
        """Show the secret as a picture, as a link and in letters, and ask for the first code."""
        secret = " ".join(app.secret[at : at + 4] for at in range(0, len(app.secret), 4))
        return self.pages.show(
            "second_factor_setup.html",
            place,
            error,
            app=app,
            qr_code=qr_code(app.address),
            secret=secret,
        )

    def change(
        self, place: Place, visitor: ShopperVisitor, error: AuthsvcError | None = None
    ) -> Response:
        """Ask for a code before anything is changed."""
        standing = self.standing(visitor)
        return self.pages.show("second_factor_change.html", place, error, standing=standing)


def add_second_factor_pages(own: MyAccountPages, apps: AuthenticatorApps) -> None:
    """Declare the pages, and their part of My Account where the set offers it or the shopper has it."""
    pages = SecondFactorPages(own.pages, apps)

    def values(visitor: ShopperVisitor) -> Mapping[str, Any] | None:
        standing = pages.standing(visitor)
        is_offered = standing.requirement is not Requirement.OFF
        return {"standing": standing} if is_offered or standing.set_up_at else None

    own.sections.append(Section("Second factor", "storefront/second_factor.html", values))
    _add_setup(pages)
    _add_change(pages)


def _add_setup(own: SecondFactorPages) -> None:
    @own.pages.own_form(f"{_PATH}/begin", fresh=True)
    def begin_authenticator_app(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller = caller_of(request, place, visitor)
        return own.setup(place, own.apps.begin(caller, visitor.account_id))

    @own.pages.own_form(f"{_PATH}/confirm", fresh=True)
    def confirm_authenticator_app(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller, given = caller_of(request, place, visitor), request.form
        enrolment, account_id = given.get("enrolment", ""), visitor.account_id
        try:
            codes = own.apps.confirm(caller, account_id, enrolment, given.get("code", ""))
        except EnrolmentOver:
            return saved(place, "second-factor-late")
        except (Invalid, TooMany) as error:
            return own.setup(place, own.apps.shown(caller, account_id, enrolment), error)
        return own.pages.show("recovery_codes.html", place, codes=codes, is_first=True)


def _add_change(own: SecondFactorPages) -> None:
    @own.pages.own_page(_PATH, fresh=True)
    def authenticator_app(place: Place, visitor: ShopperVisitor) -> Answer:
        if own.standing(visitor).set_up_at is None:
            return saved(place, "")
        return own.change(place, visitor)

    @own.pages.own_form(f"{_PATH}/change", fresh=True)
    def change_authenticator_app(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        caller, code = caller_of(request, place, visitor), request.form.get("code", "")
        try:
            if request.form.get("what") == "remove":
                own.apps.remove(caller, visitor.account_id, code)
                return saved(place, "second-factor-removed")
            codes = own.apps.renew_recovery_codes(caller, visitor.account_id, code)
        except NoAuthenticatorApp:
            return saved(place, "")
        except (Invalid, Conflict, TooMany) as error:
            return own.change(place, visitor, error)
        return own.pages.show("recovery_codes.html", place, codes=codes, is_first=False)
