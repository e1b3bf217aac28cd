"""The use case: what a customer can do on a site and why, from few questions to the stores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from authsvc.accounts.rules import UnknownAccount
from authsvc.customer_sets.rules import UnknownSite
from authsvc.explanations.answers import Explanation, explained
from authsvc.explanations.rules import Facts

if TYPE_CHECKING:
    from authsvc.explanations.history_store import HistoryStore
    from authsvc.explanations.store import ExplanationStore
    from authsvc.guessing.service import Attempts
    from authsvc.infra.clock import Clock


@dataclass(frozen=True, slots=True)
class Explanations:
    """Explains; changes nothing. `remembered_for`: how long a worker may go by the set it remembers of a site."""

    store: ExplanationStore
    history: HistoryStore
    attempts: Attempts
    remembered_for: timedelta
    clock: Clock

    def explain(self, tenant_id: int, account_id: int, site_id: int) -> Explanation:
        """Answer whether the customer can use the site, and why; raises `UnknownAccount` or `UnknownSite`."""
        now = self.clock()
        found = self.store.facts(tenant_id, account_id, site_id, now)
        if found is None:
            # Which of the two is missing is asked only then.
            if self.store.has_site(tenant_id, site_id):
                raise UnknownAccount(account_id)
            raise UnknownSite(f"There is no site {site_id}.")
        if found.account.erased_at is not None:
            # Kept as a number for its orders: nobody is there to use a site.
            raise UnknownAccount(account_id)
        facts = replace(found, refused_for=self._refused_for(found))
        history = self.history.of(tenant_id, facts, now - self.remembered_for)
        return explained(facts, history, self.remembered_for)

    def _refused_for(self, facts: Facts) -> int | None:
        """Return how many seconds signing in by the username is refused on devices that were never signed in."""
        account = facts.account
        if account.username_key is None:
            return None
        standing = self.attempts.standing(
            account.tenant_id, facts.site.customer_set, account.username_key
        )
        return ceil(standing.strangers_wait.total_seconds()) or None
