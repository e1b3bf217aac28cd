"""Passwords compared with what is kept of them: our own hash, or one that another system made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import TTLCache

from authsvc.credentials.password_policy import ShownPassword
from authsvc.credentials.rules import Credential, KnownLogin, StoredPassword
from authsvc.errors import Conflict
from authsvc.foreign_hashes.recognition import recognised

if TYPE_CHECKING:
    from authsvc.credentials.external_hash_store import ExternalHashStore
    from authsvc.credentials.hashing import PasswordHashing

# Seconds until every process does a new kind's work for everybody; sign-ins of its customers are right at once.
KINDS_REMEMBERED_SECONDS = 60
TENANTS_REMEMBERED = 1_000
# Each is work for every sign-in of the tenant while it lasts.
MOST_SLOW_KINDS = 4


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

    Whoever signs in, and whether the username exists or not, the work is the same (rule 11): one Argon2id, and one
    comparison of every slow kind that the tenant has imported hashes of.
    """

    hashing: PasswordHashing
    store: ExternalHashStore
    _kinds: TTLCache[int, Mapping[str, str]] = field(
        default_factory=lambda: TTLCache(TENANTS_REMEMBERED, KINDS_REMEMBERED_SECONDS)
    )
    _lock: Lock = field(default_factory=Lock)

    def matches(
        self, tenant_id: int, login: KnownLogin | Credential | None, shown: ShownPassword
    ) -> bool:
        """Tell whether the password is that of the login; None is nobody's. Raises `HashingBusy`."""
        external = login is not None and login.external_kind is not None
        work = self._beside(tenant_id, login if external else None, shown)
        own = login.password_hash if login is not None and not external else None
        return self.hashing.matches(own, shown.prepared, or_as=shown.older_form, beside=work)

    def is_outdated(self, login: KnownLogin) -> bool:
        """Tell whether a good sign-in shall replace what is kept."""
        return login.external_kind is not None or self.hashing.is_outdated(login.password_hash)

    def imported(self, text: str) -> StoredPassword:
        """Return what to keep of a hash another system made; raises `UnknownHash` or `HashTooCostly`."""
        return StoredPassword(text, recognised(text).kind)

    def keep_kind(self, tenant_id: int, password: StoredPassword) -> None:
        """Within the transaction that keeps an imported hash, let everybody's sign-in take its work.

        Raises `TooManyKinds`.
        """
        if password.external_kind is None:
            return
        found = recognised(password.hash)
        if not found.is_slow:
            return
        kinds = self.store.kinds(tenant_id)
        if found.kind not in kinds:
            if len(kinds) >= MOST_SLOW_KINDS:
                raise TooManyKinds
            self.store.add(tenant_id, found.kind, found.decoy())

    def _decoys(self, tenant_id: int) -> Mapping[str, str]:
        with self._lock:
            known = self._kinds.get(tenant_id)
        if known is None:
            known = self.store.kinds(tenant_id)
            with self._lock:
                self._kinds[tenant_id] = known
        return known

    def _beside(
        self, tenant_id: int, login: KnownLogin | Credential | None, shown: ShownPassword
    ) -> Callable[[], bool] | None:
        texts = dict(self._decoys(tenant_id))
        if login is not None and login.external_kind is not None:
            texts[login.external_kind] = login.password_hash
        if not texts:
            return None

        def work() -> bool:
            found = {kind: recognised(text).verify(shown.as_typed) for kind, text in texts.items()}
            return login is not None and found[login.external_kind or ""]

        return work
