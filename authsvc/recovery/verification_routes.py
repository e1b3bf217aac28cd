"""What customer sets ask of who signs up, and another link for who has not answered yet."""

from __future__ import annotations

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownCustomerSet, UnknownSite
from authsvc.mail.rules import NoMail, SiteHasNoHost
from authsvc.recovery.verification import EmailVerification, VerificationPolicy
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire


class EmailVerificationModel(Wire):
    """A set's policy: `off`; `later`: a link is mailed; `required`: nobody is signed in before it is opened."""

    policy: VerificationPolicy


def routes(service: EmailVerification) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("email_verification", prefix="/api/commerce/customer", tag="Recovery by e-mail")
    path = "/customersets/<code>/emailverification"

    @part.get(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_READ),
        answers=EmailVerificationModel,
        refuses=(UnknownCustomerSet,),
    )
    def get_email_verification(caller: Caller, code: str) -> EmailVerificationModel:
        """Tell what a customer set asks of who signs up."""
        return EmailVerificationModel(policy=service.policy(caller.tenant_id, code.strip()))

    @part.put(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_UPDATE),
        answers=EmailVerificationModel,
        refuses=(UnknownCustomerSet, NoMail),
        body_name="emailVerification",
    )
    def set_email_verification(
        caller: Caller, code: str, body: EmailVerificationModel
    ) -> EmailVerificationModel:
        """Say what a customer set asks of who signs up from now on; who is there already is not asked."""
        service.set_policy(caller, code.strip(), body.policy)
        return body

    @part.post(
        "/accounts/<int:account_id>/email-verifications",
        requires=Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT),
        status=202,
        refuses=(NoMail, UnknownAccount, UnknownSite, SiteHasNoHost),
    )
    def send_email_verification(caller: Caller, account_id: int) -> None:
        """Mail another link to confirm the account's address, on the call's site; five an hour at the most."""
        caller.may_see_account(account_id)
        site = service.links.directory.fresh_site(caller.tenant_id, caller.site())
        service.remind(site, account_id)

    return part
