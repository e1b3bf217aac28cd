"""What those who keep things on an account ask about it; `authsvc.accounts`, which builds on them, answers."""

from __future__ import annotations

from typing import Protocol


class KnownAccounts(Protocol):
    """Which customer accounts there are."""

    def known(self, tenant_id: int, account_id: int, user_id: str | None = None) -> None:
        """Raise `UnknownAccount` unless the tenant has this account, with this user id if one is given."""

    def keep(self, tenant_id: int, account_id: int) -> None:
        """The same within a transaction, during which the account then is not deleted."""
