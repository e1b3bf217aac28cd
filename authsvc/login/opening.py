"""From an account that somebody has shown to be theirs to a session: what is looked at last, with the login held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site
from authsvc.login.rules import (
    BadCredentials,
    Opened,
    Opening,
    Proof,
    ensure_may_sign_in,
    holder_of,
)
from authsvc.second_factor.pending import NO_WISHES, Wishes
from authsvc.second_factor.service import MoreDemanded

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.credentials.store import CredentialStore
    from authsvc.devices.service import Devices
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.second_factor.service import SecondFactors

# Uses up what was shown, with the account's login held: tells by which method it counts. Raises `WrongCode`.
UseUp = Callable[[CustomerAccount], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has shown of an account.

    `login_key`: the name they gave. `methods`: by which they have shown it. `password_changed_at`: tells the password
    that was shown from a later one; None where none was. `rehashed`: its hash by today's parameters.
    """

    account_id: int
    login_key: str
    methods: tuple[str, ...]
    password_changed_at: datetime | None
    wishes: Wishes = NO_WISHES
    rehashed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SessionOpening:
    """The one place where a sign-in, by whatever was shown, becomes a session."""

    accounts: Accounts
    credentials: CredentialStore
    second_factors: SecondFactors
    devices: Devices
    transaction: Transaction
    clock: Clock

    def open(
        self,
        caller: Caller,
        site: Site,
        shown: Shown,
        opening: Opening[Proof],
        use_up: UseUp | None = None,
    ) -> Opened[Proof]:
        """Open a session on `site`; `use_up`: of one more thing that was shown, and is good once.

        Raises `BadCredentials`, what `ensure_may_sign_in` and `use_up` raise, and `SecondFactorRequired`, which carries
        the sign-in that waits now; no session was opened then, and no sign-in noted.
        """
        try:
            with self.transaction():
                return self._opened(caller, site, shown, opening, use_up)
        except MoreDemanded as demanded:
            more = demanded
        with self.transaction():
            methods = shown.methods if use_up is None else (*shown.methods, use_up(more.account))
            if shown.rehashed is not None and shown.password_changed_at is not None:
                self.credentials.renew_hash(
                    site.tenant_id, shown.account_id, shown.rehashed, shown.password_changed_at
                )
            required = self.second_factors.begin(
                caller,
                site,
                shown.login_key,
                more,
                methods,
                shown.password_changed_at,
                shown.wishes,
            )
        raise required

    def _opened(
        self,
        caller: Caller,
        site: Site,
        shown: Shown,
        opening: Opening[Proof],
        use_up: UseUp | None,
    ) -> Opened[Proof]:
        # Held by this, so that a lock, a move or a new password that came meanwhile is seen, and none comes now.
        held = self.credentials.signed_in(
            site.tenant_id, shown.account_id, self.clock(), shown.rehashed
        )
        if held is None:
            raise BadCredentials
        account, now = held
        if shown.password_changed_at not in (None, now.password_changed_at):
            raise BadCredentials
        ensure_may_sign_in(account, site.customer_set, now)
        methods = shown.methods if use_up is None else (*shown.methods, use_up(account))
        self.second_factors.ensure_enough(caller, site, account, methods)
        proof = opening(site, holder_of(account), methods)
        self.devices.signed_in(caller, site, account, proof.session_id)
        return Opened(site, self.accounts.with_contacts([account])[0], proof, methods)
