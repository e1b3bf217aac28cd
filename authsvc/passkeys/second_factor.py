"""A passkey after the password: who is asked for one, and the sign-in that it completes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import CustomerAccount
from authsvc.callers import Caller
from authsvc.login.rules import Opened, Proof, Ticket
from authsvc.passkeys.challenges import Ceremony
from authsvc.passkeys.rules import (
    Passkey,
    PasskeyRefused,
    PasskeySignInRefused,
    PasskeysOff,
)
from authsvc.passkeys.service import works
from authsvc.passkeys.verification import ShownPasskey, request_options
from authsvc.second_factor.pending import NoPendingSignIn, PendingSignIn
from authsvc.second_factor.rules import Factor

if TYPE_CHECKING:
    from authsvc.customer_sets.rules import Site
    from authsvc.login.completing import OpeningOf, SignInCompletion
    from authsvc.passkeys.policies import PasskeyPolicies
    from authsvc.passkeys.showing import PasskeyShowing
    from authsvc.passkeys.store import PasskeyStore


@dataclass(frozen=True, slots=True)
class EnrolledPasskeys:
    """Tells the second factors who has a passkey for one (`authsvc.second_factor.service.EnrolledFactors`)."""

    store: PasskeyStore

    def enrolled(self, tenant_id: int, account_id: int) -> frozenset[Factor]:
        """Return whether an account must give a passkey: where its set has them as second factors only.

        Where they sign in by themselves, having one is no reason to be asked for it after the password too.
        """
        is_one = self.store.is_second_factor(tenant_id, account_id)
        return frozenset({Factor.PASSKEY} if is_one else ())

    def remove_all(self, tenant_id: int, account_id: int) -> bool:
        """Within a transaction, take an account's passkeys away where they are second factors only."""
        if not self.store.is_second_factor(tenant_id, account_id):
            return False
        for passkey in self.store.held(tenant_id, account_id):
            self.store.remove(tenant_id, account_id, passkey.id)
        return True


@dataclass(frozen=True, slots=True)
class PasskeySecondFactor:
    """The use cases of a sign-in that waits for a passkey, among other factors or alone."""

    policies: PasskeyPolicies
    showing: PasskeyShowing
    completion: SignInCompletion

    def relying_party(self, caller: Caller, pending: PendingSignIn) -> str | None:
        """Return the domain whose passkeys complete the sign-in; None where none does."""
        standing = self._standing(caller, pending)
        return standing[1] if standing else None

    def begin(self, caller: Caller, pending: PendingSignIn) -> tuple[dict[str, Any], str]:
        """Return what `navigator.credentials.get` takes, and the sealed challenge that comes back with its answer.

        Raises `PasskeysOff` where no passkey of the account completes the sign-in.
        """
        standing = self._standing(caller, pending)
        if standing is None:
            raise PasskeysOff
        site, relying_party, allowed = standing
        challenge, sealed = self.showing.challenges.make(
            site.tenant_id,
            site.id,
            Ceremony.SECOND_FACTOR,
            relying_party,
            _sign_in(pending),
            pending.account_id,
        )
        return request_options(challenge, allowed, alone=False), sealed

    def ticket(self, caller: Caller, token: str, sealed: str, shown: ShownPasskey) -> Ticket:
        """Complete the sign-in of a limited ticket, for the application that was given it; raises as `complete`.

        Pages of any of the site's hosts and origins may have asked for the passkey.
        """
        pending = self.completion.second_factors.waiting(caller, token)
        origins = self.policies.site_origins(caller.tenant_id, pending.site_id)
        opening_of = self.completion.opening(caller)
        opened = self.complete(caller, pending, sealed, shown, origins, opening_of)
        return self.completion.login.ticket_of(caller, opened)

    def complete(
        self,
        caller: Caller,
        pending: PendingSignIn,
        sealed: str,
        shown: ShownPasskey,
        origins: Sequence[str],
        opening_of: OpeningOf[Proof],
    ) -> Opened[Proof]:
        """Open the session that waits, for a passkey that was shown on a page of one of `origins`.

        Tries are counted with those of codes, before they are looked at. Raises `PasskeySignInRefused`,
        `NoPendingSignIn` also when no try is left, and as `SignInCompletion.by_factor`.
        """
        site = self.completion.login.directory.fresh_site(caller.tenant_id, pending.site_id)
        showing, second_factors = self.showing, self.completion.second_factors
        waiting = second_factors.pending
        if not waiting.use_try(pending.tenant_id, pending.digest, second_factors.clock()):
            raise NoPendingSignIn
        try:
            challenge = showing.challenges.read(
                sealed, site.tenant_id, site.id, Ceremony.SECOND_FACTOR, _sign_in(pending)
            )
            passkey, use = showing.verified(
                caller, challenge, self.policies.of_site(site), shown, origins, alone=False
            )
        except PasskeyRefused as refusal:
            self.completion.note_wrong(caller, pending)
            raise PasskeySignInRefused from refusal

        def use_up(_: CustomerAccount) -> str:
            if not waiting.take(pending.tenant_id, pending.digest, pending.code):
                raise NoPendingSignIn
            return showing.used(caller, passkey, use)

        return self.completion.by_factor(caller, pending, use_up, opening_of)

    def _standing(
        self, caller: Caller, pending: PendingSignIn
    ) -> tuple[Site, str, list[Passkey]] | None:
        """Return the site, the domain, and the account's passkeys that are good there now; None where none is.

        Only for a sign-in that waits for a passkey: one that has shown nothing yet must not tell who has any.
        """
        if pending.account_id is None or Factor.PASSKEY not in pending.factors:
            return None
        site = self.completion.login.directory.fresh_site(caller.tenant_id, pending.site_id)
        policy = self.policies.of_site(site)
        known = self.showing.passkeys.store.of_account(pending.tenant_id, pending.account_id)
        allowed = [each for each in known if works(each, policy)]
        if policy.relying_party is None or not allowed:
            return None
        return site, policy.relying_party, allowed


def _sign_in(pending: PendingSignIn) -> str:
    """Return the sign-in that a challenge is bound to."""
    return f"pending:{pending.digest.hex()}"
