"""What is held on a shopper in one piece, and the end of it. The vendor has the deletion only ([K] 3.3)."""

from __future__ import annotations

from authsvc.accounts.rules import AccountHasOrders, UnknownAccount
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.rules import NoLogin, WrongPassword
from authsvc.guessing.rules import TooManyFailures
from authsvc.listing.queries import FieldsQuery
from authsvc.privacy.rules import PasswordMissing
from authsvc.privacy.service import Privacy
from authsvc.privacy.wire import AccountExport, ErasureBody
from authsvc.web.operations import Routes


def routes(service: Privacy) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("privacy", prefix="/api/commerce/customer/accounts", tag="Privacy")

    @part.get(
        "/<int:account_id>/export",
        requires=Requires(Behavior.CUSTOMER_EXPORT, ShopperRole.OWN_ACCOUNT, acting=False),
        answers=AccountExport,
        refuses=(UnknownAccount,),
    )
    def export_account(caller: Caller, account_id: int, query: FieldsQuery) -> AccountExport:
        """Get everything that is held on a shopper; that it was given out is noted."""
        caller.may_see_account(account_id)
        return AccountExport.of(service.holdings(caller, account_id))

    @part.delete(
        "/<int:account_id>",
        requires=Requires(Behavior.CUSTOMER_DELETE),
        refuses=(UnknownAccount, AccountHasOrders),
    )
    def delete_account(caller: Caller, account_id: int) -> None:
        """Delete an account with its login, contacts and sessions; one with orders is kept."""
        service.delete(caller, account_id)

    @part.post(
        "/<int:account_id>/erase",
        requires=Requires(Behavior.CUSTOMER_DELETE, ShopperRole.OWN_ACCOUNT, acting=False),
        refuses=(
            UnknownAccount,
            PasswordMissing,
            NoLogin,
            WrongPassword,
            TooManyFailures,
            HashingBusy,
        ),
        body_name="erasure",
    )
    def erase_account(caller: Caller, account_id: int, body: ErasureBody) -> None:
        """Delete an account; one with orders is kept as a number, with its orders and without its person.

        The username may be used again at once. A shopper sends their password along.
        """
        caller.may_see_account(account_id)
        service.erase(caller, account_id, body.password)

    return part
