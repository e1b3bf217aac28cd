"""What customer sets ask of who signs in, and a shopper's authenticator app."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, FreshSignIn, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.mail.rules import NoMail
from authsvc.second_factor.authenticator_apps import (
    AuthenticatorApps,
    EnrolmentOver,
    HasAuthenticatorApp,
    NoAuthenticatorApp,
    NotOfferedHere,
    WrongAppCode,
)
from authsvc.second_factor.policies import SecondFactorPolicies
from authsvc.second_factor.rules import Policy, Requirement
from authsvc.second_factor.typed_codes import TooManyWrongCodes
from authsvc.second_factor.use_cases import SecondFactorCare
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire, WireDateTime

LONGEST_CODE = 100
LONGEST_ENROLMENT = 2_000

Code = Annotated[str, Field(max_length=LONGEST_CODE)]

_OWN = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
# Nobody sets up or removes it but the shopper themselves, and not whoever finds their session open.
_SHOPPER = Requires(shopper=ShopperRole.REQUIRED, acting=False, fresh_sign_in=FreshSignIn.NEEDED)


class SecondFactorPolicyModel(Wire):
    """A set's policy: when more than the password is asked, and whether a code by e-mail opens an account alone."""

    requirement: Requirement
    is_email_otp_login_allowed: Annotated[bool, Field(alias="isEmailOtpLoginAllowed")] = False


class SecondFactorModel(Wire):
    """Where an account stands."""

    requirement: Requirement
    authenticator_app_set_up_on: WireDateTime | None
    recovery_codes_left: int


class NewAppModel(Wire):
    """An app to be set up: `address` goes into a QR code, `enrolment` is sent back with the first code."""

    secret: str
    address: str
    enrolment: str


class EnrolmentBody(Wire):
    """What was begun, and the first code that the app shows."""

    enrolment: Annotated[str, Field(max_length=LONGEST_ENROLMENT)]
    code: Code


class CodeBody(Wire):
    """A code of the app, or a recovery code."""

    code: Code


class RecoveryCodes(Wire):
    """Codes that are good once each, in place of the app's; they are told this once."""

    recovery_codes: list[str]


def routes(care: SecondFactorCare) -> list[Routes]:
    """Declare the operations over `care`."""
    return [_policies(care.policies), _apps(care.apps)]


def _policies(service: SecondFactorPolicies) -> Routes:
    part = Routes("second_factor_policies", prefix="/api/commerce/customer", tag="Second factor")
    path = "/customersets/<code>/secondfactor"

    @part.get(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_READ),
        answers=SecondFactorPolicyModel,
        refuses=(UnknownCustomerSet,),
    )
    def get_second_factor_policy(caller: Caller, code: str) -> SecondFactorPolicyModel:
        """Tell what a customer set asks of who signs in."""
        policy = service.policy(caller.tenant_id, code.strip())
        return SecondFactorPolicyModel(
            requirement=policy.requirement, is_email_otp_login_allowed=policy.sign_in_codes
        )

    @part.put(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_UPDATE),
        answers=SecondFactorPolicyModel,
        refuses=(UnknownCustomerSet, NoMail),
        body_name="secondFactor",
    )
    def set_second_factor_policy(
        caller: Caller, code: str, body: SecondFactorPolicyModel
    ) -> SecondFactorPolicyModel:
        """Say what a customer set asks from the next sign-in on; whoever has set a factor up is asked for it anyway."""
        policy = Policy(body.requirement, body.is_email_otp_login_allowed)
        service.set_policy(caller, code.strip(), policy)
        return body

    return part


def _apps(service: AuthenticatorApps) -> Routes:
    part = Routes("second_factor", prefix="/api/commerce/customer/accounts", tag="Second factor")
    path = "/<int:account_id>/authenticatorapp"

    @part.get(path, requires=_OWN, answers=SecondFactorModel, refuses=(UnknownAccount,))
    def get_second_factor(caller: Caller, account_id: int) -> SecondFactorModel:
        """Tell what second factor an account has."""
        caller.may_see_account(account_id)
        standing = service.standing(caller.tenant_id, account_id)
        return SecondFactorModel(
            requirement=standing.requirement,
            authenticator_app_set_up_on=standing.set_up_at,
            recovery_codes_left=standing.recovery_codes_left,
        )

    @part.post(
        path,
        requires=_SHOPPER,
        answers=NewAppModel,
        refuses=(FreshSignInRequired, UnknownAccount, NotOfferedHere, HasAuthenticatorApp),
    )
    def begin_authenticator_app(caller: Caller, account_id: int) -> NewAppModel:
        """Make a secret for an authenticator app; nothing changes before it is confirmed by a code."""
        caller.may_see_account(account_id)
        made = service.begin(caller, account_id)
        return NewAppModel(secret=made.secret, address=made.address, enrolment=made.enrolment)

    @part.post(
        f"{path}/confirmation",
        requires=_SHOPPER,
        answers=RecoveryCodes,
        refuses=(
            FreshSignInRequired,
            UnknownAccount,
            EnrolmentOver,
            WrongAppCode,
            HasAuthenticatorApp,
        ),
        body_name="enrolment",
    )
    def confirm_authenticator_app(
        caller: Caller, account_id: int, body: EnrolmentBody
    ) -> RecoveryCodes:
        """Set the app up by its first code; every sign-in takes one from here on. Returns the recovery codes."""
        caller.may_see_account(account_id)
        codes = service.confirm(caller, account_id, body.enrolment, body.code)
        return RecoveryCodes(recovery_codes=codes)

    @part.post(
        f"{path}/recoverycodes",
        requires=_SHOPPER,
        answers=RecoveryCodes,
        refuses=(
            FreshSignInRequired,
            UnknownAccount,
            NoAuthenticatorApp,
            WrongAppCode,
            TooManyWrongCodes,
        ),
        body_name="code",
    )
    def renew_recovery_codes(caller: Caller, account_id: int, body: CodeBody) -> RecoveryCodes:
        """Replace all recovery codes by new ones."""
        caller.may_see_account(account_id)
        codes = service.renew_recovery_codes(caller, account_id, body.code)
        return RecoveryCodes(recovery_codes=codes)

    @part.post(
        f"{path}/removal",
        requires=_SHOPPER,
        refuses=(
            FreshSignInRequired,
            UnknownAccount,
            NoAuthenticatorApp,
            WrongAppCode,
            TooManyWrongCodes,
        ),
        body_name="code",
    )
    def remove_authenticator_app(caller: Caller, account_id: int, body: CodeBody) -> None:
        """Take the app away, by a code of it or a recovery code."""
        caller.may_see_account(account_id)
        service.remove(caller, account_id, body.code)

    @part.post(
        "/<int:account_id>/secondfactorreset",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        refuses=(UnknownAccount, NoAuthenticatorApp),
    )
    def reset_second_factor(caller: Caller, account_id: int) -> None:
        """Take every second factor of an account away, for a shopper who lost theirs; they are told by mail."""
        service.reset(caller, account_id)

    return part
