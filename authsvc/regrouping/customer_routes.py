"""One customer changed by the vendor's call ([K] 3.1), which also moves them to another set."""

from __future__ import annotations

from authsvc.accounts.routes import AccountQuery, shown
from authsvc.accounts.rules import EmailAddressTaken, UnknownAccount, UsernameTaken
from authsvc.accounts.wire import Account, AccountBody
from authsvc.attributes.rules import UnknownAttribute
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.guessing.rules import TooManyFailures
from authsvc.regrouping.one_customer import OneCustomer
from authsvc.regrouping.routes import ASKING, CARRYING_OUT
from authsvc.web.operations import Routes


def routes(service: OneCustomer) -> Routes:
    """Declare the operation over `service`."""
    part = Routes("customers", prefix="/api/commerce/customer/accounts", tag="Accounts")

    @part.put(
        "/<int:account_id>",
        requires=Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT),
        answers=Account,
        refuses=tuple(
            dict.fromkeys(
                (
                    UnknownAccount,
                    UsernameTaken,
                    EmailAddressTaken,
                    UnknownAttribute,
                    TooManyFailures,
                    *ASKING,
                    *CARRYING_OUT,
                )
            )
        ),
        body_name="account",
    )
    def update_account(
        caller: Caller, account_id: int, body: AccountBody, query: AccountQuery
    ) -> Account:
        """Change an account; what is left out stays as it is, and so do contacts, notes and segments.

        Another `customerSet` moves the account there, unless the set has its username already: a plan and its commit
        in one step, which is listed with the plans and can be rolled back.
        """
        caller.may_see_account(account_id)
        account = service.update(caller, account_id, body.fields(), body.customer_set, body.said())
        return shown(service.whole, caller, [account], query.response_groups)[0]

    return part
