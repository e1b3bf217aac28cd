"""Forgotten passwords as the vendor's clients call them ([K] 3.1, 3.3), and invitations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import EmailAddressTaken, UnknownAccount
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.password_policy import TYPED_MAX_BYTES
from authsvc.credentials.rules import HasLogin, NoLogin, WrongPassword
from authsvc.customer_sets.rules import UnknownCustomerSet, UnknownSite
from authsvc.errors import Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.mail.rules import NoMail, SiteHasNoHost
from authsvc.recovery import verification_routes
from authsvc.recovery.email_changes import TooManyEmailChanges
from authsvc.recovery.invitations import NotOfTheSite
from authsvc.recovery.rules import LinkRefused, NobodyToReset, NoSiteToAnswer
from authsvc.recovery.use_cases import Recovery
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire

LONGEST_NAME = 400
LONGEST_CODE = 400
LONGEST_CUSTOMER_SET = 50

Name = Annotated[str, Field(max_length=LONGEST_NAME)]

# Whoever has forgotten a password is not signed in; an old ticket that comes along does no harm.
_RECOVERS = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)


class ResetPasswordInfo(Wire):
    """Whose password is forgotten; an empty `customerSetCode` is that of the call's site ([K] 1.4)."""

    user_name: Name | None = None
    email_address: Name | None = None
    customer_set_code: Annotated[str, Field(max_length=LONGEST_CUSTOMER_SET)] | None = None


class ConfirmationInfo(Wire):
    """The code of the mailed link, and the password to be."""

    user_name: Name | None = None
    new_password: Annotated[str, Field(max_length=TYPED_MAX_BYTES)] | None = None
    confirmation_code: Annotated[str, Field(max_length=LONGEST_CODE)] | None = None


class InvitationBody(Wire):
    """The site that the link leads to; it decides the mail's name, colours and language."""

    site_id: Id


class EmailChangeBody(Wire):
    """The new address, and the account's password once more."""

    email_address: Name
    password: Annotated[str, Field(max_length=TYPED_MAX_BYTES)]


def routes(service: Recovery) -> list[Routes]:
    """Declare the operations over `service`."""
    part = Routes("recovery", prefix="/api/commerce/customer/accounts", tag="Recovery by e-mail")
    _forgotten(part, service)
    _invited(part, service)
    _changed(part, service)
    return [part, verification_routes.routes(service.verification)]


def _forgotten(part: Routes, service: Recovery) -> None:
    resets = service.password_resets

    @part.post(
        "/reset-password",
        requires=_RECOVERS,
        status=200,
        refuses=(
            NoMail,
            UnknownSite,
            UnknownCustomerSet,
            SiteHasNoHost,
            NoSiteToAnswer,
            NobodyToReset,
            TooManyFailures,
        ),
        body_name="resetPasswordInfo",
    )
    def reset_password(caller: Caller, body: ResetPasswordInfo) -> None:
        """Have a link to a new password mailed to a login; good for 72 hours, once.

        The answer is the same whether there is such a login or not, unless `AUTHSVC_PASSWORD_RESET_ANSWER` is `vendor`.
        """
        name = body.user_name or body.email_address
        if not name:
            raise Invalid("resetPasswordInfo", "UserName or EmailAddress must be provided")
        resets.request(caller, name, body.customer_set_code or None)

    @part.post(
        "/update-forgotten-password",
        requires=_RECOVERS,
        status=200,
        refuses=(LinkRefused, TooManyFailures, HashingBusy),
        body_name="confirmationInfo",
    )
    def update_forgotten_password(caller: Caller, body: ConfirmationInfo) -> None:
        """Replace a forgotten password by the code of the mailed link; unlocks, and ends all sessions."""
        for value, parameter in (
            (body.user_name, "userName"),
            (body.new_password, "newPassword"),
            (body.confirmation_code, "confirmationCode"),
        ):
            if not value:
                raise Invalid(parameter, "must be provided")
        resets.complete(
            caller, body.confirmation_code or "", body.new_password or "", body.user_name
        )


def _invited(part: Routes, service: Recovery) -> None:
    @part.post(
        "/<int:account_id>/invitations",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        status=202,
        refuses=(NoMail, UnknownAccount, UnknownSite, HasLogin, NotOfTheSite, SiteHasNoHost),
        body_name="invitation",
    )
    def invite(caller: Caller, account_id: int, body: InvitationBody) -> None:
        """Mail the holder of an account without login a link to choose a password; good for 14 days, once."""
        service.invitations.invite(caller, account_id, body.site_id)


def _changed(part: Routes, service: Recovery) -> None:
    @part.post(
        "/<int:account_id>/email-changes",
        requires=Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT, acting=False),
        status=202,
        refuses=(
            NoMail,
            UnknownAccount,
            UnknownSite,
            NoLogin,
            WrongPassword,
            EmailAddressTaken,
            SiteHasNoHost,
            TooManyFailures,
            TooManyEmailChanges,
            HashingBusy,
        ),
        body_name="emailChange",
    )
    def change_email_address(caller: Caller, account_id: int, body: EmailChangeBody) -> None:
        """Mail a link to a new address, which becomes the account's when it is opened; the old one can undo that."""
        caller.may_see_account(account_id)
        service.email_changes.request(caller, account_id, body.email_address, body.password)
