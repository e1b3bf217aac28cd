"""The step between the password and the session: whether more is asked, and what waits until it is given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from authsvc import tokens
from authsvc.accounts.rules import CustomerAccount
from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site
from authsvc.second_factor.pending import (
    PENDING,
    IssuedPending,
    NoFactorPossible,
    NoPendingSignIn,
    PendingSignIn,
    SecondFactorRequired,
    Wishes,
)
from authsvc.second_factor.rules import Factor, Requirement, demanded, region_of
from authsvc.tokens import Audience

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from authsvc.devices.service import Devices
    from authsvc.infra.clock import Clock
    from authsvc.second_factor.authenticator_store import AuthenticatorStore
    from authsvc.second_factor.pending_store import PendingStore
    from authsvc.second_factor.store import SecondFactorStore


class EnrolledFactors(Protocol):
    """Tells of further factors that an account may have set up, such as passkeys."""

    def enrolled(self, tenant_id: int, account_id: int) -> frozenset[Factor]:
        """Return those an account can give."""

    def remove_all(self, tenant_id: int, account_id: int) -> bool:
        """Within a transaction, take them away from an account; tells whether there were any."""


class MoreDemanded(Exception):
    """What was shown is not enough, which undoes the sign-in's transaction; one of `factors` is still to be given."""

    def __init__(self, account: CustomerAccount, factors: frozenset[Factor]) -> None:
        """Name the account and what is missing."""
        super().__init__("a second factor is demanded")
        self.account = account
        self.factors = factors


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """The use cases of signing in. `others`: what other features know."""

    store: SecondFactorStore
    pending: PendingStore
    authenticators: AuthenticatorStore
    devices: Devices
    clock: Clock
    others: Sequence[EnrolledFactors] = ()

    def ensure_enough(
        self,
        caller: Caller,
        site: Site,
        account: CustomerAccount,
        given: Sequence[str],
    ) -> None:
        """Within the transaction that is about to open a session, raise `MoreDemanded` if more must be given.

        `given`: the methods that were shown. The account's login is held, so that no factor is set up meanwhile. What
        is to be known at the next sign-in is noted.
        """
        tenant_id, now = site.tenant_id, self.clock()
        requirement, has_app = self.store.standing(tenant_id, site.customer_set, account.id) or (
            Requirement.OFF,
            False,
        )
        # Recovery codes come with the app, and go with it.
        enrolled = frozenset({Factor.AUTHENTICATOR_APP, Factor.RECOVERY_CODE} if has_app else ())
        enrolled = enrolled.union(*(each.enrolled(tenant_id, account.id) for each in self.others))
        region = _digest(region_of(caller.device, caller.remote_address))
        minds_regions = requirement.minds_regions
        factors = demanded(
            requirement,
            enrolled,
            given,
            is_new_device=requirement.minds_devices and self._is_new_device(caller, account),
            is_new_region=minds_regions and self.store.region(tenant_id, account.id) != region,
        )
        if factors:
            raise MoreDemanded(account, factors)
        if minds_regions:
            self.store.note_region(tenant_id, account.id, region, now)
        if set(given).intersection(Factor):
            self.store.note_given(tenant_id, account.id, now)

    def begin(
        self,
        caller: Caller,
        site: Site,
        login_key: str,
        more: MoreDemanded,
        methods: tuple[str, ...],
        password_changed_at: datetime | None,
        wishes: Wishes,
    ) -> SecondFactorRequired:
        """Within a transaction, keep a sign-in that waits; return the refusal that says how to go on.

        Raises `NoFactorPossible`.
        """
        account = more.account
        if more.factors == {Factor.EMAIL_CODE} and account.email_address is None:
            raise NoFactorPossible
        token = tokens.new_token(site.tenant_id, Audience.PENDING)
        expires_at = self.clock() + PENDING
        self.pending.put(
            PendingSignIn(
                site.tenant_id,
                tokens.digest(token),
                site.id,
                login_key,
                account.id,
                methods,
                more.factors,
                password_changed_at,
                caller.application,
                wishes,
                caller.device.fingerprint if caller.device else "",
                caller.device.region if caller.device else "",
                expires_at,
            )
        )
        return SecondFactorRequired(IssuedPending(token, account.user_id, more.factors, expires_at))

    def waiting(self, caller: Caller, token: str) -> PendingSignIn:
        """Return the sign-in that a token shows, to who was given it where it began; raises `NoPendingSignIn`."""
        reference = tokens.reference(token, Audience.PENDING)
        if reference is None or reference.tenant_id != caller.tenant_id:
            raise NoPendingSignIn
        found = self.pending.pending(caller.tenant_id, reference.digest, self.clock())
        if found is None or not found.is_in_the_right_hands(caller.application, caller.site()):
            raise NoPendingSignIn
        return found

    def _is_new_device(self, caller: Caller, account: CustomerAccount) -> bool:
        return self.devices.known(account.tenant_id, account.id, caller.device) is None


def _digest(what: str) -> bytes:
    return hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()
