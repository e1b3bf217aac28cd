"""Passwords compared with what is kept of them: our own hash, another system's, or one that only its merchant knows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import TTLCache

from authsvc.credentials.password_policy import ShownPassword
from authsvc.credentials.rules import Credential, KnownLogin, StoredPassword
from authsvc.errors import Conflict
from authsvc.foreign_hashes.recognition import recognised
from authsvc.foreign_hashes.rules import LONGEST_HASH, HashTooCostly, UnknownHash
from authsvc.password_verifiers.rules import MERCHANTS, Question, VerifierAway

if TYPE_CHECKING:
    from authsvc.credentials.external_hash_store import ExternalHashStore
    from authsvc.credentials.hashing import PasswordHashing
    from authsvc.password_verifiers.service import PasswordVerifiers

# Seconds until every process does a new kind's work for everybody; sign-ins of its customers are right at once.
KINDS_REMEMBERED_SECONDS = 60
TENANTS_REMEMBERED = 1_000
# Each is work for every sign-in of the tenant while it lasts.
MOST_SLOW_KINDS = 4
# Random bytes of what nobody has, told to a verifier in place of what somebody typed.
_NOBODYS_BYTES = 12


class TooManyKinds(Conflict):
    """The tenant has imported hashes of as many slow schemes and costs as one may have at a time."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            f"Imported hashes of {MOST_SLOW_KINDS} schemes and costs are waiting for their customers to sign in. "
            "Import others when one of those is used up, or let these customers choose a new password."
        )


@dataclass(frozen=True, slots=True)
class Passwords:
    """Compares and imports.

    Whoever signs in, and whether the username exists or not, the work is the same (rule 11): one Argon2id, one
    comparison of every slow kind that the tenant has imported hashes of, and one question to the merchant's verifier
    while it has customers left.
    """

    hashing: PasswordHashing
    store: ExternalHashStore
    verifiers: PasswordVerifiers
    _kinds: TTLCache[int, Mapping[str, str]] = field(
        default_factory=lambda: TTLCache(TENANTS_REMEMBERED, KINDS_REMEMBERED_SECONDS)
    )
    _lock: Lock = field(default_factory=Lock)

    def matches(
        self, tenant_id: int, login: KnownLogin | Credential | None, shown: ShownPassword
    ) -> bool:
        """Tell whether the password is that of the login; None is nobody's.

        Raises `HashingBusy`, and `VerifierAway` for every password not known to be right while the tenant's verifier
        has customers left and does not answer: to say "wrong" to the others would tell who is its.
        """
        decoys = self._decoys(tenant_id)
        is_right_there = self._verdict(tenant_id, login, shown, decoys.get(MERCHANTS))
        external = login is not None and login.external_kind is not None
        work = self._beside(decoys, login if external else None, shown)
        own = login.password_hash if login is not None and not external else None
        is_right = self.hashing.matches(own, shown.prepared, or_as=shown.older_form, beside=work)
        if is_right_there is None and not is_right:
            raise VerifierAway
        return is_right or bool(is_right_there)

    def is_outdated(self, login: KnownLogin) -> bool:
        """Tell whether a good sign-in shall replace what is kept."""
        return login.external_kind is not None or self.hashing.is_outdated(login.password_hash)

    def imported(self, tenant_id: int, text: str) -> StoredPassword:
        """Return what to keep of a hash another system made; raises `UnknownHash` or `HashTooCostly`.

        What nothing here can compare with is the merchant's verifier's, where there is one.
        """
        try:
            return StoredPassword(text, recognised(text).kind)
        except UnknownHash:
            is_fit = len(text) <= LONGEST_HASH and text.isprintable()
            if not is_fit or self.verifiers.verifier(tenant_id) is None:
                raise
            return StoredPassword(text, MERCHANTS)

    def keep_kind(self, tenant_id: int, password: StoredPassword) -> None:
        """Within the transaction that keeps an imported hash, let everybody's sign-in take its work.

        Raises `TooManyKinds`.
        """
        if password.external_kind in (None, MERCHANTS):
            return
        found = recognised(password.hash)
        if not found.is_slow:
            return
        kinds = self.store.kinds(tenant_id)
        if found.kind not in kinds:
            if len(kinds) >= MOST_SLOW_KINDS:
                raise TooManyKinds
            self.store.add(tenant_id, found.kind, found.decoy())

    def close(self) -> None:
        """Let go of threads."""
        self.hashing.close()
        self.verifiers.lanes.close()

    def _decoys(self, tenant_id: int) -> Mapping[str, str]:
        """Return kind → what to compare with or ask about for those who have none of that kind."""
        with self._lock:
            known = self._kinds.get(tenant_id)
        if known is None:
            merchants = self.store.merchants(tenant_id)
            known = dict(self.store.kinds(tenant_id))
            if merchants is not None:
                known[MERCHANTS] = merchants
            with self._lock:
                self._kinds[tenant_id] = known
        return known

    def _verdict(
        self,
        tenant_id: int,
        login: KnownLogin | Credential | None,
        shown: ShownPassword,
        decoy: str | None,
    ) -> bool | None:
        """Ask the merchant's verifier, about nobody where the login is not its; None: it does not answer."""
        is_its = login is not None and login.external_kind == MERCHANTS
        if not is_its and decoy is None:
            return False
        verifier = self.verifiers.verifier(tenant_id)
        if verifier is None:
            return False
        if login is not None and is_its:
            question = Question(login.username_key, shown.as_typed, login.password_hash)
        else:
            # What was typed is not for the merchant's old system to learn, nor whose name it was.
            nobody, nothing = (secrets.token_urlsafe(_NOBODYS_BYTES) for _ in range(2))
            question = Question(f"{nobody}@nobody.invalid", nothing, decoy or "")
        found = self.verifiers.verdict(verifier, question)
        return None if found is None else is_its and found

    def _beside(
        self,
        decoys: Mapping[str, str],
        login: KnownLogin | Credential | None,
        shown: ShownPassword,
    ) -> Callable[[], bool] | None:
        texts = dict(decoys)
        if login is not None and login.external_kind is not None:
            texts[login.external_kind] = login.password_hash
        texts.pop(MERCHANTS, None)
        if not texts:
            return None

        def work() -> bool:
            found = {kind: _opens(text, shown.as_typed) for kind, text in texts.items()}
            return login is not None and found.get(login.external_kind or "", False)

        return work


def _opens(text: str, prepared: str) -> bool:
    """Tell whether a kept hash is the password's; one that is imported no longer, as it once was, is nobody's."""
    try:
        return recognised(text).verify(prepared)
    except (UnknownHash, HashTooCostly):
        return False
