"""Changes of sites and sets that not every worker goes by yet: until when, and the button that does not wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.plan_words import clock_time
from authsvc.admin.return_address import own_page
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.propagation import Propagation

APPLIED = "Applied: every worker follows within a second."


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a page says of changes: until when not every worker goes by them, and whether they were just applied."""

    until: str | None
    may_apply: bool
    is_applied: bool


def waiting(propagation: Propagation, visitor: Visitor) -> Waiting:
    """Return what a page about sites and sets has to say about changes that are not in force everywhere."""
    until: datetime | None = propagation.pending_until(visitor.caller.tenant_id)
    return Waiting(
        None if until is None else clock_time(until),
        Behavior.CUSTOMER_SET_UPDATE in visitor.caller.behaviors,
        until is None and request.args.get("applied") == "1",
    )


def add_apply_now(pages: AdminPages, propagation: Propagation) -> None:
    """Declare what the button does; it leads back to the page it stands on."""

    @pages.post("/apply-now", requires=Requires(Behavior.CUSTOMER_SET_UPDATE))
    def apply_now(visitor: Visitor) -> Answer:
        propagation.apply_now(visitor.caller)
        back = (own_page(request.form.get("next")) or "/admin/customer-sets").partition("?")[0]
        return to_page(back.removeprefix("/admin"), applied="1")
