"""What an order is, which of two states of it is the newer, and whom it may name (design §2, rules 15 and 16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from authsvc.customer_sets.rules import Site, may_be_ordered_for
from authsvc.errors import Conflict, Invalid, NotFound

# Guards against pasted novels, not rules of the documents; characters.
LONGEST_EXTERNAL_ID = 100
LONGEST_STATUS = 50

# What becomes of an order that was never bought, in any case; every other status counts in the commerce summary.
# The documents do not say ([K] 3.2); both spellings, since order systems of both shores arrive.
NOT_COUNTED = frozenset({"abandoned", "cancelled", "canceled", "errored"})


class OrderKind(StrEnum):
    """Placed by the shopper on the storefront, or for them by staff ([K] 6)."""

    ONLINE = "Online"
    OFFLINE = "Offline"


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """How new a state of an order is, as its order system says; the number decides before the moment.

    `number`: 0 where the order system counts none; it should then never count.
    """

    number: int
    updated_at: datetime

    def is_after(self, other: SourceVersion) -> bool:
        """Tell whether this state is the newer of two."""
        return (self.number, self.updated_at) > (other.number, other.updated_at)


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order at some moment, as its order system tells it; `total` is exact, of the ISO 4217 currency."""

    external_id: str
    kind: OrderKind
    site_id: int
    account_id: int
    status: str
    total: Decimal
    currency_code: str
    placed_at: datetime
    version: SourceVersion
    # The signed proof that the customer could be put on an order of the site when it was placed.
    eligibility_receipt: str | None = None

    @property
    def is_counted(self) -> bool:
        """Tell whether it adds to what the customer has bought."""
        return self.status.lower() not in NOT_COUNTED

    def tells_the_same_as(self, other: OrderState) -> bool:
        """Tell whether two states differ in nothing, a receipt aside, that is only a proof."""
        return replace(self, eligibility_receipt=None) == replace(other, eligibility_receipt=None)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is kept. `customer_set`: that of its site and its customer when it was placed."""

    tenant_id: int
    state: OrderState
    customer_set: str
    site_name: str
    received_at: datetime
    updated_at: datetime


class UnknownOrder(NotFound):
    """The tenant has no such order."""

    def __init__(self, external_id: str) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no order {external_id!r}.")


class NotOfTheSitesSet(Conflict):
    """The order's customer is not in the customer set of the order's site (rule 16)."""

    def __init__(self, site: Site, account_id: int, customer_set: str) -> None:
        """Give the rule and the two remedies, as the documents do ([B] Offline Orders and Customer Sets)."""
        super().__init__(
            f"{rule_of_orders(site)} Customer {account_id} is in {customer_set}. {remedy(site)}",
            data=[
                ("ParameterName", "customerAccountId"),
                ("SiteId", str(site.id)),
                ("CustomerSet", site.customer_set),
                ("AccountId", str(account_id)),
                ("AccountCustomerSet", customer_set),
            ],
        )


class OrderKeepsItsSite(Conflict):
    """A newer state names another site; each order keeps the site it was placed on (rule 15)."""

    def __init__(self, site_id: int) -> None:
        """Name the site it stays with and the remedy."""
        super().__init__(
            f"The order was placed on site {site_id} and keeps it. Send it with that site, or as another order.",
            data=[("ParameterName", "siteId"), ("SiteId", str(site_id))],
        )


class VersionTwice(Conflict):
    """Two different states of an order came with the same version, so neither is the newer one."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(
            "The order is kept with this version and other contents. Send each new state with a larger version "
            "or a later updateDate.",
            data=[("ParameterName", "version")],
        )


def external_id(text: str) -> str:
    """Return an order's id; raises `Invalid` unless it is 1 to 100 printable characters."""
    if not 1 <= len(text) <= LONGEST_EXTERNAL_ID or not text.isprintable():
        raise Invalid("externalId", f"Give 1 to {LONGEST_EXTERNAL_ID} printable characters.")
    return text


def rule_of_orders(site: Site) -> str:
    """Return rule 16 in the words of the documents, for this site."""
    return (
        f"An order on site {site.id} ({site.name}) can only name customers of the same customer set as the site, "
        f"which is {site.customer_set}."
    )


def remedy(site: Site) -> str:
    """Return what to do for a shopper who has no account in the set of the site ([B])."""
    return (
        "Create a new unique customer account for the shopper on this site, or let the shopper create their own on "
        f"{site.name}: either way it joins {site.customer_set}."
    )


def set_to_order_in(site: Site, account_id: int, customer_set: str) -> str:
    """Return the set in which this customer may be put on an order of the site; raises `NotOfTheSitesSet` (rule 16)."""
    if not may_be_ordered_for(customer_set, site.customer_set):
        raise NotOfTheSitesSet(site, account_id, customer_set)
    return customer_set


def newest(kept: OrderState, arrived: OrderState) -> OrderState:
    """Return the state to keep, whatever order the two arrived in.

    Raises `VersionTwice` or `OrderKeepsItsSite`. A receipt stays with the customer it was given for.
    """
    if kept.version == arrived.version:
        if not kept.tells_the_same_as(arrived):
            raise VersionTwice
        return kept
    if not arrived.version.is_after(kept.version):
        return kept
    if arrived.site_id != kept.site_id:
        raise OrderKeepsItsSite(kept.site_id)
    if arrived.account_id == kept.account_id and arrived.eligibility_receipt is None:
        return replace(arrived, eligibility_receipt=kept.eligibility_receipt)
    return arrived
