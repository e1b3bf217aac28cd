"""Changing one customer, whose move to another set is a plan and its commit in one step, like every other move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import CustomerAccount
from authsvc.callers import Caller
from authsvc.errors import Forbidden
from authsvc.regrouping.rules import MoveCustomers

if TYPE_CHECKING:
    from authsvc.accounts.whole_accounts import Said, WholeAccounts
    from authsvc.regrouping.service import Regrouping


@dataclass(frozen=True, slots=True)
class OneCustomer:
    """The use case."""

    whole: WholeAccounts
    regrouping: Regrouping

    def update(
        self,
        caller: Caller,
        account_id: int,
        fields: Mapping[str, Any],
        customer_set: str | None,
        said: Sequence[Said],
    ) -> CustomerAccount:
        """Change an account, its attributes, and its set if `customer_set` names another; all of it or nothing.

        Raises what `WholeAccounts.update` raises, and for a move what `Regrouping.at_once` raises, or `Forbidden` for a
        shopper and for an application that is bound to sites.
        """
        account = self.whole.accounts.account(caller.tenant_id, account_id)
        if customer_set is None or customer_set.strip().lower() == account.customer_set:
            # Sent back as it was read: no move is meant, even if somebody else moves the account meanwhile.
            return self.whole.update(caller, account_id, fields, said)
        if caller.is_shopper:
            raise Forbidden("A shopper cannot move an account to another customer set.")
        # Who else is in the other set, which a refusal would list, is beyond its sites too.
        caller.refuse_beyond_its_site()
        self.regrouping.at_once(
            caller,
            [MoveCustomers(customer_set, accounts=(account_id,))],
            # First of all, so that a customer can be renamed on the way into a set that has the old username.
            first=lambda: self.whole.update(caller, account_id, fields, said),
        )
        return self.whole.accounts.account(caller.tenant_id, account_id)
