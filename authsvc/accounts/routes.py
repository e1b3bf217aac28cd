"""Customer accounts: list, create, read, change ([K] 3.1); `authsvc.privacy` deletes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.accounts.list_store import AccountList
from authsvc.accounts.rules import (
    CustomerAccount,
    UnknownAccount,
    UserIdTaken,
    UsernameTaken,
)
from authsvc.accounts.whole_accounts import WholeAccounts
from authsvc.accounts.wire import (
    NOTES_GROUP,
    Account,
    AccountBody,
    is_wanted,
    response_groups,
)
from authsvc.attributes.rules import UnknownAttribute
from authsvc.callers import SIGNED_IN, Behavior, Caller, Requires, ShopperRole
from authsvc.card_numbers import CardNumberRefused
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid
from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.listing.paging import Page
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

# [K] 3.4.
MOST_QUICK_RESULTS = 100

_READ_OWN = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
_DISABLE = "disableaccount"


class AccountQuery(Wire):
    """What of the account is wanted; a `userId` must be the account's."""

    response_groups: str | None = None
    user_id: str | None = None
    response_fields: str | None = None


class AccountListQuery(Wire):
    """Which accounts, in which order, and what of them."""

    start_index: int | None = None
    page_size: int | None = None
    sort_by: Annotated[str, Field(max_length=500)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None
    fields: Annotated[str, Field(max_length=1000)] | None = None
    q: Annotated[str, Field(max_length=LONGEST_QUICK_SEARCH)] | None = None
    q_limit: Annotated[int, Field(ge=1, le=MOST_QUICK_RESULTS)] | None = None
    is_anonymous: bool | None = None
    response_groups: str | None = None
    response_fields: str | None = None


class ActionBody(Wire):
    """What to do with an account."""

    action_name: Annotated[str, Field(max_length=50)]


def routes(whole: WholeAccounts, listing: AccountList) -> Routes:
    """Declare the operations over `whole` and `listing`."""
    part = Routes("accounts", prefix="/api/commerce/customer/accounts", tag="Customer accounts")
    _reading(part, whole, listing)
    _changing(part, whole)
    return part


def _reading(part: Routes, whole: WholeAccounts, listing: AccountList) -> None:
    service = whole.accounts

    @part.get("", requires=Requires(Behavior.CUSTOMER_READ), answers=Collection[Account])
    def list_accounts(caller: Caller, query: AccountListQuery) -> Collection[Account]:
        """List the tenant's customer accounts.

        `filter` is `field op value` with eq, ne, gt, ge, lt, le, cont and sw, joined by `and` and `or`.
        `q` finds a customer number, or the beginning of a name, e-mail address or username.
        """
        page = Page.asked(query.start_index, query.page_size)
        if query.q is not None and query.q_limit is not None:
            page = Page(page.start_index, min(page.size, query.q_limit))
        found, total = listing.page(
            caller.tenant_id,
            page,
            filter_text=query.filter or "",
            sort_by=query.sort_by or "",
            quick_search=query.q or "",
            is_anonymous=query.is_anonymous,
        )
        return Collection[Account].page(
            shown(whole, caller, service.with_contacts(found), query.response_groups),
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    @part.get("/current", requires=SIGNED_IN, answers=Account)
    def current_account(caller: Caller, query: AccountQuery) -> Account:
        """Get the account of the shopper whose ticket comes along."""
        account = service.account(caller.tenant_id, caller.own_account())
        return shown(whole, caller, [account], query.response_groups)[0]

    @part.get("/<int:account_id>", requires=_READ_OWN, answers=Account, refuses=(UnknownAccount,))
    def get_account(caller: Caller, account_id: int, query: AccountQuery) -> Account:
        """Get an account."""
        caller.may_see_account(account_id)
        account = service.account(caller.tenant_id, account_id)
        _same_user(account, query.user_id)
        return shown(whole, caller, [account], query.response_groups)[0]


def _changing(part: Routes, whole: WholeAccounts) -> None:
    service = whole.accounts

    @part.post(
        "",
        requires=Requires(Behavior.CUSTOMER_CREATE, ShopperRole.IRRELEVANT),
        answers=Account,
        status=201,
        refuses=(UsernameTaken, UserIdTaken, UnknownSite, UnknownAttribute, CardNumberRefused),
        body_name="account",
    )
    def create_account(caller: Caller, body: AccountBody, query: AccountQuery) -> Account:
        """Create an account without login, in the customer set of the call's site."""
        fields, contacts = body.fields(), body.new_contacts()
        if not contacts and all(value is None for value in fields.values()):
            # [K] 3.5: an empty body is 400.
            raise Invalid("account", "Send something of the account: an e-mail address or a name.")
        account = whole.create(
            caller,
            caller.site(),
            fields,
            contacts,
            body.wanted_user_id(),
            body.said(),
            body.new_notes(),
        )
        return shown(whole, caller, [account], query.response_groups)[0]

    @part.post(
        "/<int:account_id>/action",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        status=200,
        refuses=(UnknownAccount,),
    )
    def act_on_account(caller: Caller, account_id: int, body: ActionBody) -> None:
        """Disable an account: `{"actionName": "DisableAccount"}`. Its sessions end and it cannot sign in."""
        if body.action_name.lower() != _DISABLE:
            raise Invalid("actionName", "The one action is DisableAccount.")
        service.disable(caller, account_id)

    @part.post(
        "/<int:account_id>/recomputelifetimevalue",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        refuses=(UnknownAccount,),
    )
    def recompute_lifetime_value(caller: Caller, account_id: int) -> None:
        """Bring an account's commerce summary up to date; it always is, so only the account is looked for."""
        service.account(caller.tenant_id, account_id)


def shown(
    whole: WholeAccounts, caller: Caller, accounts: list[CustomerAccount], groups_text: str | None
) -> list[Account]:
    """Write accounts with what the call's response groups ask for beside them."""
    groups = response_groups(groups_text)
    beside = whole.beside(caller, accounts, with_notes=is_wanted(NOTES_GROUP, groups))
    return [Account.of(account, groups, beside[account.id]) for account in accounts]


def _same_user(account: CustomerAccount, user_id: str | None) -> None:
    if user_id and user_id != account.user_id:
        raise UnknownAccount(account.id)
