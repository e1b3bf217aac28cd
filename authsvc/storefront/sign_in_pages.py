"""Signing up, in and out by forms: on our hosted pages, or on the storefront's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.credentials.hashing import HashingBusy
from authsvc.errors import AuthsvcError, Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    EmailNotVerified,
    Enrolment,
    PasswordChangeRequired,
)
from authsvc.mail.rules import NoMail, SiteHasNoHost
from authsvc.passkeys.rules import PasskeyRefused, PasskeySignInRefused, PasskeysOff
from authsvc.password_verifiers.rules import VerifierAway
from authsvc.second_factor.email_codes import TooManyCodes
from authsvc.second_factor.pending import NoFactorPossible, SecondFactorRequired
from authsvc.storefront.arrival_pages import ArrivalPages
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.rules import with_error
from authsvc.storefront.second_step_pages import SecondStepPages
from authsvc.storefront.signing_in import FormSignIn, NameTaken
from authsvc.storefront.visitors import (
    ShopperVisitor,
    caller_of,
    drop_session,
    keep_device,
    keep_session,
    visitor_of_page,
)

if TYPE_CHECKING:
    from authsvc.passkeys.policies import PasskeyPolicies
    from authsvc.sessions.rules import IssuedCookie
    from authsvc.sessions.service import Sessions

# What a storefront's own page is told; docs/storefront.md lists them.
CODES: dict[type[AuthsvcError], str] = {
    BadCredentials: "bad_credentials",
    AccountLocked: "locked",
    AccountDisabled: "disabled",
    PasswordChangeRequired: "password_change_required",
    EmailNotVerified: "email_not_verified",
    PasskeySignInRefused: "bad_passkey",
    PasskeysOff: "bad_passkey",
    PasskeyRefused: "bad_passkey",
    NoFactorPossible: "no_second_factor",
    NoMail: "no_second_factor",
    SiteHasNoHost: "no_second_factor",
    TooManyCodes: "too_many",
    TooManyFailures: "too_many",
    HashingBusy: "busy",
    VerifierAway: "busy",
    NameTaken: "taken",
    Invalid: "invalid",
}
_REFUSALS = tuple(CODES)
_PASSWORD_REFUSED = "password_refused"  # noqa: S105  a code
_SIGN_IN = "login.html"
# By name, so that no link can put words on our pages.
_NOTICES = {
    "signed-out": "You are signed out.",
    "everywhere": "You are signed out everywhere.",
    "stopped": "You no longer act for the shopper, and can close this window.",
    "run-out": "This sign-in has taken too long, or was completed. Start again.",
    "password": "Your password is saved. Sign in with it.",
}


@dataclass(frozen=True, slots=True)
class SignInPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    sign_in: FormSignIn
    arrivals: ArrivalPages
    second_step: SecondStepPages
    # Whether a forgotten password can be replaced by mail.
    sends_mail: bool
    # What a site's set lets passkeys do.
    passkeys: PasskeyPolicies

    def form(self, template: str, place: Place, error: AuthsvcError | None = None) -> Response:
        """Show a form again with what was typed, except for the password."""
        given = request.form
        chooses_password = template == "signup.html"
        policies = self.sign_in.login.enrolling.policies
        policy = policies.policy(place.tenant.id, place.details.customer_set)
        passkeys = self.passkeys.of_site(place.site)
        offers_passkeys = template == _SIGN_IN and passkeys.signs_in
        return self.pages.show(
            template,
            place,
            error,
            notice=_NOTICES.get(request.args.get("done", "")) if error is None else None,
            return_to=place.address(request.values.get("return_to")),
            username=given.get("username", ""),
            email=given.get("email", ""),
            first_name=given.get("first_name", ""),
            last_name=given.get("last_name", ""),
            remember="remember" in given,
            with_script=chooses_password,
            requirement=policy.requirement,
            sends_mail=self.sends_mail,
            with_passkeys=offers_passkeys,
            passkey_domain=passkeys.relying_party if offers_passkeys else None,
            takes_codes=self.second_step.care.sign_in_codes.is_offered(place.site),
        )

    def refused(self, template: str, place: Place, error: AuthsvcError) -> Answer:
        """Show why on the storefront's page if it wants that, else on ours."""
        on_error = place.address(request.form.get("on_error"))
        return (
            go(with_error(on_error, code_of(error)))
            if on_error
            else self.form(template, place, error)
        )

    def begun(self, place: Place) -> Answer:
        """Sign in by what was typed, or go on to the second factor; raises the refusals of both."""
        try:
            cookie = self.sign_in.sign_in(
                caller_of(request, place),
                request.form.get("username", ""),
                request.form.get("password", ""),
                remembered="remember" in request.form,
            )
        except SecondFactorRequired as required:
            return self.second_step.begin(place, required)
        return self.signed_in(place, cookie)

    def signed_in(self, place: Place, cookie: IssuedCookie) -> Answer:
        """Go on as somebody who is signed in, by way of the merchant's domain.

        The session that the browser showed until now is over: whoever planted or still has its cookie has nothing.
        """
        before = visitor_of_page()
        if before is not None:
            self.sign_in.login.sessions.sign_out(
                caller_of(request, place, before), before.session.record.session_id
            )
        return_to = place.address(request.form.get("return_to"))
        response = self.arrivals.onward(place, return_to)
        keep_device(request, response, place)
        keep_session(request, response, place, cookie)
        return response


