"""Signing in with a passkey on the hosted pages, and My Account › Passkeys.

What the browser's script asks for comes as JSON; what the browser answers comes as a form, so that what follows, and
what is refused, is a page as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import jsonify, request

from authsvc.errors import AuthsvcError
from authsvc.passkeys.challenges import LIFETIME
from authsvc.passkeys.rules import (
    LastMeansOfSigningIn,
    PasskeyRefused,
    PasskeysOff,
    PasskeyTaken,
    TooManyPasskeys,
)
from authsvc.passkeys.service import works
from authsvc.passkeys.wire import made_credential, shown_credential
from authsvc.sessions.arrivals import browser_digest, new_browser_text
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.own_forms import REFUSALS, saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.sign_in_pages import CODES, SignInPages
from authsvc.storefront.visitors import ShopperVisitor, caller_of
from authsvc.web import cookies

if TYPE_CHECKING:
    from authsvc.passkeys.use_cases import PasskeyUseCases

PATH = "/my-account/passkeys"
# Binds a challenge to the browser that was asked; several windows may be asked at once, and share it.
_COOKIE = "authsvc-passkey"
_LASTS = timedelta(days=1)
_REFUSALS = tuple(CODES)
_NOT_ADDED = (*REFUSALS, PasskeyRefused, PasskeyTaken, TooManyPasskeys)


@dataclass(frozen=True, slots=True)
class PasskeyPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    sign_in: SignInPages
    passkeys: PasskeyUseCases

    def section(self, visitor: ShopperVisitor) -> Mapping[str, Any] | None:
        """Return what My Account says of passkeys; None where there is nothing to say."""
        place = visitor.place
        policy = self.passkeys.policies.of_site(place.site)
        found = self.passkeys.passkeys.of_account(place.tenant.id, visitor.account_id)
        if not found and not policy.is_offered:
            return None
        return {
            "passkeys": found,
            "is_offered": policy.is_offered,
            "works": lambda passkey: works(passkey, policy),
        }

    def show_new(self, place: Place, error: AuthsvcError | None = None) -> Answer:
        """Show the page on which a passkey is made; raises `PasskeysOff`."""
        policy = self.passkeys.policies.of_site(place.site)
        if not policy.is_offered:
            raise PasskeysOff
        return self.pages.show(
            "passkey_new.html",
            place,
            error,
            with_passkeys=True,
            domain=policy.relying_party,
            name=request.form.get("name", ""),
        )

    def show_one(
        self,
        place: Place,
        visitor: ShopperVisitor,
        passkey_id: int,
        error: AuthsvcError | None = None,
    ) -> Answer:
        """Show a passkey, to be called something else or removed; raises `UnknownPasskey`."""
        refuse_acting(visitor)
        passkey = self.passkeys.passkeys.one(place.tenant.id, visitor.account_id, passkey_id)
        name = request.form.get("name", passkey.name)
        return self.pages.show("passkey.html", place, error, passkey=passkey, name=name)


def add_passkey_sign_in(own: PasskeyPages) -> None:
    """Declare signing in by a passkey alone."""
    pages = own.pages

    @pages.post("/login/passkey/request")
    def request_passkey(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  whoever is signed in
        text = cookies.read(request, _COOKIE) or new_browser_text()
        options, sealed = own.passkeys.sign_in.begin(caller_of(request, place), _browser(text))
        response = jsonify(publicKey=options, challengeToken=sealed)
        cookies.keep(request, response, _COOKIE, text, max(_LASTS, LIFETIME))
        return response

    @pages.post("/login/passkey")
    def sign_in_by_passkey(place: Place, visitor: ShopperVisitor | None) -> Answer:  # noqa: ARG001  as above
        try:
            cookie = own.passkeys.sign_in.open(
                caller_of(request, place),
                request.form.get("challenge", ""),
                shown_credential(request.form.get("credential", "")),
                _browser(cookies.read(request, _COOKIE)),
                (place.own,),
                own.sign_in.sign_in.opening(remembered="remember" in request.form),
            ).proof
        except _REFUSALS as error:
            return own.sign_in.refused("login.html", place, error)
        return own.sign_in.signed_in(place, cookie)


def add_own_passkey_pages(own: PasskeyPages) -> None:
    """Declare My Account › Passkeys."""
    pages, passkeys = own.pages, own.passkeys

    @pages.own_page(f"{PATH}/new", fresh=True)
    def new_passkey(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        return own.show_new(place)

    @pages.own_form(f"{PATH}/request")
    def request_new_passkey(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        options, sealed = passkeys.registration.begin(caller_of(request, place, visitor))
        return jsonify(publicKey=options, challengeToken=sealed)

    @pages.own_form(PATH)
    def add_passkey(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        try:
            passkeys.registration.complete(
                caller_of(request, place, visitor),
                request.form.get("challenge", ""),
                made_credential(request.form.get("credential", "")),
                request.form.get("name"),
                (place.own,),
            )
        except _NOT_ADDED as error:
            return own.show_new(place, error)
        return saved(place, "passkey")

    @pages.own_page(f"{PATH}/<int:passkey_id>")
    def show_passkey(place: Place, visitor: ShopperVisitor, passkey_id: int) -> Answer:
        return own.show_one(place, visitor, passkey_id)

    @pages.own_form(f"{PATH}/<int:passkey_id>/name", fresh=True)
    def name_passkey(place: Place, visitor: ShopperVisitor, passkey_id: int) -> Answer:
        refuse_acting(visitor)
        caller, name = caller_of(request, place, visitor), request.form.get("name", "")
        try:
            passkeys.passkeys.rename(caller, visitor.account_id, passkey_id, name)
        except REFUSALS as error:
            return own.show_one(place, visitor, passkey_id, error)
        return saved(place, "passkey-named")

    @pages.own_form(f"{PATH}/<int:passkey_id>/remove", fresh=True)
    def remove_passkey(place: Place, visitor: ShopperVisitor, passkey_id: int) -> Answer:
        refuse_acting(visitor)
        caller = caller_of(request, place, visitor)
        try:
            passkeys.passkeys.remove(caller, visitor.account_id, passkey_id)
        except LastMeansOfSigningIn as error:
            return own.show_one(place, visitor, passkey_id, error)
        return saved(place, "passkey-removed")


def _browser(text: str) -> str:
    """Return what a challenge for a browser with this cookie is bound to; nothing is made for one without."""
    return f"browser:{browser_digest(text).hex()}" if text else "no browser"
