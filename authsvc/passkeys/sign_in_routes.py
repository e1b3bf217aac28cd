"""Signing in with passkeys by API, in the manner of the vendor's one-time codes ([K] 2.6)."""

from __future__ import annotations

from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownSite
from authsvc.login.routes import DEVICE_HEADERS
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    EmailNotVerified,
    PasswordChangeRequired,
)
from authsvc.login.wire import CustomerAuthTicket
from authsvc.passkeys.rules import PasskeyRefused, PasskeySignInRefused, PasskeysOff
from authsvc.passkeys.sign_in import PasskeySignIn
from authsvc.passkeys.wire import PasskeyProof, PasskeyRequest
from authsvc.web.operations import Routes

_SIGN_IN = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)


def routes(service: PasskeySignIn) -> Routes:
    """Declare the operations over `service`."""
    part = Routes(
        "passkey_sign_in", prefix="/api/commerce/customer/authtickets/passkey", tag="Passkeys"
    )

    @part.post(
        "/request",
        requires=_SIGN_IN,
        answers=PasskeyRequest,
        status=200,
        refuses=(UnknownSite, PasskeysOff),
    )
    def request_passkey_sign_in(caller: Caller) -> PasskeyRequest:
        """Get what `navigator.credentials.get` takes to sign somebody in on the call's site; the same for everybody."""
        options, sealed = service.begin(caller, _hands(caller))
        return PasskeyRequest(public_key=options, challenge_token=sealed)

    @part.post(
        "/auth",
        requires=_SIGN_IN,
        answers=CustomerAuthTicket,
        status=201,
        refuses=(
            UnknownSite,
            PasskeysOff,
            PasskeyRefused,
            PasskeySignInRefused,
            AccountLocked,
            AccountDisabled,
            PasswordChangeRequired,
            EmailNotVerified,
        ),
        body_name="passkey",
        headers=DEVICE_HEADERS,
    )
    def sign_in_by_passkey(caller: Caller, body: PasskeyProof) -> CustomerAuthTicket:
        """Sign a shopper in by the passkey that their browser has shown, on one of the site's hosts or origins."""
        login = service.login
        opened = service.open(
            caller,
            body.challenge_token,
            body.credential.shown(),
            _hands(caller),
            service.policies.site_origins(caller.tenant_id, caller.site()),
            login.opening(login.sessions.lifetimes),
        )
        return CustomerAuthTicket.of(login.ticket_of(caller, opened))

    return part


def _hands(caller: Caller) -> str:
    """Return whose hands a challenge is in: the application's, which knows its browsers."""
    return f"application:{caller.application}"
