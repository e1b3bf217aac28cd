"""A passkey after the password by API, with the limited ticket, in the manner of the vendor's 2fa calls ([K] 2.6)."""

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
from authsvc.passkeys.second_factor import PasskeySecondFactor
from authsvc.passkeys.wire import PasskeyProof, PasskeyRequest
from authsvc.second_factor.pending import NoPendingSignIn
from authsvc.web.operations import Routes

_SIGN_IN = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)


def routes(service: PasskeySecondFactor) -> Routes:
    """Declare the operations over `service`."""
    part = Routes(
        "passkey_second_factor",
        prefix="/api/commerce/customer/authtickets/2fa/passkey",
        tag="Passkeys",
    )

    @part.post(
        "/request",
        requires=_SIGN_IN,
        answers=PasskeyRequest,
        status=200,
        refuses=(UnknownSite, NoPendingSignIn, PasskeysOff),
    )
    def request_passkey_second_factor(caller: Caller) -> PasskeyRequest:
        """Get what `navigator.credentials.get` takes for the sign-in whose limited ticket is in `x-vol-user-claims`."""
        waiting = service.completion.second_factors.waiting(caller, caller.limited_ticket)
        options, sealed = service.begin(caller, waiting)
        return PasskeyRequest(public_key=options, challenge_token=sealed)

    @part.post(
        "/auth",
        requires=_SIGN_IN,
        answers=CustomerAuthTicket,
        status=201,
        refuses=(
            UnknownSite,
            NoPendingSignIn,
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
    def give_passkey_second_factor(caller: Caller, body: PasskeyProof) -> CustomerAuthTicket:
        """Complete a sign-in by the passkey that the browser has shown, with its limited ticket in `x-vol-user-claims`.

        Three tries, wrong codes included; then the sign-in is begun again.
        """
        shown = body.credential.shown()
        return CustomerAuthTicket.of(
            service.ticket(caller, caller.limited_ticket, body.challenge_token, shown)
        )

    return part
