"""Setting up a second factor: offer, QR code and secret, first code, recovery codes."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Access, AdminPages, Answer, to_page
from authsvc.admin.return_address import own_page
from authsvc.admin.sign_in_pages import with_session
from authsvc.errors import AuthsvcError, TooMany
from authsvc.one_time_codes import enrolment_address
from authsvc.staff.rules import Standing
from authsvc.staff.second_factor import HasSecondFactor, NoSecondFactor, SecondFactors, WrongCode
from authsvc.staff.sign_in import StaffSignIn
from authsvc.web.qr_code import qr_code

# What an authenticator app calls the merchant.
NameOfTenant = Callable[[int], str]


def add_offer_pages(pages: AdminPages, factors: SecondFactors) -> None:
    """Declare the offer, and what is answered to it."""

    @pages.get("/second-factor", Access.ENROLLING)
    def second_factor(visitor: Visitor) -> Answer:
        if visitor.session.user.has_second_factor:
            return to_page("/account")
        return pages.show(
            "second_factor_offer.html",
            visitor,
            is_required=visitor.standing is Standing.MUST_ENROL,
            next=own_page(request.args.get("next")),
        )

    @pages.post("/second-factor/begin", Access.ENROLLING)
    def begin_second_factor(visitor: Visitor) -> Answer:
        factors.begin(visitor.session)
        return to_page("/second-factor/setup")

    @pages.post("/second-factor/decline", Access.SIGNED_IN)
    def decline_second_factor(visitor: Visitor) -> Answer:
        factors.decline(visitor.caller, visitor.session)
        return to_page((own_page(request.form.get("next")) or "/admin/").removeprefix("/admin"))


def add_setup_pages(
    pages: AdminPages, sign_in: StaffSignIn, factors: SecondFactors, name_of_tenant: NameOfTenant
) -> None:
    """Declare the pages that show the secret and take the first code."""

    def setup_page(visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        user, secret = visitor.session.user, factors.shown(visitor.session)
        address = enrolment_address(secret, user.username, name_of_tenant(user.tenant_id))
        return pages.show(
            "second_factor_setup.html",
            visitor,
            error,
            qr_code=qr_code(address),
            address=address,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        )

    @pages.get("/second-factor/setup", Access.ENROLLING)
    def set_up_second_factor(visitor: Visitor) -> Answer:
        try:
            return setup_page(visitor)
        except (NoSecondFactor, HasSecondFactor):
            return to_page("/second-factor")

    @pages.post("/second-factor/setup", Access.ENROLLING)
    def confirm_second_factor(visitor: Visitor) -> Answer:
        try:
            token, codes = factors.confirm(
                visitor.caller, visitor.session, request.form.get("code", ""), visitor.visit
            )
        except (WrongCode, TooMany) as error:
            return setup_page(visitor, error)
        renewed = Visitor(visitor.visit, token, sign_in.check(token, visitor.visit))
        return with_session(
            pages.show("recovery_codes.html", renewed, codes=codes, is_first=True), token
        )


def add_recovery_code_pages(pages: AdminPages, factors: SecondFactors) -> None:
    """Declare the pages that make new recovery codes."""

    @pages.post("/recovery-codes")
    def renew_recovery_codes(visitor: Visitor) -> Answer:
        try:
            codes = factors.renew_recovery_codes(
                visitor.caller, visitor.session, request.form.get("code", "")
            )
        except (WrongCode, TooMany) as error:
            return pages.show("recovery_codes_renew.html", visitor, error)
        return pages.show("recovery_codes.html", visitor, codes=codes, is_first=False)

    @pages.get("/recovery-codes")
    def recovery_codes(visitor: Visitor) -> Answer:
        if not visitor.session.user.has_second_factor:
            return to_page("/second-factor")
        return pages.show("recovery_codes_renew.html", visitor)
