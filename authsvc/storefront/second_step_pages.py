"""Pages for a sign-in that waits: for the code of a mail or an app, a passkey, or a code in place of the password.

What shows such a sign-in stands in a cookie of this browser alone, never in an address or a form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from authsvc.customer_sets.rules import Site
from authsvc.errors import AuthsvcError, Forbidden, Invalid, NotAuthenticated, NotOffered, TooMany
from authsvc.mail.rules import SiteHasNoHost
from authsvc.passkeys.rules import PasskeyRefused, PasskeySignInRefused, PasskeysOff
from authsvc.passkeys.wire import shown_credential
from authsvc.second_factor.pending import (
    PENDING,
    NoPendingSignIn,
    PendingSignIn,
    SecondFactorRequired,
    Wishes,
)
from authsvc.second_factor.rules import Factor
from authsvc.sessions.rules import Holder, IssuedCookie
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of
from authsvc.web import cookies

if TYPE_CHECKING:
    from collections.abc import Callable

    from authsvc.callers import Caller
    from authsvc.login.completing import SignInCompletion
    from authsvc.login.rules import Opening
    from authsvc.passkeys.second_factor import PasskeySecondFactor
    from authsvc.second_factor.use_cases import SecondFactorCare
    from authsvc.sessions.browser import BrowserSessions

CODE = "/login/code"
PASSKEY = f"{CODE}/passkey"
WITHOUT_PASSWORD = "/login/with-code"  # noqa: S105  an address
_COOKIE = "authsvc-sign-in"
_PASSKEY_REFUSALS = (PasskeyRefused, PasskeySignInRefused, PasskeysOff)
_REFUSALS = (Invalid, NotAuthenticated, Forbidden, TooMany, NotOffered, SiteHasNoHost)


@dataclass(frozen=True, slots=True)
class SecondStepPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    completion: SignInCompletion
    care: SecondFactorCare
    passkeys: PasskeySecondFactor
    browser_sessions: BrowserSessions

    def begin(self, place: Place, required: SecondFactorRequired) -> Answer:
        """Go on to the second step after the password was right, and have the code mailed where it is mailed.

        Where no code completes the sign-in, to our page, which asks for a passkey, whichever the storefront names for
        codes. Raises `NoMail`, `SiteHasNoHost`, `TooManyCodes`.
        """
        caller, token = caller_of(request, place), required.pending.token
        self.care.email_codes.send(caller, self.completion.second_factors.waiting(caller, token))
        takes_codes = required.pending.factors != {Factor.PASSKEY}
        return self.onward(place, token, takes_codes=takes_codes)

    def onward(self, place: Place, token: str, *, takes_codes: bool = True) -> Answer:
        """Go to the page that takes the code: the storefront's own if it names one."""
        return_to = place.address(request.form.get("return_to"))
        on_code = place.address(request.form.get("on_code")) if takes_codes else None
        site = place.details.id if place.is_hub else None
        response = go(on_code) if on_code else go(CODE, site=site, return_to=return_to)
        cookies.keep(request, response, _COOKIE, token, PENDING)
        return response

    def waiting(self, place: Place) -> tuple[Caller, PendingSignIn]:
        """Return the sign-in that the browser shows; raises `NoPendingSignIn`."""
        caller = caller_of(request, place)
        return caller, self.completion.second_factors.waiting(caller, self.token())

    def token(self) -> str:
        """Return what the browser's cookie holds."""
        return cookies.read(request, _COOKIE)

    def form(
        self, place: Place, pending: PendingSignIn, error: AuthsvcError | None = None
    ) -> Response:
        """Ask for the code or the passkey; the same whether there is anybody to mail a code to."""
        domain = self.passkeys.relying_party(caller_of(request, place), pending)
        return self.pages.show(
            "sign_in_code.html",
            place,
            error,
            takes_mail=Factor.EMAIL_CODE in pending.factors,
            takes_app=Factor.AUTHENTICATOR_APP in pending.factors,
            takes_passkey=Factor.PASSKEY in pending.factors,
            with_passkeys=domain is not None,
            passkey_domain=domain,
            passkey_failed=isinstance(error, _PASSKEY_REFUSALS),
            knows_who=bool(pending.methods),
            return_to=place.address(request.values.get("return_to")),
        )

    def ask_address(self, place: Place, error: AuthsvcError | None = None) -> Response:
        """Ask where to mail a code to."""
        return self.pages.show(
            "sign_in_by_code.html",
            place,
            error,
            username=request.form.get("username", ""),
            remember="remember" in request.form,
            return_to=place.address(request.values.get("return_to")),
        )

    def completed(self, response: Answer) -> Answer:
        """Let the browser forget the sign-in, which is complete."""
        cookies.drop(request, response, _COOKIE)
        return response

    def opening_of(self, wishes: Wishes) -> Opening[IssuedCookie]:
        """Return what opens the session, remembered if that was wished when the sign-in began."""

        def open_session(site: Site, holder: Holder, methods: tuple[str, ...]) -> IssuedCookie:
            return self.browser_sessions.open(site, holder, methods, remembered=wishes.remembered)

        return open_session


