"""What a mail is, in which language it is written, where its link leads, and when it is tried again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from authsvc.errors import Conflict, NotOffered

# Those that every kind of mail is written in; the first is for everybody else.
LANGUAGES = ("en", "de", "fr")

# A server that is down for a minute delays a mail by a minute, one that is down for a day is asked once an hour.
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(hours=1)
# 15 s doubled eight times is more than an hour.
_MOST_DOUBLINGS = 8
# A worker that is at a mail for longer is taken for dead; it talks to the mail server for two minutes at the most.
CLAIM = timedelta(minutes=10)

# A name that is addressed is one a person may have. Whoever signs up somebody else's address chooses the name too, and
# must not write them a letter in ours.
LONGEST_SPOKEN_NAME = 40
_SPOKEN_NAME = re.compile(r"[^\W\d_]+([ .'’-]{1,2}[^\W\d_]+)*\.?")

# What an address of a page has at the least, full-width forms included. Whoever chooses a username must not link to
# a page of theirs in a mail of ours.
_LINKED = re.compile(r"[./:．／：。]")


class MailKind(StrEnum):
    """What a mail is about; each has a template in every language."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  no password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  likewise
    INVITATION = "invitation"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_NOTICE = "email_change_notice"
    SIGN_IN_CODE = "sign_in_code"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ALREADY_REGISTERED = "already_registered"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_SUSPENDED = "passkey_suspended"
    NEW_DEVICE = "new_device"


# The first is where the vendor's storefronts have their page ([K] 3.3); ours answers there too.
_PATHS: Mapping[MailKind, str] = {
    MailKind.PASSWORD_RESET: "/user/resetpasswordconfirm?t={token}&u={user_id}",
    MailKind.PASSWORD_CHANGED: "/password/forgot",
    MailKind.INVITATION: "/password/invitation?t={token}",
    MailKind.EMAIL_VERIFICATION: "/my-account/email/verify?t={token}",
    MailKind.EMAIL_CHANGE: "/my-account/email/confirm?t={token}",
    MailKind.EMAIL_CHANGE_NOTICE: "/my-account/email/undo?t={token}",
    # Whoever has not asked for a code is told where to go; the code itself leads nowhere.
    MailKind.SIGN_IN_CODE: "/password/forgot",
    MailKind.SECOND_FACTOR_CHANGED: "/password/forgot",
    MailKind.ALREADY_REGISTERED: "/password/forgot",
    MailKind.PASSKEY_ADDED: "/my-account",
    MailKind.PASSKEY_REMOVED: "/my-account",
    MailKind.PASSKEY_SUSPENDED: "/my-account",
    MailKind.NEW_DEVICE: "/my-account/devices",
}


class NoMail(NotOffered):
    """This installation was not told where to hand mail over."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__(
            "This installation sends no mail: AUTHSVC_SMTP_URL and AUTHSVC_MAIL_FROM are not set."
        )


class SiteHasNoHost(Conflict):
    """A mail's link leads to the site's own host, and the site has none."""

    def __init__(self, site_id: int) -> None:
        """Say what to do."""
        super().__init__(
            f"Site {site_id} has no host that a link could lead to. Give it one first."
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is to be written.

    `words`: what its template is filled with, `user_id` for the link among them. `secrets`: likewise, and encrypted
    until the mail is sent: `token`, or a code. After `good_until` there is no use in sending it.
    """

    kind: MailKind
    site_id: int
    host: str
    account_id: int | None
    recipient: str
    language: str
    good_until: datetime
    words: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail on its way; `sealed`: its secrets, encrypted."""

    tenant_id: int
    id: UUID
    letter: Letter
    sealed: bytes = field(repr=False)
    put_at: datetime


def language_of(*wished: str | None) -> str:
    """Return the first of the languages wished for that mails are written in: `de` for `de-AT`."""
    for each in wished:
        primary = re.split("[-_]", (each or "").strip().lower(), maxsplit=1)[0]
        if primary in LANGUAGES:
            return primary
    return LANGUAGES[0]


def host_for(site_id: int, hosts: Sequence[str], asked: str | None = None) -> str:
    """Return the host a link leads to: the one that was `asked` if it is the site's, else the site's first.

    No header of a request ever puts a host into a mail that is not registered. Raises `SiteHasNoHost`.
    """
    if not hosts:
        raise SiteHasNoHost(site_id)
    return asked if asked is not None and asked in hosts else hosts[0]


def link(kind: MailKind, site_address: str, host: str, values: Mapping[str, str]) -> str:
    """Return the address of a mail's link; `site_address`: how sites are reached, such as `https://{host}`."""
    quoted = {name: quote(value, safe="") for name, value in values.items()}
    return site_address.format(host=host) + _PATHS[kind].format_map(quoted)


def spoken_name(name: str | None) -> str:
    """Return a first name to address somebody by, or an empty text for what is no name."""
    text = " ".join((name or "").split())
    is_name = len(text) <= LONGEST_SPOKEN_NAME and _SPOKEN_NAME.fullmatch(text) is not None
    return text if is_name else ""


def spoken_username(username: str | None, own_address: str | None) -> str:
    """Return what a mail calls an account: its username, unless mail programs might make a link of that.

    The account's own address is a name for it in any case, and stands for what is none. Keys need not be compared:
    another spelling of the address is not spoken.
    """
    address = own_address or ""
    if not username or username == address or _LINKED.search(username) is None:
        return username or address
    return address


def retry_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts before (0: the first has just failed)."""
    doublings: int = 2 ** min(attempts, _MOST_DOUBLINGS)
    return min(LONGEST_RETRY, FIRST_RETRY * doublings)
