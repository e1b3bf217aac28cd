"""What design §2 and §4 say of a small world, in a few lines of memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ACCESS = timedelta(minutes=15)
REFRESH = timedelta(hours=24)
GRACE = timedelta(seconds=30)
LONGEST = timedelta(days=30)


@dataclass
class ModelAccount:
    """An account, in exactly one set of its tenant."""

    tenant: int
    customer_set: str
    username: str
    password: str
    locked: bool = False
    disabled: bool = False
    deleted: bool = False

    @property
    def usable(self) -> bool:
        """Tell whether its sessions may be used."""
        return not (self.locked or self.disabled or self.deleted)


@dataclass
class ModelRefreshToken:
    """A refresh token, and what it was exchanged for."""

    text: str
    expires_at: datetime
    replaced_at: datetime | None = None
    successor: str | None = None


@dataclass
class ModelSession:
    """A session with all tokens it ever had; an anonymous one stays in the set it was opened in."""

    tenant: int
    account: ModelAccount | None
    opened_in: str
    session_id: str
    expires_at: datetime
    ended: bool = False
    access: dict[str, datetime] = field(default_factory=dict)
    refresh: list[ModelRefreshToken] = field(default_factory=list)

    @property
    def customer_set(self) -> str:
        """The set it is valid in now."""
        return self.account.customer_set if self.account else self.opened_in

    @property
    def usable(self) -> bool:
        """Tell whether it may be used anywhere at all."""
        return not self.ended and (self.account is None or self.account.usable)

    def is_valid(self, access_token: str, customer_set: str, now: datetime) -> bool:
        """Rule 13: valid on a site if and only if the site's set now is the account's set now."""
        return (
            self.usable
            and now < min(self.access[access_token], self.expires_at)
            and customer_set == self.customer_set
        )

    def keep(self, access_token: str, refresh_token: str, now: datetime) -> None:
        """Note new tokens."""
        self.access[access_token] = now + ACCESS
        self.refresh.append(ModelRefreshToken(refresh_token, now + REFRESH))


@dataclass
class ModelTenant:
    """A tenant's sites, and the set each is in."""

    id: int
    site_ids: dict[str, int]
    set_of_site: dict[str, str]


@dataclass
class Model:
    """All there is."""

    tenants: list[ModelTenant] = field(default_factory=list)
    accounts: dict[int, ModelAccount] = field(default_factory=dict)
    sessions: list[ModelSession] = field(default_factory=list)

    def holder(self, tenant: int, customer_set: str, username: str) -> ModelAccount | None:
        """Return the account of a username in a set (rule 8)."""
        return next(
            (
                account
                for account in self.accounts.values()
                if not account.deleted
                and (account.tenant, account.customer_set, account.username)
                == (tenant, customer_set, username)
            ),
            None,
        )

    def end_sessions(self, account: ModelAccount, spare: ModelSession | None = None) -> None:
        """End an account's sessions, but for one."""
        for session in self.sessions:
            if session.account is account and session is not spare:
                session.ended = True
