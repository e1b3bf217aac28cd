"""When changes of sites and sets are in force everywhere, and having them there now."""

from __future__ import annotations

from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_sets.propagation import Propagation
from authsvc.listing.queries import FieldsQuery
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire, WireDateTime


class PropagationModel(Wire):
    """Whether every worker goes by sites and sets as they are; `inForceDate`: when the last will, null if all do."""

    is_in_force: bool
    in_force_date: WireDateTime | None

    @classmethod
    def of(cls, service: Propagation, tenant_id: int) -> PropagationModel:
        """Write how it is now."""
        until = service.pending_until(tenant_id)
        return cls(is_in_force=until is None, in_force_date=until)


def routes(service: Propagation) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("propagation", prefix="/api/commerce/customer/propagation", tag="Sites")

    @part.get("", requires=Requires(Behavior.CUSTOMER_SET_READ), answers=PropagationModel)
    def get_propagation(caller: Caller, query: FieldsQuery) -> PropagationModel:
        """Tell when the last change of a site or set is in force everywhere."""
        return PropagationModel.of(service, caller.tenant_id)

    @part.post(
        "/apply",
        requires=Requires(Behavior.CUSTOMER_SET_UPDATE),
        answers=PropagationModel,
        status=200,
    )
    def apply_now(caller: Caller, query: FieldsQuery) -> PropagationModel:
        """Push what was changed to every worker, which follows within about a second."""
        service.apply_now(caller)
        return PropagationModel.of(service, caller.tenant_id)

    return part
