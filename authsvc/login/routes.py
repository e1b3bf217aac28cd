"""Signing up, signing in and refreshing, as the vendor's clients do it ([K] 2.1, 3.1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel

from authsvc.accounts.rules import EmailAddressTaken, UnknownAccount, UserIdTaken, UsernameTaken
from authsvc.accounts.wire import Account
from authsvc.attributes.rules import UnknownAttribute
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.passwords import TooManyKinds
from authsvc.credentials.rules import HasLogin
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid, NotOffered
from authsvc.guessing.rules import TooManyFailures
from authsvc.login.on_behalf import OnBehalf
from authsvc.login.rules import (
    MOST_ACCOUNTS_AT_ONCE,
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    EmailNotVerified,
    PasswordChangeRequired,
)
from authsvc.login.service import Login
from authsvc.login.wire import (
    AccountAndAuthInfo,
    CustomerAuthTicket,
    CustomerLoginInfo,
    RefreshQuery,
    UserAuthInfo,
)
from authsvc.second_factor.pending import NoFactorPossible, SecondFactorRequired
from authsvc.sessions.rules import UnknownRefreshToken
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

_SIGN_IN = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)
# Of every call that a shopper is signed in by; read in `shown_requests`.
DEVICE_HEADERS = {
    "x-auth-device": "What the shopper's device is known again by: 32 to 200 visible ASCII characters that nobody can "
    "guess, kept in a cookie of the storefront's own, or the value of our `__Host-authsvc-device`.",
    "x-auth-device-user-agent": "The User-Agent of the shopper's browser, by which the device is named.",
    "x-auth-device-address": "The network address of the shopper's browser; its block is kept.",
}


class TicketQuery(Wire):
    """What of the ticket is wanted."""

    response_fields: str | None = None


class BulkAccounts(RootModel[list[AccountAndAuthInfo]]):
    """Accounts to create, with passwords for those that sign in."""

    root: Annotated[list[AccountAndAuthInfo], Field(min_length=1, max_length=MOST_ACCOUNTS_AT_ONCE)]


def routes(service: Login, on_behalf: OnBehalf) -> list[Routes]:
    """Declare the operations over `service`."""
    return [_tickets(service), _accounts(service, on_behalf)]


def _tickets(service: Login) -> Routes:
    part = Routes("login", prefix="/api/commerce/customer/authtickets", tag="Shopper tickets")

    @part.post(
        "",
        requires=_SIGN_IN,
        answers=CustomerAuthTicket,
        status=201,
        refuses=(
            BadCredentials,
            AccountLocked,
            AccountDisabled,
            PasswordChangeRequired,
            EmailNotVerified,
            NoFactorPossible,
            UnknownSite,
            TooManyFailures,
            HashingBusy,
        ),
        body_name="userAuthInfo",
        headers=DEVICE_HEADERS,
    )
    def sign_in(caller: Caller, body: UserAuthInfo, query: TicketQuery) -> CustomerAuthTicket:
        """Sign a shopper in on the call's site; with `requires2FA` the ticket is limited to giving a second factor."""
        try:
            signed_in = service.sign_in(
                body.on_its_device(caller), *body.credential(), body.lifetimes()
            )
        except SecondFactorRequired as required:
            return CustomerAuthTicket.limited(required.pending)
        return CustomerAuthTicket.of(signed_in)

    @part.put(
        "/refresh", requires=_SIGN_IN, answers=CustomerAuthTicket, refuses=(UnknownRefreshToken,)
    )
    def refresh(caller: Caller, query: RefreshQuery) -> CustomerAuthTicket:
        """Continue a session; the refresh token is replaced. A body is ignored."""
        if not query.refresh_token:
            raise Invalid("refreshToken", "Give the refresh token of the last ticket.")
        return CustomerAuthTicket.of(service.refresh(caller, query.refresh_token))

    @part.get(
        "/anonymousshopper", requires=_SIGN_IN, answers=CustomerAuthTicket, refuses=(UnknownSite,)
    )
    def anonymous(caller: Caller, query: TicketQuery) -> CustomerAuthTicket:
        """Get a ticket for a shopper who is not signed in."""
        return CustomerAuthTicket.of(service.anonymous(caller))

    return part


def _accounts(service: Login, on_behalf: OnBehalf) -> Routes:
    part = Routes("enrolment", prefix="/api/commerce/customer/accounts", tag="Sign-up")

    @part.post(
        "/add-account-and-login",
        requires=_SIGN_IN,
        answers=CustomerAuthTicket,
        status=201,
        refuses=(
            EmailAddressTaken,
            UsernameTaken,
            UserIdTaken,
            UnknownSite,
            UnknownAttribute,
            EmailNotVerified,
            NotOffered,
            TooManyKinds,
            TooManyFailures,
            HashingBusy,
        ),
        body_name="accountAndAuthInfo",
        headers=DEVICE_HEADERS,
    )
    def add_account_and_login(
        caller: Caller,
        body: AccountAndAuthInfo,
        query: TicketQuery,
    ) -> CustomerAuthTicket:
        """Sign a shopper up on the call's site: a new account in its customer set, signed in.

        Attributes come back in the ticket's account; notes are kept for staff, and refused from a shopper's ticket.
        Where the set requires a confirmed e-mail address, the account is made and the answer is 403 until the link that
        was mailed to it is opened.
        """
        enrolment = body.enrolment()
        if enrolment.is_guest:
            raise Invalid("password", "Give the password for the new account.")
        signed_up = service.sign_up(body.on_its_device(caller), enrolment, body.lifetimes())
        return CustomerAuthTicket.of(signed_up)

    @part.post(
        "/<int:account_id>/create-login",
        requires=Requires(Behavior.CUSTOMER_AUTH),
        answers=CustomerAuthTicket,
        status=201,
        refuses=(UnknownAccount, HasLogin, TooManyKinds, HashingBusy, EmailNotVerified),
        body_name="customerLoginInfo",
        headers=DEVICE_HEADERS,
    )
    def create_login(
        caller: Caller,
        account_id: int,
        body: CustomerLoginInfo,
        query: TicketQuery,
    ) -> CustomerAuthTicket:
        """Give an account that has none its login, and sign it in.

        Where the set requires a confirmed e-mail address, the login is made and the answer is 403 until the link that
        was mailed to it is opened.
        """
        enrolment = body.enrolment()
        if enrolment.is_guest:
            raise Invalid("password", "Give the password for the login.")
        return CustomerAuthTicket.of(
            service.create_login(
                body.on_its_device(caller), account_id, enrolment, body.lifetimes()
            )
        )

    @part.post(
        "/bulk",
        requires=Requires(Behavior.CUSTOMER_CREATE),
        answers=Collection[Account],
        status=201,
        refuses=(
            UsernameTaken,
            UserIdTaken,
            UnknownSite,
            UnknownAttribute,
            NotOffered,
            HashingBusy,
        ),
        body_name="accountAndAuthInfos",
    )
    def add_accounts(caller: Caller, body: BulkAccounts, query: TicketQuery) -> Collection[Account]:
        """Create several accounts in the customer set of the call's site: all of them, or none."""
        created = on_behalf.create_several(caller, [item.enrolment() for item in body.root])
        beside = service.enrolling.whole_accounts.beside(caller, created, with_notes=True)
        return Collection[Account].page(
            [Account.of(account, beside=beside[account.id]) for account in created],
            start_index=0,
            page_size=len(created),
            total_count=len(created),
        )

    return part