def code_of(error: AuthsvcError) -> str:
    """Return the short code of a refusal."""
    if isinstance(error, Invalid) and ("ParameterName", "password") in error.data:
        return _PASSWORD_REFUSED
    return next(code for kind, code in CODES.items() if isinstance(error, kind))


def add_sign_in_pages(own: SignInPages) -> None:
    """Declare the pages of signing up and in."""
    pages = own.pages

    @pages.get("/login")
    def login_form(place: Place, visitor: ShopperVisitor | None) -> Answer:
        return_to = place.address(request.args.get("return_to"))
        # Whoever is to prove who they are once more, by whatever they sign in with, gets the form all the same.
        if visitor is not None and "again" not in request.args:
            return go(return_to or f"{place.own}/my-account", site=_site(place, return_to))
        asked = own.arrivals.ask_hub(place, return_to)
        return asked or own.form(_SIGN_IN, place)

    @pages.post("/login")
    def login(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  whoever was signed in
        try:
            return own.begun(place)
        except _REFUSALS as error:
            return own.refused(_SIGN_IN, place, error)

    @pages.get("/signup")
    def signup_form(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  may want another account
        return own.form("signup.html", place)

    @pages.post("/signup")
    def signup(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        try:
            cookie = own.sign_in.sign_up(
                caller_of(request, place), _enrolment(), remembered="remember" in request.form
            )
        except EmailNotVerified:
            # The account is made; its holder is signed in by what was mailed to them.
            return pages.show("confirm_email.html", place)
        except _REFUSALS as error:
            return own.refused("signup.html", place, error)
        return own.signed_in(place, cookie)


def add_sign_out_pages(pages: StorefrontPages, sessions: Sessions) -> None:
    """Declare the pages of signing out."""

    @pages.get("/logout")
    def logout_form(place: Place, visitor: ShopperVisitor | None) -> Answer:
        return pages.show(
            "logout.html",
            place,
            is_signed_in=visitor is not None,
            return_to=place.address(request.args.get("return_to")),
        )

    @pages.post("/logout")
    def logout(place: Place, visitor: ShopperVisitor | None) -> Answer:
        if visitor is not None:
            sessions.sign_out(caller_of(request, place, visitor), visitor.session.record.session_id)
        return signed_out(place, "signed-out")


def signed_out(place: Place, notice: str) -> Answer:
    """Go on as somebody who is signed out: where the form says, or to the sign-in page with a word on it."""
    return_to = place.address(request.form.get("return_to"))
    response = (
        go(return_to)
        if return_to
        else go("/login", asked=1, done=notice, site=place.details.id if place.is_hub else None)
    )
    drop_session(request, response, place)
    # Nothing that was shown stays behind in the browser.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _enrolment() -> Enrolment:
    given = request.form
    fields = {
        "email_address": given.get("email", "").strip(),
        "username": given.get("username", "").strip(),
        "first_name": given.get("first_name", "").strip(),
        "last_name": given.get("last_name", "").strip(),
    }
    password = given.get("password", "")
    if not password:
        raise Invalid("password", "Choose a password.")
    return Enrolment({name: value for name, value in fields.items() if value}, password)


def _site(place: Place, return_to: str | None) -> int | None:
    return place.details.id if place.is_hub and return_to is None else None
