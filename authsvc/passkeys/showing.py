"""Verifying a passkey that was shown, and keeping what its signature told (Web Authentication, Level 3, §7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.callers import Caller
from authsvc.passkeys.challenges import Challenge
from authsvc.passkeys.rules import (
    Passkey,
    PasskeyPolicy,
    PasskeyRefused,
    PasskeySignInRefused,
)
from authsvc.passkeys.service import works
from authsvc.passkeys.verification import ShownPasskey, VerifiedUse, verified_use
from authsvc.second_factor.rules import Factor

if TYPE_CHECKING:
    from authsvc.passkeys.challenges import Challenges
    from authsvc.passkeys.service import Passkeys

# How a session says that its holder proved who they are by a passkey, as second factors are named.
METHOD = Factor.PASSKEY.value


@dataclass(frozen=True, slots=True)
class PasskeyShowing:
    """The use cases of both ways to sign in."""

    passkeys: Passkeys
    challenges: Challenges

    def verified(
        self,
        caller: Caller,
        challenge: Challenge,
        policy: PasskeyPolicy,
        shown: ShownPasskey,
        origins: Sequence[str],
        *,
        alone: bool,
    ) -> tuple[Passkey, VerifiedUse]:
        """Return the passkey that has answered a challenge, which is used up by it; raises `PasskeyRefused`.

        `alone`: nobody has said who they are, and the passkey is all they show.
        """
        found = self.passkeys.store.by_credential(challenge.tenant_id, shown.credential_id)
        if found is None:
            raise PasskeyRefused
        passkey, handle = found
        # Step 6: who says nobody's name must show whose the passkey is, and it must be theirs.
        tells_whose = shown.user_handle == handle or (shown.user_handle is None and not alone)
        is_theirs = challenge.account_id in (None, passkey.account_id)
        is_for_this = challenge.relying_party == passkey.relying_party and works(passkey, policy)
        if not (tells_whose and is_theirs and is_for_this):
            raise PasskeyRefused
        use = verified_use(shown, passkey, challenge, origins, alone=alone)
        self.challenges.spend(challenge)
        # Step 19: whether copies may be kept of it never changes.
        if use.may_be_backed_up != passkey.may_be_backed_up:
            raise PasskeyRefused
        if passkey.is_copied(use.sign_count):
            self.passkeys.suspend(caller, passkey, use.sign_count)
            raise PasskeyRefused
        return passkey, use

    def used(self, caller: Caller, passkey: Passkey, use: VerifiedUse) -> str:
        """Within the transaction that opens the session, keep what the signature told; returns the method it counts as.

        Raises `PasskeySignInRefused` where another came first with the same count, or the passkey went meanwhile.
        """
        noted = self.passkeys.store.note_use(
            caller.tenant_id,
            passkey.id,
            use.sign_count,
            self.passkeys.clock(),
            backed_up=use.is_backed_up,
        )
        if not noted:
            raise PasskeySignInRefused
        return METHOD
