"""Signing in by password and code, and signing out."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request
from werkzeug.wrappers import Response as WerkzeugResponse

from authsvc.admin import cookies
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Access, AdminPages, Answer, go_on, to_page
from authsvc.admin.return_address import own_page
from authsvc.admin.typed_numbers import number
from authsvc.customer_sets.rules import UnknownTenant
from authsvc.errors import AuthsvcError, Invalid, NotAuthenticated, TooMany, Unavailable
from authsvc.staff.rules import Standing
from authsvc.staff.second_factor import SecondFactors, WrongCode
from authsvc.staff.sign_in import SignedIn, StaffSignIn

# Which tenant's staff sign in at a host name; None where it says nothing.
TenantOfHost = Callable[[str], int | None]
# Raises `UnknownTenant` for a number that is none.
EnsureTenant = Callable[[int], object]

# What a page says after something was done; by name, so that no link can put words on our pages.
_NOTICES = {
    "signed-out": "You are signed out.",
    "everywhere": "You are signed out everywhere.",
}


def add_sign_in_pages(
    pages: AdminPages,
    sign_in: StaffSignIn,
    tenant_of_host: TenantOfHost,
    ensure_tenant: EnsureTenant,
) -> None:
    """Declare the pages of the first step, and signing out."""

    def form(visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        return pages.show(
            "sign_in.html",
            visitor,
            error,
            notice=_NOTICES.get(request.args.get("done", "")),
            asks_tenant=tenant_of_host(request.host) is None,
            tenant=request.values.get("tenant", ""),
            username=request.form.get("username", ""),
            next=own_page(request.values.get("next")),
        )

    @pages.get("/sign-in", Access.ANYBODY)
    def sign_in_form(visitor: Visitor) -> Answer:
        if visitor.standing is not None:
            return go_on(visitor, request.args.get("next"))
        return form(visitor)

    @pages.post("/sign-in", Access.ANYBODY)
    def give_password(visitor: Visitor) -> Answer:
        try:
            tenant_id = tenant_of_host(request.host) or _tenant_typed()
            ensure_tenant(tenant_id)
            token, signed_in = sign_in.sign_in(
                tenant_id,
                request.form.get("username", ""),
                request.form.get("password", ""),
                visitor.visit,
            )
        except (Invalid, NotAuthenticated, TooMany, Unavailable, UnknownTenant) as error:
            return form(Visitor(visitor.visit), error)
        if visitor.signed_in is not None:
            # Somebody signs in over a session that was open: it is not left behind.
            sign_in.sign_out(visitor.caller, visitor.signed_in)
        return through(Visitor(visitor.visit, token, signed_in))

    @pages.post("/sign-out", Access.ANY_SESSION)
    def sign_out(visitor: Visitor) -> Answer:
        sign_in.sign_out(visitor.caller, visitor.session)
        return signed_out("signed-out")


def add_code_pages(pages: AdminPages, sign_in: StaffSignIn, factors: SecondFactors) -> None:
    """Declare the pages of the second step."""

    def code_page(visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        return pages.show(
            "code.html",
            visitor,
            error,
            next=own_page(request.values.get("next")),
        )

    @pages.get("/code", Access.AWAITS_CODE)
    def code_form(visitor: Visitor) -> Answer:
        return code_page(visitor)

    @pages.post("/code", Access.AWAITS_CODE)
    def give_code(visitor: Visitor) -> Answer:
        try:
            token = factors.give(visitor.session, request.form.get("code", ""), visitor.visit)
        except (WrongCode, TooMany) as error:
            return code_page(visitor, error)
        return through(with_token(sign_in, visitor, token))


def signed_out(notice: str) -> WerkzeugResponse:
    """Show the sign-in page again, with the cookie gone."""
    response = to_page("/sign-in", done=notice)
    cookies.drop(request, response, cookies.SESSION)
    # Nothing that was shown stays behind in the browser.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def with_session(response: WerkzeugResponse, token: str) -> WerkzeugResponse:
    """Hand the browser a session's new token with an answer."""
    cookies.keep(request, response, cookies.SESSION, token)
    cookies.drop(request, response, cookies.FORM)
    return response


def with_token(sign_in: StaffSignIn, visitor: Visitor, token: str) -> Visitor:
    """Return the visitor as the session that `token` shows makes them now."""
    signed_in: SignedIn | None = sign_in.check(token, visitor.visit)
    return Visitor(visitor.visit, token, signed_in)


def through(visitor: Visitor) -> WerkzeugResponse:
    """Go on after a step of signing in: to the next one, to the offer of a second factor, or to where one wanted."""
    wanted = own_page(request.form.get("next"))
    user = visitor.session.user
    if (
        visitor.standing is Standing.SIGNED_IN
        and not user.has_second_factor
        and user.second_factor_offered_at is None
    ):
        answer = to_page("/second-factor", **({"next": wanted} if wanted else {}))
    else:
        answer = go_on(visitor, wanted)
    return with_session(answer, visitor.token)


def _tenant_typed() -> int:
    tenant_id = number(request.form.get("tenant", "").strip())
    if not tenant_id:
        raise Invalid("tenant", "Give the number of your merchant; your administrator knows it.")
    return tenant_id
