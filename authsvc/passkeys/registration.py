"""Adding a passkey to an account, by who is signed in to it (Web Authentication, Level 3, §7.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.mail.rules import MailKind
from authsvc.passkeys.challenges import Ceremony
from authsvc.passkeys.rules import (
    MOST_PASSKEYS,
    Passkey,
    PasskeyPolicy,
    PasskeyRefused,
    PasskeysOff,
    TooManyPasskeys,
    new_handle,
    passkey_name,
)
from authsvc.passkeys.verification import MadePasskey, registration_options, verified_key

if TYPE_CHECKING:
    from authsvc.passkeys.challenges import Challenges
    from authsvc.passkeys.policies import PasskeyPolicies
    from authsvc.passkeys.service import Passkeys


@dataclass(frozen=True, slots=True)
class Registration:
    """The use cases. `ensure_fresh`: refuses who did not sign in a moment ago."""

    passkeys: Passkeys
    policies: PasskeyPolicies
    challenges: Challenges
    ensure_fresh: Callable[[Caller], None]

    def begin(self, caller: Caller) -> tuple[dict[str, Any], str]:
        """Return what `navigator.credentials.create` takes, and the sealed challenge that comes back with its answer.

        Raises `PasskeysOff`, `TooManyPasskeys`, and what `ensure_fresh` raises.
        """
        account, policy, domain = self._allowed(caller)
        store = self.passkeys.store
        known = store.of_account(account.tenant_id, account.id)
        if len(known) >= MOST_PASSKEYS:
            raise TooManyPasskeys
        challenge, sealed = self.challenges.make(
            account.tenant_id,
            caller.site(),
            Ceremony.REGISTRATION,
            domain,
            _session(caller),
            account.id,
        )
        site = self.policies.sites.site(account.tenant_id, caller.site())
        options = registration_options(
            challenge,
            shop=(site.logo_text or site.name) if site else domain,
            handle=store.handle(account.tenant_id, account.id, new_handle()),
            name=account.username or account.email_address or "",
            known=[each for each in known if each.relying_party == domain],
            alone=policy.signs_in,
        )
        return options, sealed

    def complete(
        self,
        caller: Caller,
        sealed: str,
        made: MadePasskey,
        name: str | None,
        origins: Sequence[str],
    ) -> Passkey:
        """Keep a new passkey of whoever is signed in, and tell them by mail; `origins`: where it may have been made.

        Raises `PasskeyRefused`, `PasskeyTaken`, `TooManyPasskeys`, `PasskeysOff`, `Invalid`, and what `ensure_fresh`
        raises.
        """
        name = passkey_name(name)
        account, policy, domain = self._allowed(caller)
        challenge = self.challenges.read(
            sealed, caller.tenant_id, caller.site(), Ceremony.REGISTRATION, _session(caller)
        )
        if (challenge.account_id, challenge.relying_party) != (account.id, domain):
            raise PasskeyRefused
        verified = verified_key(made, challenge, origins, alone=policy.signs_in)
        self.challenges.spend(challenge)
        store = self.passkeys.store
        passkey = Passkey(
            0,
            account.id,
            verified.credential_id,
            domain,
            verified.public_key,
            verified.sign_count,
            verified.transports,
            verified.may_be_backed_up,
            verified.is_backed_up,
            name,
            self.passkeys.clock(),
        )
        with self.passkeys.transaction():
            known = store.held(account.tenant_id, account.id)
            # Now that nobody takes them all away meanwhile: whoever did has ended this session too.
            self.ensure_fresh(caller)
            if len(known) >= MOST_PASSKEYS:
                raise TooManyPasskeys
            passkey_id = store.add(account.tenant_id, passkey)
            self.passkeys.accounts.trail.note(
                caller,
                "account.passkey_added",
                f"account:{account.id}",
                [Change("passkey", None, name)],
            )
            self.passkeys.notices.tell(account, MailKind.PASSKEY_ADDED, caller.site_id)
        return replace(passkey, id=passkey_id)

    def _allowed(self, caller: Caller) -> tuple[CustomerAccount, PasskeyPolicy, str]:
        """Return the account of whoever is signed in, and what its set lets passkeys do, for which domain."""
        account = self.passkeys.accounts.account(caller.tenant_id, caller.own_account())
        policy = self.passkeys.policy_of(account)
        if not policy.is_offered or policy.relying_party is None or not account.has_login:
            raise PasskeysOff
        self.ensure_fresh(caller)
        return account, policy, policy.relying_party


def _session(caller: Caller) -> str:
    """Return the session that a new passkey's challenge is bound to."""
    return f"session:{caller.shopper.session_id}" if caller.shopper is not None else ""
