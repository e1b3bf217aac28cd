"""Questions about the states that My Accounts are in."""

from __future__ import annotations

from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "MyAccountStore.version": lambda w, t, _: w.services.my_account.service.store.version(
        t, w.account.id
    ),
}