def add_second_step_pages(
    own: SecondStepPages, signed_in: Callable[[Place, IssuedCookie], Answer]
) -> None:
    """Declare the pages; `signed_in` goes on as somebody who is."""
    pages = own.pages

    @pages.get(CODE)
    def code_form(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  may be somebody else
        try:
            return own.form(place, own.waiting(place)[1])
        except NoPendingSignIn:
            return _over(place)

    @pages.post(CODE)
    def give_code(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        try:
            caller, pending = own.waiting(place)
        except NoPendingSignIn:
            return _over(place)
        code = request.form.get("code", "")
        try:
            opened = own.completion.by_code(caller, own.token(), code, own.opening_of)
        except SecondFactorRequired as required:  # a code by mail is one factor, the app another
            return own.begin(place, required)
        except NoPendingSignIn:
            return _over(place)
        except _REFUSALS as error:
            return own.form(place, pending, error)
        return own.completed(signed_in(place, opened.proof))


def add_passkey_step(
    own: SecondStepPages, signed_in: Callable[[Place, IssuedCookie], Answer]
) -> None:
    """Declare what the page's script asks for, as JSON, and the form by which it answers."""
    pages = own.pages

    @pages.post(f"{PASSKEY}/request")
    def request_passkey_step(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        options, sealed = own.passkeys.begin(*own.waiting(place))
        return jsonify(publicKey=options, challengeToken=sealed)

    @pages.post(PASSKEY)
    def give_passkey(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        try:
            caller, pending = own.waiting(place)
        except NoPendingSignIn:
            return _over(place)
        try:
            opened = own.passkeys.complete(
                caller,
                pending,
                request.form.get("challenge", ""),
                shown_credential(request.form.get("credential", "")),
                (place.own,),
                own.opening_of,
            )
        except NoPendingSignIn:
            return _over(place)
        except _REFUSALS as error:
            return own.form(place, pending, error)
        return own.completed(signed_in(place, opened.proof))


def add_code_sending(own: SecondStepPages) -> None:
    """Declare what mails another code."""
    pages = own.pages

    @pages.post(f"{CODE}/send")
    def send_code(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        try:
            caller, pending = own.waiting(place)
        except NoPendingSignIn:
            return _over(place)
        try:
            if not pending.methods:
                own.care.sign_in_codes.repeat(caller, pending)
            else:
                own.care.email_codes.send(caller, pending)
        except _REFUSALS as error:
            return own.form(place, pending, error)
        return own.onward(place, own.token())


def add_sign_in_code_pages(own: SecondStepPages) -> None:
    """Declare the page that mails a code in place of a password, where the set allows it."""
    pages = own.pages

    @pages.get(WITHOUT_PASSWORD)
    def sign_in_by_code(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  may be somebody else
        own.care.sign_in_codes.ensure_allowed(place.site)
        return own.ask_address(place)

    @pages.post(WITHOUT_PASSWORD)
    def mail_sign_in_code(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        name = request.form.get("username", "").strip()
        wishes = Wishes(remembered="remember" in request.form)
        try:
            if not name:
                raise Invalid("username", "Give your e-mail address.")
            token = own.care.sign_in_codes.begin(caller_of(request, place), name, wishes)
        except _REFUSALS as error:
            return own.ask_address(place, error)
        return own.onward(place, token)


def _over(place: Place) -> Answer:
    """Begin again: the sign-in has run out."""
    return go("/login", asked=1, done="run-out", site=place.details.id if place.is_hub else None)
