"""Questions about the states that My Accounts are in."""

from __future__ import annotations

from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "MyAccountStore.versions": lambda w, t, _: w.services.my_account.service.versions.answer(
        (t, w.account.id)
    ),
}
