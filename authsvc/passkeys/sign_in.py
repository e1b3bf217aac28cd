"""Signing in with a passkey and nothing else.

Nobody says who they are before: the browser offers what passkeys it has. So the question is the same for everybody, and
tells nobody who has an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site
from authsvc.login.opening import Shown
from authsvc.login.rules import BadCredentials, Opened, Opening, Proof
from authsvc.passkeys.challenges import Ceremony
from authsvc.passkeys.rules import PasskeyPolicy, PasskeyRefused, PasskeySignInRefused, PasskeysOff
from authsvc.passkeys.verification import ShownPasskey, request_options

if TYPE_CHECKING:
    from authsvc.login.service import Login
    from authsvc.passkeys.policies import PasskeyPolicies
    from authsvc.passkeys.showing import PasskeyShowing


@dataclass(frozen=True, slots=True)
class PasskeySignIn:
    """The use cases. `bound_to`: the browser that asks, or the application that asks for one."""

    policies: PasskeyPolicies
    showing: PasskeyShowing
    login: Login

    def begin(self, caller: Caller, bound_to: str) -> tuple[dict[str, Any], str]:
        """Return what `navigator.credentials.get` takes, and the sealed challenge that comes back with its answer.

        Raises `PasskeysOff` where the site's set lets no passkey sign in by itself.
        """
        site, policy = self._standing(caller)
        if policy.relying_party is None:
            raise PasskeysOff
        challenge, sealed = self.showing.challenges.make(
            site.tenant_id, site.id, Ceremony.SIGN_IN, policy.relying_party, bound_to
        )
        return request_options(challenge, (), alone=True), sealed

    def open(
        self,
        caller: Caller,
        sealed: str,
        shown: ShownPasskey,
        bound_to: str,
        origins: Sequence[str],
        opening: Opening[Proof],
    ) -> Opened[Proof]:
        """Open a session, by `opening`, for the account whose passkey was shown on a page of one of `origins`.

        Raises `PasskeySignInRefused`, also for an account of another set, `PasskeysOff`, and what keeps an account from
        signing in although its holder is known: `AccountLocked` and its like.
        """
        site, policy = self._standing(caller)
        try:
            challenge = self.showing.challenges.read(
                sealed, site.tenant_id, site.id, Ceremony.SIGN_IN, bound_to
            )
            passkey, use = self.showing.verified(
                caller, challenge, policy, shown, origins, alone=True
            )
            return self.login.session_opening.open(
                caller,
                site,
                Shown(passkey.account_id, "", (), None),
                opening,
                lambda _: self.showing.used(caller, passkey, use),
            )
        except (PasskeyRefused, BadCredentials) as refusal:
            raise PasskeySignInRefused from refusal

    def _standing(self, caller: Caller) -> tuple[Site, PasskeyPolicy]:
        """Return the site and what its set allows, as they are now: a door that was closed opens to no passkey."""
        site = self.login.directory.fresh_site(caller.tenant_id, caller.site())
        policy = self.policies.of_site(site)
        if not policy.signs_in:
            raise PasskeysOff
        return site, policy
