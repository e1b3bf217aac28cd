"""What tenants, sites and customer sets are, and what must always be true of them (design §2, 1–6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from authsvc.errors import Conflict, Invalid, NotFound

# Rule 2. Compared without case, so kept in lower case.
CODE_SHAPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}", re.ASCII)

# What a tenant's first set is called: the documents' own table shows it so ([B] Create Customer Sets).
FIRST_SET_CODE = "default"
FIRST_SET_NAME = "default"

# Names are labels for people; this is a guard against pasted novels, not a rule of the documents.
LONGEST_NAME = 200
# RFC 1035 §2.3.4.
LONGEST_HOST = 253

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
    re.ASCII,
)

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A merchant; `domain` is the host name (and port) its API is called at, empty for any."""

    id: int
    name: str
    domain: str
    default_customer_set: str


@dataclass(frozen=True, slots=True)
class Site:
    """A storefront; it is in exactly one customer set (rule 1)."""

    tenant_id: int
    id: int
    name: str
    customer_set: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerSet:
    """A group of sites that share customer accounts: one login and one My Account across its sites."""

    tenant_id: int
    code: str
    name: str
    description: str
    is_default: bool
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class UnknownSite(NotFound):
    """The tenant has no such site."""


class UnknownTenant(NotFound):
    """There is no such tenant, or it is not the caller's."""


class UnknownCustomerSet(NotFound):
    """The tenant has no customer set of this code."""


class CodeTaken(Conflict):
    """The tenant has a customer set of this code."""


class RegroupingUnderWay(Conflict):
    """Somebody else is changing the tenant's sites, sets or who is in them; nothing was done."""

    def __init__(self) -> None:
        """Say what the caller can do."""
        super().__init__("Another regrouping is under way. Ask again when it is done.")


class HostTaken(Conflict):
    """Another site answers on this host already."""


def may_use(customer_set: str, site_set: str) -> bool:
    """Tell whether an account of `customer_set` may sign in, and be signed in, on a site of `site_set` (rules 13, 14).

    Both are the sets of this moment: no history counts. Sign-in, the session check and their explanation all ask here.
    """
    return customer_set == site_set


def may_be_ordered_for(customer_set: str, site_set: str) -> bool:
    """Tell whether an offline order on a site of `site_set` may name an account of `customer_set` (rule 16).

    [B] Offline Orders: "you can only select customers that belong to the same customer set as the site on which you
    place the order". Whether the account can sign in is of no matter to who orders for it.
    """
    return customer_set == site_set


def customer_set_code(text: str) -> str:
    """Return `text` as codes are kept; raises `Invalid` unless it is one (rule 2)."""
    code = text.strip().lower()
    if CODE_SHAPE.fullmatch(code) is None:
        raise Invalid(
            "code",
            "Use 1 to 50 of the letters a-z, digits, - and _, beginning with a letter or digit.",
        )
    return code


def label(text: str, parameter: str = "name") -> str:
    """Return a name for people, trimmed; raises `Invalid` if it is empty, too long or has control characters."""
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(parameter, f"Give 1 to {LONGEST_NAME} printable characters.")
    return name


def host_name(text: str) -> str:
    """Return a site's host as it is compared: lower case, without port or final dot; raises `Invalid` if it is none."""
    host = without_port(text.strip().lower()).rstrip(".")
    if _HOST.fullmatch(host) is None:
        raise Invalid(
            "host", "Give a host name such as sports.example.com, without scheme or path."
        )
    return host


def origin(text: str) -> str:
    """Return a web origin as browsers send it (RFC 6454 §6.2): scheme, host and perhaps port; raises `Invalid`."""
    kept = text.strip().lower()
    scheme, separator, host = kept.partition("://")
    if (
        not separator
        or scheme not in ("http", "https")
        or _HOST.fullmatch(without_port(host)) is None
    ):
        raise Invalid("origins", "Give an origin such as https://sports.example.com, without path.")
    return kept


def accent_color(text: str) -> str:
    """Return a colour as it is kept, `#0b57a4`; raises `Invalid` for anything else."""
    kept = text.strip().lower()
    if _COLOUR.fullmatch(kept) is None:
        raise Invalid("accentColor", "Give a colour as # and six digits from 0 to f, like #0b57a4.")
    return kept


def language(text: str) -> str:
    """Return a language as it is kept, `de` for `de-AT`; raises `Invalid` for what names none (RFC 5646)."""
    primary = text.strip().lower().replace("_", "-").partition("-")[0]
    if not (len(primary) == 2 and primary.isascii() and primary.isalpha()):
        raise Invalid("language", "Give a language by its code, such as en or de-AT.")
    return primary


def without_port(host: str) -> str:
    """Return `host` without a port; an IPv6 literal keeps its brackets."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and not name.endswith(":") else host
