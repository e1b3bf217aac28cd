"""Who is calling and what they may do: deny by default, one tenant each (design §5).

An application (a storefront's server, an order tool) calls with its own ticket and the behaviors it was given.
A shopper's ticket may come along, and from then on the call is the shopper's: only their own account is in reach,
whatever the application could do without them. Staff call from the admin pages with the behaviors of their role.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from authsvc.errors import Forbidden, Invalid, NotAuthenticated


class Behavior(StrEnum):
    """A permission an application, or a role of staff, can be given."""

    TENANT_READ = "tenant-read"
    CUSTOMER_SET_READ = "customer-set-read"
    # Regroup: create, edit and delete sets, assign sites, move customers by plans, and roll back.
    CUSTOMER_SET_UPDATE = "customer-set-update"
    # Create sites and say how they are called and where they answer.
    SITE_UPDATE = "site-update"
    CUSTOMER_READ = "customer-read"
    CUSTOMER_CREATE = "customer-create"
    CUSTOMER_UPDATE = "customer-update"
    CUSTOMER_DELETE = "customer-delete"
    # Act for a shopper in a session of theirs, for a quarter of an hour.
    CUSTOMER_IMPERSONATE = "customer-impersonate"
    # Read everything that is held on a shopper, in one piece.
    CUSTOMER_EXPORT = "customer-export"
    ORDER_READ = "order-read"
    # Take orders in, and ask for the receipts that offline orders are placed with.
    ORDER_UPDATE = "order-update"
    # Look after staff users: nothing that an application can do.
    STAFF_UPDATE = "staff-update"
    # Search the audit trail: nothing that an application can do.
    AUDIT_READ = "audit-read"
    # Hear which answers about sessions must not be kept any longer.
    SESSION_FOLLOW = "session-follow"
    # Sign shoppers up and in, and refresh their tickets.
    CUSTOMER_AUTH = "customer-auth"
    # Choose lifetimes other than the settings' for a ticket, up to the settings' limits ([K] 2.1).
    CONFIGURE_TOKEN_DURATIONS = "customer-auth:configure-token-durations"  # noqa: S105  a permission's name


BEYOND_ITS_SITES = "The application is bound to some of the sites, and this is beyond them."


class NoTicket(NotAuthenticated):
    """The call needs a ticket and came without one."""


class BadTicket(NotAuthenticated):
    """A ticket came along that is not, or no longer, good; vendor clients refresh theirs on this code ([K] 8.2)."""

    error_code = "INVALID_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whom a valid shopper's ticket stands for; an anonymous shopper has no account."""

    session_id: str
    user_id: str
    account_id: int | None
    customer_set: str
    # Who really acts in the shopper's session, "staff:anna@example.com"; None: the shopper.
    acted_for_by: str | None = None


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """What a request shows of the device it is made on, or for: proof of nothing by itself.

    `token`: what the device was given to be known by again, which nobody guesses; `fingerprint`, `region`: what a
    vendor's client sends in its place ([K] 2.6). `user_agent`, `address`: of the shopper's browser.
    """

    token: str = field(default="", repr=False)
    fingerprint: str = field(default="", repr=False)
    region: str = ""
    user_agent: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """One call's proven origin: its tenant, the site it is about, and who stands behind it."""

    tenant_id: int
    site_id: int | None = None
    application: str | None = None
    behaviors: frozenset[Behavior] = frozenset()
    shopper: Shopper | None = None
    # A shopper's ticket came along, good or not.
    carries_shopper: bool = False
    remote_address: str | None = None
    correlation_id: str | None = None
    # Who of the staff acts, by the normal form of their username.
    staff: str | None = None
    # The shopper's device, where the request says anything about it.
    device: ShownDevice | None = None
    # The only sites that the application may act on; None: on all.
    bound_to: frozenset[int] | None = None
    # What shows a sign-in that waits for its second factor; it makes nobody a shopper.
    limited_ticket: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Say who acts, for the audit trail: a shopper before the application that carries the call."""
        if self.shopper is not None:
            shopper = f"shopper:{self.shopper.user_id}"
            acted_for_by = self.shopper.acted_for_by
            return shopper if acted_for_by is None else f"{acted_for_by} as {shopper}"
        if self.staff is not None:
            return f"staff:{self.staff}"
        return f"application:{self.application}" if self.application else "system"

    @property
    def is_shopper(self) -> bool:
        """Tell whether the call is a shopper's, even an anonymous one's."""
        return self.carries_shopper or self.shopper is not None

    @property
    def is_acted_for(self) -> bool:
        """Tell whether somebody else acts in the shopper's session."""
        return self.shopper is not None and self.shopper.acted_for_by is not None

    def is_anonymous_as(self, user_id: str) -> bool:
        """Tell whether the call is an anonymous shopper's with this user id."""
        shopper = self.shopper
        return shopper is not None and shopper.account_id is None and shopper.user_id == user_id

    def site(self) -> int:
        """Return the site the call is about.

        Raises `Invalid` when none was named: without a site there is no customer set to act in.
        """
        if self.site_id is None:
            raise Invalid(
                "x-vol-site",
                "Name the site in the x-vol-site header, or call on the site's own host.",
            )
        return self.site_id

    def may_use_site(self, site_id: int) -> None:
        """Refuse an application that is bound to other sites."""
        if self.bound_to is not None and site_id not in self.bound_to:
            raise Forbidden(BEYOND_ITS_SITES)

    def refuse_beyond_its_site(self) -> None:
        """Refuse an application that is bound to sites what is about more than the one it calls on."""
        if self.bound_to is not None:
            raise Forbidden(BEYOND_ITS_SITES)

    def may_see_account(self, account_id: int) -> None:
        """Refuse a shopper who reaches for any account but their own, whether it exists or not (rule 15)."""
        if self.shopper is not None and self.shopper.account_id != account_id:
            raise Forbidden("A shopper may only use their own account.")

    def own_account(self) -> int:
        """Return the signed-in shopper's account id; raises `NoTicket` for anyone else."""
        if self.shopper is None or self.shopper.account_id is None:
            raise NoTicket("Sign in first: this call needs the ticket of a signed-in shopper.")
        return self.shopper.account_id


