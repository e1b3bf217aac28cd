"""The vendor's calls for codes by e-mail: the second factor, and signing in by a code alone ([K] 2.1, 2.6)."""

from __future__ import annotations

from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.login.completing import SignInCompletion
from authsvc.login.routes import DEVICE_HEADERS, TicketQuery
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    EmailNotVerified,
    PasswordChangeRequired,
)
from authsvc.login.use_cases import SignIn
from authsvc.login.wire import AuthTicket2FAInfo, AuthTicketOtpInfo, CustomerAuthTicket, OtpRequest
from authsvc.mail.rules import NoMail, SiteHasNoHost
from authsvc.second_factor.email_codes import TooManyCodes
from authsvc.second_factor.pending import NoPendingSignIn, SecondFactorRequired, WrongCode
from authsvc.second_factor.sign_in_codes import SignInCodesOff
from authsvc.second_factor.typed_codes import TooManyWrongCodes
from authsvc.second_factor.use_cases import SecondFactorCare
from authsvc.web.operations import Routes

_CODES = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)
_REFUSES = (
    WrongCode,
    TooManyWrongCodes,
    TooManyFailures,
    AccountLocked,
    AccountDisabled,
    PasswordChangeRequired,
    EmailNotVerified,
    UnknownSite,
)


def routes(sign_in: SignIn) -> Routes:
    """Declare the operations over the use cases."""
    completion, care = sign_in.completion, sign_in.second_factors
    part = Routes("sign_in_codes", prefix="/api/commerce/customer/authtickets", tag="Second factor")
    _second_factor(part, completion, care)
    _alone(part, completion, care)
    return part


def _second_factor(part: Routes, completion: SignInCompletion, care: SecondFactorCare) -> None:
    @part.post(
        "/2fa/request",
        requires=_CODES,
        status=204,
        refuses=(NoPendingSignIn, NoMail, SiteHasNoHost, TooManyCodes),
    )
    def request_second_factor(caller: Caller, query: TicketQuery) -> None:
        """Mail a code for the sign-in whose limited ticket comes in `x-vol-user-claims`; good for three minutes.

        Where an authenticator app is what is asked for there is nothing to mail, and the answer is the same.
        """
        pending = completion.second_factors.waiting(caller, caller.limited_ticket)
        care.email_codes.send(caller, pending)

    @part.post(
        "/2fa/auth",
        requires=_CODES,
        answers=CustomerAuthTicket,
        refuses=(NoPendingSignIn, *_REFUSES),
        body_name="authTicket2FAInfo",
        headers=DEVICE_HEADERS,
    )
    def give_second_factor(
        caller: Caller, body: AuthTicket2FAInfo, query: TicketQuery
    ) -> CustomerAuthTicket:
        """Complete a sign-in by a code, with its limited ticket in `x-vol-user-claims`.

        The code is of the mail, of the authenticator app, or a recovery code. Three tries; then another code is asked
        for, or the sign-in begun again.
        """
        if not body.otp_code:
            raise Invalid("otpCode", "must be provided")
        ticket = completion.ticket(caller, caller.limited_ticket, body.otp_code, body.user_id)
        return CustomerAuthTicket.of(ticket)


def _alone(part: Routes, completion: SignInCompletion, care: SecondFactorCare) -> None:
    @part.post(
        "/otp/request",
        requires=_CODES,
        status=204,
        refuses=(SignInCodesOff, NoMail, SiteHasNoHost, UnknownSite, TooManyFailures),
        body_name="otpRequest",
    )
    def request_one_time_code(caller: Caller, body: OtpRequest, query: TicketQuery) -> None:
        """Have a code mailed that signs in without a password; the answer is the same whether anybody gets one."""
        if not body.email:
            raise Invalid("email", "must be provided")
        care.sign_in_codes.request(caller, body.email)

    @part.post(
        "/otp/auth",
        requires=_CODES,
        answers=CustomerAuthTicket,
        refuses=_REFUSES,
        body_name="authTicketOtpInfo",
        headers=DEVICE_HEADERS,
    )
    def give_one_time_code(
        caller: Caller, body: AuthTicketOtpInfo, query: TicketQuery
    ) -> CustomerAuthTicket:
        """Sign in by a mailed code. With an authenticator app the answer is a limited ticket, as after a password."""
        if not body.email or not body.otp_code:
            raise Invalid("authTicketOtpInfo", "email and otpCode must be provided")
        try:
            ticket = completion.ticket_by_sign_in_code(
                body.on_its_device(caller), body.email, body.otp_code, body.lifetimes()
            )
        except SecondFactorRequired as required:
            return CustomerAuthTicket.limited(required.pending)
        return CustomerAuthTicket.of(ticket)
