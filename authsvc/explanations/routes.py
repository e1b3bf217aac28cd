"""Why a customer can or cannot use a site, for the tools of customer service."""

from __future__ import annotations

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_sets.rules import UnknownSite
from authsvc.explanations.service import Explanations
from authsvc.explanations.wire import ExplanationModel
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire

READS = Requires(Behavior.CUSTOMER_READ)
#: Beside it: an answer tells of sites, sets and plans too.
READS_STRUCTURE = Requires(Behavior.CUSTOMER_SET_READ)


class WhyQuery(Wire):
    """The site that is asked about; without it the call's own."""

    site_id: Id | None = None
    response_fields: str | None = None


def routes(service: Explanations) -> Routes:
    """Declare the operation over `service`."""
    part = Routes("explanations", prefix="/api/commerce/customer/accounts", tag="Customer accounts")

    @part.get(
        "/<int:account_id>/why",
        requires=READS,
        answers=ExplanationModel,
        refuses=(UnknownAccount, UnknownSite),
    )
    def explain(caller: Caller, account_id: int, query: WhyQuery) -> ExplanationModel:
        """Tell whether a customer can sign in, see My Account and be put on an offline order on a site, and why.

        Each answer names the rule, the facts, the change that made them so with who made it, and what would help. The
        caller also needs the behavior `customer-set-read`.
        """
        READS_STRUCTURE.admit(caller)
        site_id = caller.site() if query.site_id is None else query.site_id
        return ExplanationModel.of(service.explain(caller.tenant_id, account_id, site_id))

    return part
