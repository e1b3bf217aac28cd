"""What is done about guessing: before a try is judged, after it, and when stuffing is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import AuthsvcError
from authsvc.guessing.attempts import Attempt, Permit
from authsvc.guessing.figures import FAILED, GOOD, GuessingFigures
from authsvc.guessing.origins import origin_of
from authsvc.guessing.rules import Door, Limits, Standing, TooManyFailures
from authsvc.password_verifiers.rules import VerifierAway

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.rules import Site
    from authsvc.guessing.counts import Noticed
    from authsvc.guessing.resilience import ResilientCounts
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction

log = structlog.get_logger(__name__)

# What the audit entries are about: the installation, or the set on which stuffing was noticed.
SUBJECT = "guessing"


@dataclass(frozen=True, slots=True)
class Attempts:
    """The use cases. `tenant_ids`: all of them, who are told that guessing is hardened, and not by whom."""

    counts: ResilientCounts
    limits: Limits
    tenant_ids: Callable[[], list[int]]
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    figures: GuessingFigures = field(default_factory=GuessingFigures)

    def begin(
        self,
        caller: Caller,
        site: Site,
        key: str,
        *,
        device: str | None = None,
        door: Door = Door.PASSWORD,
    ) -> Permit:
        """Let a password or code be tried on the set's account of that name, or raise `TooManyFailures`.

        It counts as failed from here on, so that a thousand at once are a thousand. `device`: the known one of this
        very account that the call shows.
        """
        origin = origin_of(caller, device)
        return self._begin(Attempt(door, origin, site.tenant_id, site.customer_set, site.id, key))

    def begin_on_account(
        self, caller: Caller, customer_set: str, key: str, *, device: str | None = None
    ) -> Permit:
        """Do the same where the call names an account and maybe no site: a password that is shown once more."""
        origin = origin_of(caller, device)
        return self._begin(
            Attempt(Door.PASSWORD, origin, caller.tenant_id, customer_set, caller.site_id, key)
        )

    def begin_without_account(self, caller: Caller, door: Door) -> Permit:
        """Let something be asked for that is nobody's yet, or raise `TooManyFailures`."""
        return self._begin(Attempt(door, origin_of(caller), caller.tenant_id, "", caller.site_id))

    @contextmanager
    def judged(self, caller: Caller, door: Door, *wrong: type[AuthsvcError]) -> Iterator[None]:
        """Let something be tried that is nobody's account yet; it failed if the block raises one of `wrong`.

        Raises `TooManyFailures` before it is judged.
        """
        permit = self.begin_without_account(caller, door)
        try:
            yield
        except wrong:
            self.failed(permit)
            raise
        except Exception:
            self.withdraw(permit)
            raise
        self.succeeded(permit)

    def succeeded(self, permit: Permit) -> None:
        """Take back what a good try was counted for; its account's failures are forgotten."""
        self.figures.note(permit.attempt.door, GOOD)
        self.counts.take_back(permit, self.clock(), good=True)

    def judge(self, permit: Permit, is_right: Callable[[], bool]) -> bool:
        """Have a try judged: it failed if it is wrong, and counts for nothing where `is_right` raises.

        It counts where the merchant's verifier is away: a guess is a guess, though nobody can say if it was right.

        Of one that is right the caller says `succeeded` when what it opens is open.
        """
        try:
            right = is_right()
        except VerifierAway:
            self.failed(permit)
            raise
        except Exception:
            self.withdraw(permit)
            raise
        if not right:
            self.failed(permit)
        return right

    def withdraw(self, permit: Permit) -> None:
        """Take back a try that was not judged, such as one that found nobody free to do it."""
        self.counts.take_back(permit, self.clock(), good=False)

    def failed(self, permit: Permit) -> None:
        """Leave a try counted; if it is one of very many, guessing is hardened from here on, for every set."""
        self.figures.note(permit.attempt.door, FAILED)
        noticed = self.counts.fail(permit, self.clock())
        if noticed is not None:
            self._harden(permit.attempt, noticed)

    def vouch(self, caller: Caller) -> None:
        """Count where a call comes from as no stranger's: whoever it is has shown that an account's mail is theirs."""
        origin = origin_of(caller)
        if origin.block is not None and not origin.is_storefront:
            self.counts.vouch(origin.block)

    def forget(self, tenant_id: int, customer_set: str, *keys: str | None) -> None:
        """Forget all failures of the names that an account answers to, as after a new password or an unlock."""
        for key in filter(None, keys):
            self.counts.forget(tenant_id, customer_set, key)

    def standing(self, tenant_id: int, customer_set: str, key: str) -> Standing:
        """Tell where a username stands."""
        return self.counts.standing(tenant_id, customer_set, key, self.clock())

    def _begin(self, attempt: Attempt) -> Permit:
        try:
            permit = self.counts.begin(attempt, self.clock())
        except TooManyFailures as refusal:
            self.figures.note(attempt.door, f"refused_{refusal.reason}")
            raise
        self.figures.is_hardened = permit.is_hardened
        self.figures.counted_in_memory += permit.in_memory
        if permit.was_eased:
            log.warning("guessing_eased")
            self._tell_everybody("guessing.eased", hardened=False)
        return permit

    def _harden(self, attempt: Attempt, noticed: Noticed) -> None:
        self.figures.is_hardened = True
        log.warning(
            "guessing_hardened",
            tenant_id=attempt.tenant_id,
            customer_set=attempt.customer_set,
            failures=noticed.failures,
            names=noticed.names,
        )
        self._tell_everybody("guessing.hardened", hardened=True, seen_by=attempt)

    def _tell_everybody(
        self, action: str, *, hardened: bool, seen_by: Attempt | None = None
    ) -> None:
        """Write it into every tenant's trail; on which set it was noticed is that tenant's to know alone."""
        for tenant_id in self.tenant_ids():
            changes = [Change("hardened", not hardened, hardened)]
            if seen_by is not None and seen_by.tenant_id == tenant_id:
                changes.append(Change("noticedOn", None, seen_by.customer_set))
            # Each by itself: whoever writes into one trail never waits for another's.
            with self.transaction():
                self.trail.note(Caller(tenant_id), action, SUBJECT, changes)