class ShopperRole(Enum):
    """What a shopper's ticket that comes along means to a call."""

    # The call is for applications; a shopper's ticket is refused, so that no storefront lends out its powers.
    REFUSED = "refused"
    # The call is the shopper's, for their own account only; an application may make it without a shopper.
    OWN_ACCOUNT = "own account"
    # The call is about the shopper and makes no sense without one.
    REQUIRED = "required"
    # The call does the same with and without; a stale ticket does not keep anyone from signing in again.
    IRRELEVANT = "irrelevant"


class FreshSignIn(Enum):
    """Whether a shopper must have proved who they are a short while ago."""

    NOT_NEEDED = "not needed"
    NEEDED = "needed"
    # With the vendor the call asks for nothing; `AUTHSVC_FRESH_SIGN_IN=vendor` leaves it at that.
    NEEDED_BEYOND_VENDOR = "needed beyond vendor"


@dataclass(frozen=True, slots=True)
class Requires:
    """What a call asks of its caller; every operation declares one, so that none is open by accident."""

    behavior: Behavior | None = None
    shopper: ShopperRole = ShopperRole.REFUSED
    # A browser's cookie counts as a ticket, where the request proves that a page of this host sent it.
    by_cookie: bool = False
    # Whether whoever acts for a shopper may make the call: not where it is about passwords, cards or the account's end.
    acting: bool = True
    # Whether an application that is bound to sites may make the call without naming one.
    without_site: bool = False
    # Whether a shopper must have signed in a short while ago; asked in `app`, of the session in the database.
    fresh_sign_in: FreshSignIn = FreshSignIn.NOT_NEEDED

    @property
    def description(self) -> str:
        """Say in words what the operation asks of its caller, for the API description."""
        fresh = (
            ""
            if self.fresh_sign_in is FreshSignIn.NOT_NEEDED
            else " A shopper must have signed in a short while ago, or is refused with `FRESH_SIGN_IN_REQUIRED`."
        )
        return self._who + fresh

    @property
    def _who(self) -> str:
        if self.shopper is ShopperRole.REQUIRED:
            return "Needs a signed-in shopper's ticket."
        who = f"Needs an application with the behavior `{self.behavior}`"
        if self.shopper is ShopperRole.OWN_ACCOUNT:
            return f"{who}, or the shopper's own ticket."
        if self.shopper is ShopperRole.REFUSED:
            return f"{who}, calling without a shopper's ticket."
        return f"{who}."

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """List the alternatives by the names of the API description's security schemes."""
        shopper: list[dict[str, list[str]]] = [{"shopperTicket": []}]
        application: list[dict[str, list[str]]] = [{"bearerTicket": []}, {"applicationTicket": []}]
        if self.shopper is ShopperRole.REQUIRED:
            return [*shopper, {"bearerTicket": []}]
        return application + (shopper if self.shopper is ShopperRole.OWN_ACCOUNT else [])

    def admit(self, caller: Caller) -> None:
        """Raise unless `caller` meets this: `NoTicket` if proof is missing, `Forbidden` if permission is."""
        if caller.bound_to is not None and not (caller.site_id is None and self.without_site):
            # Also for a shopper: what is lent to one site's storefront is no use on another's.
            if caller.site_id is None:
                raise Forbidden(
                    "The application is bound to sites: name one in the x-vol-site header."
                )
            caller.may_use_site(caller.site_id)
        if caller.is_acted_for and not self.acting:
            raise Forbidden("This is the shopper's alone: whoever acts for them cannot do it.")
        if self.shopper is ShopperRole.REQUIRED:
            if caller.shopper is None:
                raise NoTicket("Sign in first: this call needs a shopper's ticket.")
            return
        if caller.shopper is not None and self.shopper is ShopperRole.OWN_ACCOUNT:
            return
        if caller.application is None and caller.staff is None:
            raise NoTicket(
                "Send an application's ticket as `Authorization: Bearer` or in x-vol-app-claims."
            )
        if caller.carries_shopper and self.shopper is ShopperRole.REFUSED:
            raise Forbidden("This call is for applications: send it without a shopper's ticket.")
        if self.behavior is not None and self.behavior not in caller.behaviors:
            who = "The application" if caller.staff is None else "Your role"
            raise Forbidden(f"{who} lacks the behavior {self.behavior}.")


SIGNED_IN = Requires(shopper=ShopperRole.REQUIRED)

# How the methods of a session say that somebody acts in it for its shopper, and who: `act_as:staff:anna@example.com`.
ACT_AS = "act_as:"


def acted_for_by(methods: tuple[str, ...]) -> str | None:
    """Return who acts in a session that was opened by these methods, or None: its shopper."""
    return next((each.removeprefix(ACT_AS) for each in methods if each.startswith(ACT_AS)), None)
