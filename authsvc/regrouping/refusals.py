"""Why a regrouping is refused; each refusal says what would help."""

from __future__ import annotations

from collections.abc import Sequence

from authsvc.errors import Conflict, NotFound

# Items one refusal lists; the plan's own pages have the rest.
MOST_LISTED_ITEMS = 200


class DefaultSetStays(Conflict):
    """The default set cannot be deleted, nor stop being the default without another in its place (rule 3)."""

    def __init__(self, code: str) -> None:
        """Name the set and the remedy."""
        super().__init__(
            f"{code} is the default customer set and stays. Make another set the default first.",
            data=[("ParameterName", "isDefault")],
        )


class UnknownPlan(NotFound):
    """The tenant has no such plan."""

    def __init__(self, plan_id: int) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no plan {plan_id}.")


class Clash(Conflict):
    """Two accounts that would have one username in one set; rule 9 lets neither in, nor merges or renames them."""

    def __init__(self, username: str, account_id: int, customer_set: str, other_id: int) -> None:
        """Say who cannot go where because of whom."""
        super().__init__(
            f"Account {account_id} ({username}) cannot go to {customer_set}: "
            f"account {other_id} has this username there.",
            data=[
                ("ParameterName", "userName"),
                ("UserName", username),
                ("AccountId", str(account_id)),
                ("CustomerSet", customer_set),
                ("OtherAccountId", str(other_id)),
            ],
        )
        # To keep with a plan, which outlives the customers it was about: by their numbers alone.
        self.without_names = (
            f"Account {account_id} cannot go to {customer_set}: "
            f"account {other_id} has its username there."
        )


class UsernamesClash(Conflict):
    """Moving would give a set one username twice; nothing was moved (rules 6 and 9)."""

    def __init__(self, total: int, clashes: Sequence[Clash]) -> None:
        """Count them all and list the first."""
        super().__init__(
            f"{total} usernames exist in the target customer set already, so nothing was changed. "
            "Rename, move or delete one account of each pair, then ask again.",
            data=[("ClashCount", str(total))],
            items=clashes,
        )


class Difference(Conflict):
    """One thing that is no longer as it was when the plan was asked for."""


class PlanOutdated(Conflict):
    """The world has changed since the plan was asked for; nothing was changed."""

    def __init__(self, differences: Sequence[str]) -> None:
        """List what changed."""
        super().__init__(
            "Things have changed since this plan was asked for, so nothing was done. "
            "Look at what changed and ask for a new plan.",
            items=[Difference(text) for text in differences[:MOST_LISTED_ITEMS]],
        )


class NotUndoable(Conflict):
    """The plan cannot be rolled back: it is not committed, is rolled back already, or too old."""


class NotCommittable(Conflict):
    """The plan was rolled back: ask for a new one."""


class SomebodyWasFaster(Conflict):
    """A username was taken in the target set while its account was moved there; the transaction is lost."""
