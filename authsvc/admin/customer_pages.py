"""Main › Customers › Customers: the list, searched as one types, filtered, and paged by what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.accounts.rules import CustomerAccount
from authsvc.admin.customer_list_query import LOGINS, ListQuery
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry
from authsvc.admin.plan_words import counted, done_notice
from authsvc.callers import Behavior, Requires
from authsvc.customer_search.rules import CustomerPage
from authsvc.customer_search.service import CustomerSearch
from authsvc.customer_sets.rules import CustomerSet
from authsvc.customer_sets.service import CustomerSets
from authsvc.errors import AuthsvcError, Invalid
from authsvc.regrouping.service import Regrouping
from authsvc.segments.rules import Segment
from authsvc.segments.service import Segments

PATH = "/customers"
READS = Requires(Behavior.CUSTOMER_READ)

ROWS = 50
# More sets, or segments, than this are typed instead of chosen, so that a page stays small.
MOST_OFFERED = 100
# Ids begin at 1: nobody is in it.
NO_SEGMENT = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A customer as the list shows one."""

    id: int
    name: str
    username: str
    email_address: str
    customer_set: str
    set_name: str
    login: str
    created_at: datetime

    @classmethod
    def of(cls, account: CustomerAccount, set_names: Mapping[str, str]) -> Row:
        """Return the row of an account."""
        names = (account.first_name, account.last_name)
        return cls(
            account.id,
            " ".join(filter(None, names)) or account.company_or_organization or "",
            account.username or "",
            account.email_address or "",
            account.customer_set,
            set_names.get(account.customer_set, ""),
            _login(account),
            account.created_at,
        )


class NobodyTicked(Invalid):
    """Customers were to be moved, and none was chosen."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("account", "Tick the customers to move.")


@dataclass(frozen=True, slots=True)
class Ticked:
    """Whom somebody has chosen on the page, and where to; kept when the choice is refused."""

    accounts: frozenset[int] = frozenset()
    everybody: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True)
class CustomerPages:
    """The list; it reads and changes nothing."""

    pages: AdminPages
    search: CustomerSearch
    customer_sets: CustomerSets
    segments: Segments
    regrouping: Regrouping

    def list(
        self,
        visitor: Visitor,
        query: ListQuery,
        ticked: Ticked | None = None,
        error: AuthsvcError | None = None,
    ) -> Response:
        """Show a page of customers; `error`: why what was `ticked` cannot be done."""
        tenant_id = visitor.caller.tenant_id
        segments = self.segments.all_of_tenant(tenant_id)
        error_field = "customers" if isinstance(error, NobodyTicked) else "target"
        try:
            asked = query.asked(ROWS, _segment_id(query.segment, segments))
            found = self.search.search(tenant_id, asked)
        except Invalid as refusal:
            found, error, error_field = CustomerPage(), refusal, "q"
        sets = self.customer_sets.structure.customer_sets(tenant_id, [], 0, MOST_OFFERED + 1)
        names = self._set_names(tenant_id, sets, found.items)
        return self.pages.show(
            "customers.html",
            visitor,
            error,
            notice=done_notice(self.regrouping, tenant_id, request.args) if error is None else None,
            error_field=error_field,
            query=query,
            longest_search=LONGEST_QUICK_SEARCH,
            logins={value: words for value, (words, _, _) in LOGINS.items()},
            sets=sets,
            sets_are_offered=len(sets) <= MOST_OFFERED,
            segments=segments,
            segments_are_offered=len(segments) <= MOST_OFFERED,
            rows=[Row.of(account, names) for account in found.items],
            told=_told(found),
            total=_total(found),
            previous=found.previous_cursor and query.address(found.previous_cursor),
            next_page=found.next_cursor and query.address(found.next_cursor),
            may_create=Behavior.CUSTOMER_CREATE in visitor.caller.behaviors,
            may_move=Behavior.CUSTOMER_SET_UPDATE in visitor.caller.behaviors,
            ticked=ticked or Ticked(),
        )

    def _set_names(
        self, tenant_id: int, sets: Sequence[CustomerSet], found: Sequence[CustomerAccount]
    ) -> dict[str, str]:
        """Return the names of the sets that are shown."""
        names = {each.code: each.name for each in sets}
        for code in {account.customer_set for account in found} - names.keys():
            other = self.customer_sets.structure.customer_set(tenant_id, code)
            names[code] = other.name if other else ""
        return names


def add_customer_pages(
    pages: AdminPages,
    search: CustomerSearch,
    customer_sets: CustomerSets,
    segments: Segments,
    regrouping: Regrouping,
) -> CustomerPages:
    """Declare the list; what is returned shows it again when something on it is refused."""
    own = CustomerPages(pages, search, customer_sets, segments, regrouping)
    pages.navigation.append(
        NavigationEntry("Main › Customers", "Customers", f"/admin{PATH}", Behavior.CUSTOMER_READ)
    )

    @pages.get(PATH, requires=READS)
    def show_customers(visitor: Visitor) -> Answer:
        return own.list(visitor, ListQuery.of(request.args))

    return own


def _segment_id(code: str, segments: Sequence[Segment]) -> int | None:
    """Return the id of the segment with this code, None for no code; `NO_SEGMENT` where there is none such."""
    if not code:
        return None
    return next((each.id for each in segments if each.code.lower() == code.lower()), NO_SEGMENT)


def _login(account: CustomerAccount) -> str:
    if not account.has_login:
        return "Guest"
    if account.is_locked:
        return "Locked"
    return "Can sign in" if account.is_active else "Disabled"


def _told(found: CustomerPage) -> str:
    """Say how many customers there are, as far as one page tells: nobody waits for a count of millions."""
    if found.previous_cursor is None:
        total = _total(found)
        if found.next_cursor:
            return f"{total.capitalize()} customers"
        return counted(len(found.items), "customer")
    which = "next" if found.next_cursor else "last"
    return f"The {which} {counted(len(found.items), 'customer')}"


def _total(found: CustomerPage) -> str:
    """Say how many a search finds, as far as its page tells."""
    if found.next_cursor or found.previous_cursor:
        return f"more than {len(found.items):,}"
    return f"{len(found.items):,}"
