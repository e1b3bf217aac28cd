"""Challenges: what an authenticator signs, good once, for minutes, and for whom it was made only.

Nothing is stored of a challenge before it is used, however many pages ask for one: whoever asked keeps it, sealed with
the keys for secrets at rest. One that was used is remembered by its digest until it would have run out, in PostgreSQL,
so that of two who show it at once, on whatever workers, one is let in; losing Valkey loses none of that.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken

from authsvc.passkeys.rules import PasskeyRefused

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

    from authsvc.infra.clock import Clock
    from authsvc.passkeys.challenge_store import ChallengeStore

# [W] §13.4.3 asks for 16 bytes at least.
_BYTES = 32
# [W] §15.1: people who need longer than others get 300 seconds at least.
LIFETIME = timedelta(seconds=300)


class Ceremony(StrEnum):
    """What a challenge is for."""

    REGISTRATION = "registration"
    # By a passkey alone, whoever comes.
    SIGN_IN = "sign_in"
    # After the first factor, by an account that is known.
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked: `bound_to`, the browser, session or caller that may answer; `account_id`, whose passkey."""

    tenant_id: int
    site_id: int
    ceremony: Ceremony
    relying_party: str
    bound_to: str
    account_id: int | None
    nonce: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Challenges:
    """Makes them and takes them in."""

    store: ChallengeStore
    encryption: MultiFernet
    clock: Clock

    def make(
        self,
        tenant_id: int,
        site_id: int,
        ceremony: Ceremony,
        relying_party: str,
        bound_to: str,
        account_id: int | None = None,
    ) -> tuple[Challenge, str]:
        """Return a challenge, and the sealed text that its asker shows with the answer."""
        challenge = Challenge(
            tenant_id,
            site_id,
            ceremony,
            relying_party,
            bound_to,
            account_id,
            secrets.token_bytes(_BYTES),
            self.clock() + LIFETIME,
        )
        said = {
            "tenant": tenant_id,
            "site": site_id,
            "ceremony": ceremony.value,
            "relying_party": relying_party,
            "bound_to": bound_to,
            "account": account_id,
            "nonce": urlsafe_b64encode(challenge.nonce).decode(),
            "expires_at": challenge.expires_at.timestamp(),
        }
        return challenge, self.encryption.encrypt(json.dumps(said).encode()).decode()

    def read(
        self, sealed: str, tenant_id: int, site_id: int, ceremony: Ceremony, bound_to: str
    ) -> Challenge:
        """Return the challenge that was made for just this; raises `PasskeyRefused`. It may have been used."""
        challenge = self._opened(sealed)
        if (
            challenge is None
            or (challenge.tenant_id, challenge.site_id) != (tenant_id, site_id)
            or challenge.ceremony is not ceremony
            or not hmac.compare_digest(challenge.bound_to.encode(), bound_to.encode())
            or self.clock() >= challenge.expires_at
        ):
            raise PasskeyRefused
        return challenge

    def spend(self, challenge: Challenge) -> None:
        """Use a challenge up, in a transaction of its own or the open one; raises `PasskeyRefused` if it was before."""
        digest = hashlib.sha256(challenge.nonce).digest()
        if self.store.spend(challenge.tenant_id, digest, challenge.expires_at):
            raise PasskeyRefused

    def _opened(self, sealed: str) -> Challenge | None:
        try:
            said: dict[str, Any] = json.loads(self.encryption.decrypt(sealed.encode()))
            return Challenge(
                said["tenant"],
                said["site"],
                Ceremony(said["ceremony"]),
                said["relying_party"],
                said["bound_to"],
                said["account"],
                urlsafe_b64decode(said["nonce"]),
                datetime.fromtimestamp(said["expires_at"], UTC),
            )
        except (InvalidToken, ValueError, KeyError, TypeError):
            # Sealed by other keys, or something else of ours that the same keys seal.
            return None
