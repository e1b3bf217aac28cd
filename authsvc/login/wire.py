"""What is sent to sign up or in, and the ticket that comes back, under the vendor's names ([K] 2.1, 2.2, 3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from authsvc.accounts.wire import Account, AccountBody
from authsvc.callers import Caller, ShownDevice
from authsvc.credentials.password_policy import TYPED_MAX_BYTES
from authsvc.errors import Invalid
from authsvc.foreign_hashes.rules import LONGEST_HASH
from authsvc.login.rules import Enrolment, Ticket, WantedLifetimes
from authsvc.second_factor.pending import IssuedPending
from authsvc.second_factor.rules import Factor
from authsvc.web.wire import Id, Wire, WireDateTime

# A month; settings bound lifetimes further.
MOST_MINUTES = 43_200
LONGEST_NAME = 400
LONGEST_TOKEN = 4_000

Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Password = Annotated[str, Field(max_length=TYPED_MAX_BYTES)]


class TicketWishes(Wire):
    """What any call that hands out a ticket may say of it."""

    auth_ticket_ttl_minutes: Minutes | None = None
    refresh_token_ttl_minutes: Minutes | None = None
    # Of the device, which is known again by it where no header says more ([K] 2.6).
    fingerprint: Annotated[str, Field(max_length=LONGEST_TOKEN)] | None = None
    region: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None

    def lifetimes(self) -> WantedLifetimes:
        """Return the lifetimes that are wished for."""
        return WantedLifetimes(
            _minutes(self.auth_ticket_ttl_minutes), _minutes(self.refresh_token_ttl_minutes)
        )

    def on_its_device(self, caller: Caller) -> Caller:
        """Return the caller with what the body says of the shopper's device."""
        if not self.fingerprint and not self.region:
            return caller
        device = replace(
            caller.device or ShownDevice(),
            fingerprint=self.fingerprint or "",
            region=self.region or "",
        )
        return replace(caller, device=device)


class UserAuthInfo(TicketWishes):
    """Username and password."""

    username: Name | None = None
    password: Password | None = None
    account_id: Id | None = None

    def credential(self) -> tuple[str, str]:
        """Return username and password; raises `Invalid` unless both were sent."""
        if not self.username:
            raise Invalid("userAuthInfo", "Username must be provided.")
        if not self.password:
            raise Invalid("userAuthInfo", "Password must be provided.")
        return self.username, self.password


class AuthTicket2FAInfo(Wire):
    """The code of a second factor, and whose it is said to be."""

    user_id: Name | None = None
    otp_code: Name | None = None


class OtpRequest(Wire):
    """Where a code is to be mailed."""

    email: Name | None = None


class AuthTicketOtpInfo(TicketWishes):
    """The code that was mailed."""

    email: Name | None = None
    otp_code: Name | None = None


class _NewPassword(TicketWishes):
    password: Password | None = None
    external_password: Annotated[str, Field(max_length=LONGEST_HASH)] | None = None
    is_import: bool = False


class AccountAndAuthInfo(_NewPassword):
    """An account and its password."""

    account: AccountBody

    def enrolment(self) -> Enrolment:
        """Return what is to be made of it."""
        return Enrolment(
            self.account.fields(),
            self.password or None,
            self.account.new_contacts(),
            self.account.wanted_user_id(),
            self.account.said(),
            self.account.new_notes(),
            external_password=self.external_password or None,
        )


class CustomerLoginInfo(_NewPassword):
    """The login for an account that has none."""

    email_address: Name | None = None
    username: Name | None = None

    def enrolment(self) -> Enrolment:
        """Return what is to be made of it."""
        fields = {"email_address": self.email_address, "username": self.username}
        return Enrolment(
            {name: value for name, value in fields.items() if value},
            self.password or None,
            external_password=self.external_password or None,
        )


class RefreshQuery(Wire):
    """The refresh token to continue with."""

    refresh_token: Annotated[str, Field(max_length=LONGEST_TOKEN)] | None = None
    account_id: Id | None = None
    response_fields: str | None = None


class CustomerAuthTicket(Wire):
    """A shopper's ticket.

    With `requires2FA` it is limited: its access token opens nothing but the second factor's calls, and there is no
    session, no account and nothing to refresh yet. `secondFactors` says which codes are taken.
    """

    access_token: str
    access_token_expiration: WireDateTime
    refresh_token: str | None
    refresh_token_expiration: WireDateTime | None
    user_id: str
    jwt_access_token: str | None
    requires2_fa: Annotated[bool, Field(alias="requires2FA")] = False
    second_factors: tuple[Factor, ...] = ()
    customer_account: Account | None

    @classmethod
    def limited(cls, pending: IssuedPending) -> CustomerAuthTicket:
        """Show a sign-in that waits for its second factor."""
        return cls(
            access_token=pending.token,
            access_token_expiration=pending.expires_at,
            refresh_token=None,
            refresh_token_expiration=None,
            user_id=pending.user_id,
            jwt_access_token=None,
            requires2_fa=True,
            second_factors=tuple(sorted(pending.factors)),
            customer_account=None,
        )

    @classmethod
    def of(cls, ticket: Ticket) -> CustomerAuthTicket:
        """Show a ticket to the shopper it is for."""
        tokens = ticket.tokens
        return cls(
            access_token=tokens.access_token,
            access_token_expiration=tokens.access_expires_at,
            refresh_token=tokens.refresh_token,
            refresh_token_expiration=tokens.refresh_expires_at,
            user_id=ticket.user_id,
            jwt_access_token=ticket.jwt,
            customer_account=ticket.account and Account.of(ticket.account, beside=ticket.beside),
        )


def _minutes(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)
