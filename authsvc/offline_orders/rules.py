"""Who may be put on an offline order, why not, and what to do then ([B] Offline Orders and Customer Sets)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_sets.rules import Site, may_be_ordered_for

# Fewer digits are no telephone number but the beginning of thousands.
FEWEST_DIGITS = 6
# How many digits from its end tell a number, with or without its country's code and a leading zero.
TELLING_DIGITS = 9

_PHONE = re.compile(r"[0-9+()./ -]+", re.ASCII)


class RemedyAction(StrEnum):
    """What helps a shopper who cannot be put on an order as the account that was asked for."""

    USE_ACCOUNT = "UseAccount"
    CREATE_ACCOUNT = "CreateAccount"
    LET_SHOPPER_REGISTER = "LetShopperRegister"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do, in words; `account_id`: the account to use instead."""

    action: RemedyAction
    words: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a customer may be put on an offline order of a site, as both are at one moment.

    `namesakes`: accounts of the site's set that answer to the customer's username or e-mail address.
    """

    site: Site
    account: CustomerAccount
    namesakes: tuple[int, ...] = ()

    @property
    def is_eligible(self) -> bool:
        """Tell whether they may."""
        return may_be_ordered_for(self.account.customer_set, self.site.customer_set)

    @property
    def reason(self) -> str:
        """Say why, or why not."""
        account, site = self.account, self.site
        if self.is_eligible:
            return (
                f"Customer {account.id} and site {site.id} ({site.name}) both belong to the customer set "
                f"{site.customer_set}."
            )
        return (
            f"Customer {account.id} belongs to the customer set {account.customer_set}, and site {site.id} "
            f"({site.name}) to {site.customer_set}: an order can only name customers of the site's set."
        )

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Say what to do where they may not: first what takes least."""
        if self.is_eligible:
            return ()
        site = self.site
        use = tuple(
            Remedy(
                RemedyAction.USE_ACCOUNT,
                f"Account {account_id} of {site.customer_set} has the same username or e-mail address: "
                "if it is the same person, order for that one.",
                account_id,
            )
            for account_id in self.namesakes
        )
        return (
            *use,
            Remedy(
                RemedyAction.CREATE_ACCOUNT,
                f"Create a new unique customer account for the shopper on this site; it joins {site.customer_set}.",
            ),
            Remedy(
                RemedyAction.LET_SHOPPER_REGISTER,
                f"Let the shopper create their own account on {site.name}; it joins {site.customer_set} by itself.",
            ),
        )


def typed_phone(text: str) -> str | None:
    """Return the digits of a telephone number, or of its beginning or end, that somebody types; None if it is none."""
    digits = "".join(filter(str.isdigit, text)) if _PHONE.fullmatch(text) else ""
    return digits if len(digits) >= FEWEST_DIGITS else None
