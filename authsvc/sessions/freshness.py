"""Whether a shopper has just proved who they are: asked before acts that whoever finds an open browser must not do.

A session that was remembered, or that has come from another site of the set, is as old as its last proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.callers import Caller, FreshSignIn
from authsvc.errors import Forbidden

if TYPE_CHECKING:
    from authsvc.infra.clock import Clock
    from authsvc.sessions.freshness_store import FreshnessStore


class FreshSignInRequired(Forbidden):
    """The shopper's last sign-in is too long ago for this; sign them in again, and repeat it with the new ticket."""

    error_code = "FRESH_SIGN_IN_REQUIRED"

    def __init__(self, within: timedelta) -> None:
        """Say how young it must be: `MaxAgeSeconds`, as RFC 9470 has `max_age`."""
        seconds = int(within.total_seconds())
        super().__init__(
            "Sign in again to do this: the last sign-in was too long ago.",
            data=[("MaxAgeSeconds", str(seconds))],
        )


@dataclass(frozen=True, slots=True)
class Freshness:
    """The question, and who is asked it.

    `within`: how long a proof counts. `as_vendor`: the vendor's own calls ask nobody, as with the vendor.
    """

    store: FreshnessStore
    within: timedelta
    clock: Clock
    as_vendor: bool

    def is_fresh(self, tenant_id: int, session_id: str) -> bool:
        """Tell whether the holder of a session has proved who they are a short while ago."""
        proven_at = self.store.proven_at(tenant_id, UUID(session_id))
        return proven_at is not None and self.clock() < proven_at + self.within

    def ensure(self, caller: Caller, needed: FreshSignIn = FreshSignIn.NEEDED) -> None:
        """Raise `FreshSignInRequired` for a shopper whose last proof is too old for what they want to do.

        Applications and staff are judged by what they may do, also where staff act for a shopper.
        """
        if needed is FreshSignIn.NOT_NEEDED or caller.shopper is None or caller.is_acted_for:
            return
        if needed is FreshSignIn.NEEDED_BEYOND_VENDOR and self.as_vendor:
            return
        if not self.is_fresh(caller.tenant_id, caller.shopper.session_id):
            raise FreshSignInRequired(self.within)
