"""Questions about the states that My Accounts are in."""

from __future__ import annotations

from authsvc.my_account.store import MyAccountStore
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "MyAccountStore.versions": lambda w, t, _: MyAccountStore(w.services.database).versions(
        [(t, w.account.id)]
    ),
}
