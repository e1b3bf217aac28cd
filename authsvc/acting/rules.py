"""For whom somebody may act, where and how long, and how the session says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.callers import ACT_AS, Caller
from authsvc.customer_sets.rules import Site, may_use
from authsvc.errors import Forbidden, NotFound
from authsvc.login.rules import Ticket
from authsvc.sessions.rules import Lifetimes

# As long as an access token lasts that nobody has revoked; who needs longer begins again, and is written down again.
ACTING_TIME = timedelta(minutes=15)
# How the trail tells that somebody has begun to act for a shopper, and in which of its changes the session is.
ACTED_FOR, SESSION = "account.acted_for", "session"
# From the customer's page to the site's: redirections, which take no thinking.
BEGUN_WITHIN = timedelta(minutes=1)
# All of a session ends with its first ticket, refreshed or not.
ACTING_LIFETIMES = Lifetimes(ACTING_TIME, ACTING_TIME, timedelta(0), ACTING_TIME)


class NotBegun(NotFound):
    """The caller has not begun to act for anybody, or too long ago to be let in by it now."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This has taken too long, or was opened twice. Begin again on the customer's page."
        )


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody acts for a shopper on a site, until then; in the clear, and seen this once."""

    ticket: Ticket
    site: Site
    until: datetime


def method_of(caller: Caller) -> str:
    """Return how a session's methods name who acts in it; safe in a header, whatever a name is made of."""
    return ACT_AS + quote(caller.name, safe=":@.+-_~")


def refuse(caller: Caller, account: CustomerAccount, site: Site) -> None:
    """Raise `Forbidden` where nobody may act for a shopper: who could not be signed in there themselves.

    Of who is no customer of its sites, an application that is bound to them hears nothing: `UnknownAccount`.
    """
    if not may_use(account.customer_set, site.customer_set):
        if caller.bound_to is not None:
            raise UnknownAccount(account.id)
        raise Forbidden(
            f"Customer {account.id} is in the customer set {account.customer_set} and cannot use {site.name}, "
            f"which is in {site.customer_set}. Choose a site of {account.customer_set}."
        )
    if not account.is_usable:
        raise Forbidden(
            f"Customer {account.id} is locked or disabled: nobody can act for them, as they cannot sign in."
        )
