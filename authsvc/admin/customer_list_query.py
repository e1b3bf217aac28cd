"""What the address of the customer list asks: a search, which page of it, and the same as a plan would ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.customer_search.rules import CustomerQuery
from authsvc.regrouping.rules import MoveCustomers
from authsvc.segments.rules import LONGEST_CODE

# What the Login drop-down offers: address → (words, locked, guest); None does not filter.
LOGINS: Mapping[str, tuple[str, bool | None, bool | None]] = {
    "": ("With and without", None, None),
    "open": ("Login, not locked", False, False),
    "locked": ("Locked", True, None),
    "guest": ("Guests, without login", None, True),
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A search as it stands in the address; what nobody could have chosen there counts as not chosen.

    `search`: words or a number. `login`: one of `LOGINS`. `segment`: a code. `cursor`: which page.
    """

    search: str = ""
    customer_set: str = ""
    login: str = ""
    segment: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> ListQuery:
        """Read the fields of an address or a form."""
        login = values.get("login", "")
        return cls(
            " ".join(values.get("q", "").split())[:LONGEST_QUICK_SEARCH],
            values.get("set", "").strip().lower()[:LONGEST_CODE],
            login if login in LOGINS else "",
            values.get("segment", "").strip()[:LONGEST_CODE],
            values.get("cursor", ""),
        )

    @property
    def fields(self) -> dict[str, str]:
        """The search as fields of a form, but for the page."""
        given = {
            "q": self.search,
            "set": self.customer_set,
            "login": self.login,
            "segment": self.segment,
        }
        return {name: value for name, value in given.items() if value}

    @property
    def has_filters(self) -> bool:
        """Tell whether anything but the words narrows the search."""
        return bool(self.customer_set or self.login or self.segment)

    def address(self, cursor: str | None = None) -> str:
        """Return the address of a page of this search; of its first one without a cursor."""
        query = urlencode(self.fields | ({"cursor": cursor} if cursor else {}))
        return f"/admin/customers?{query}" if query else "/admin/customers"

    def without_filters(self) -> ListQuery:
        """Return the words alone."""
        return ListQuery(self.search)

    def asked(self, page_size: int, segment_id: int | None) -> CustomerQuery:
        """Return the search as the use case takes it; `segment_id`: of the segment whose code it has."""
        _, is_locked, is_guest = LOGINS[self.login]
        return CustomerQuery(
            self.search,
            self.customer_set or None,
            is_locked,
            is_guest,
            segment_id,
            page_size,
            self.cursor or None,
        )

    def move_to(self, customer_set: str) -> MoveCustomers:
        """Return the change that moves everybody this search finds; a whole set is named as such, which is faster."""
        if self.fields.keys() == {"set"}:
            return MoveCustomers(customer_set, from_set=self.customer_set)
        _, is_locked, is_guest = LOGINS[self.login]
        clauses = []
        if self.customer_set:
            clauses.append(f"customerSet eq {_quoted(self.customer_set)}")
        if is_locked is not None:
            clauses.append(f"isLocked eq {str(is_locked).lower()}")
        if is_guest is not None:
            clauses.append(f"isAnonymous eq {str(is_guest).lower()}")
        if self.segment:
            clauses.append(f"segments.code eq {_quoted(self.segment)}")
        return MoveCustomers(
            customer_set, filter=" and ".join(clauses) or None, quick_search=self.search or None
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
