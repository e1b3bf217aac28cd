"""The list of customer accounts: filter, sort order, quick search and page, as one PostgreSQL query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true

from authsvc.accounts.commerce import LAST_ORDER_AT, ORDER_COUNT, TOTAL_ORDER_AMOUNT
from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.search_words import typed_words
from authsvc.accounts.store import ACCOUNT, LOGIN, WITH_LOGIN, account_of
from authsvc.errors import Invalid
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, contacts, credentials
from authsvc.infra.search_schema import customer_search_words
from authsvc.infra.segment_schema import account_segments, customer_segments
from authsvc.listing.filter_sql import AsStored, OfMany, filter_condition
from authsvc.listing.filters import parse_filter
from authsvc.listing.paging import Page
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort

# A bigint's largest value: a longer number is no customer number.
_LARGEST_ID = 2**63 - 1
_MOST_ID_DIGITS = 19
# Each word is four more comparisons; who knows more than this of a customer uses a filter.
MOST_QUICK_WORDS = 8

_HAS_LOGIN = credentials.c.account_id.is_not(None)

_OWN: dict[str, ColumnElement[Any] | AsStored] = {
    "id": accounts.c.id,
    "userId": AsStored(accounts.c.user_id, is_lower_case=False),
    "userName": accounts.c.username,
    "emailAddress": accounts.c.email_address,
    "firstName": accounts.c.first_name,
    "lastName": accounts.c.last_name,
    "companyOrOrganization": accounts.c.company_or_organization,
    "customerSet": AsStored(accounts.c.customer_set_code),
    "externalId": accounts.c.external_id,
    "accountType": accounts.c.account_type,
    "taxId": accounts.c.tax_id,
    "localeCode": accounts.c.locale_code,
    "isAnonymous": ~_HAS_LOGIN,
    "isLocked": accounts.c.is_locked,
    "isActive": accounts.c.is_active,
    "acceptsMarketing": accounts.c.accepts_marketing,
    "taxExempt": accounts.c.tax_exempt,
    "hasExternalPassword": credentials.c.external_kind.is_not(None),
    "last2FaDate": credentials.c.last_second_factor_at,
    "customerSinceDate": accounts.c.customer_since,
    "auditInfo.createDate": accounts.c.created_at,
    "auditInfo.updateDate": accounts.c.updated_at,
    "commerceSummary.lastOrderDate": LAST_ORDER_AT,
    "commerceSummary.orderCount": ORDER_COUNT,
    "commerceSummary.totalOrderAmount": TOTAL_ORDER_AMOUNT,
    "commerceSummary.visitsCount": accounts.c.visits_count,
    "commerceSummary.wishlistCount": accounts.c.wishlist_count,
}


def _has_contact(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(literal(1))
        .select_from(contacts)
        .where(
            contacts.c.tenant_id == accounts.c.tenant_id,
            contacts.c.account_id == accounts.c.id,
            condition,
        )
        .exists()
    )


def _of_contacts(column: ColumnElement[Any]) -> OfMany:
    return OfMany(column, _has_contact)


_OF_CONTACTS = {
    "contacts.email": contacts.c.email,
    "contacts.firstName": contacts.c.first_name,
    "contacts.middleNameOrInitial": contacts.c.middle_name_or_initial,
    "contacts.lastNameOrSurname": contacts.c.last_name_or_surname,
    "contacts.companyOrOrganization": contacts.c.company_or_organization,
    "contacts.phoneNumbers.home": contacts.c.phone_home,
    "contacts.phoneNumbers.mobile": contacts.c.phone_mobile,
    "contacts.phoneNumbers.work": contacts.c.phone_work,
    "contacts.faxNumber": contacts.c.fax_number,
    "contacts.label": contacts.c.label,
    "contacts.address.address1": contacts.c.address["address1"].astext,
    "contacts.address.address2": contacts.c.address["address2"].astext,
    "contacts.address.address3": contacts.c.address["address3"].astext,
    "contacts.address.address4": contacts.c.address["address4"].astext,
    "contacts.address.cityOrTown": contacts.c.address["cityOrTown"].astext,
    "contacts.address.stateOrProvince": contacts.c.address["stateOrProvince"].astext,
    "contacts.address.postalOrZipCode": contacts.c.address["postalOrZipCode"].astext,
    "contacts.address.countryCode": contacts.c.address["countryCode"].astext,
}


def _is_in_segment(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(literal(1))
        .select_from(account_segments)
        .join(
            customer_segments,
            and_(
                customer_segments.c.tenant_id == account_segments.c.tenant_id,
                customer_segments.c.id == account_segments.c.segment_id,
            ),
        )
        .where(
            account_segments.c.tenant_id == accounts.c.tenant_id,
            account_segments.c.account_id == accounts.c.id,
            condition,
        )
        .exists()
    )


_OF_SEGMENTS = {
    "segments.id": customer_segments.c.id,
    "segments.code": customer_segments.c.code,
    "segments.name": customer_segments.c.name,
}

_COLUMNS = (
    _OWN
    | {name: _of_contacts(column) for name, column in _OF_CONTACTS.items()}
    | {name: OfMany(column, _is_in_segment) for name, column in _OF_SEGMENTS.items()}
)


class AccountList:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def page(
        self,
        tenant_id: int,
        page: Page,
        *,
        filter_text: str = "",
        sort_by: str = "",
        quick_search: str = "",
        is_anonymous: bool | None = None,
    ) -> tuple[list[CustomerAccount], int]:
        """Return a page of the tenant's accounts, without contacts, and how many match in all.

        `filter_text`, `sort_by`: in the grammar of [K] 3.4. `quick_search`: see `_quick`. `is_anonymous`: guests
        only, or registered customers only. Raises `Invalid` for a filter or order that makes no sense.
        """
        wanted = and_(
            accounts.c.tenant_id == tenant_id,
            filter_condition(parse_filter(filter_text, ACCOUNT_LIST), _COLUMNS),
            _quick(quick_search),
            true() if is_anonymous is None else _HAS_LOGIN.is_(not is_anonymous),
        )
        order = order_by(parse_sort(sort_by, ACCOUNT_LIST), _OWN)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(WITH_LOGIN).where(wanted)
            ).scalar_one()
            rows = connection.execute(
                select(*ACCOUNT, *LOGIN)
                .select_from(WITH_LOGIN)
                .where(wanted)
                .order_by(*order)
                .offset(page.start_index)
                .limit(page.size)
            ).all()
        return [account_of(row) for row in rows], total


def ids_matching(
    tenant_id: int, filter_text: str, quick_search: str, first_id: int, last_id: int
) -> Select[tuple[int]]:
    """Return the query for the ids, from `first_id` to `last_id`, of the tenant's accounts that a search finds.

    `filter_text`, `quick_search`: as for `AccountList.page`; blank ones find everybody. The query stands for
    itself wherever it is put, also beside the same table. Raises `Invalid`.
    """
    return (
        select(accounts.c.id)
        .select_from(WITH_LOGIN)
        .where(
            accounts.c.tenant_id == tenant_id,
            accounts.c.id.between(first_id, last_id),
            filter_condition(parse_filter(filter_text, ACCOUNT_LIST), _COLUMNS),
            _quick(quick_search),
        )
        .correlate(None)
    )


def _quick(text: str) -> ColumnElement[bool]:
    """Return the condition of a quick search: each word is the customer number, or begins one a customer is found by.

    [K] 3.4: a number matches the customer number, text matches first or last name. It finds whom the customer search
    of the admin pages finds, so that all that match there can be moved by a plan.
    """
    words = typed_words(text)
    if len(words) > MOST_QUICK_WORDS:
        raise Invalid("q", f"Give at most {MOST_QUICK_WORDS} words.")
    return and_(true(), *(_found_by(word) for word in words))


def _found_by(word: str) -> ColumnElement[bool]:
    begun = (
        select(literal(1))
        .select_from(customer_search_words)
        .where(
            customer_search_words.c.tenant_id == accounts.c.tenant_id,
            customer_search_words.c.account_id == accounts.c.id,
            customer_search_words.c.word.startswith(word, autoescape=True),
        )
        .exists()
    )
    number = _customer_number(word)
    return begun if number is None else or_(accounts.c.id == number, begun)


def _customer_number(word: str) -> int | None:
    if not word.isascii() or not word.isdigit() or len(word) > _MOST_ID_DIGITS:
        return None
    return int(word) if int(word) <= _LARGEST_ID else None
