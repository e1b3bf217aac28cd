"""System › Structure › Sites: the table, rows edited in line, and the first step of moving a site to another set."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, request

from authsvc.admin.apply_now import waiting
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry, to_page
from authsvc.admin.plan_dialogs import REFUSALS
from authsvc.admin.plan_pages import PATH as PLANS
from authsvc.admin.site_forms import SiteChangedMeanwhile, SiteForm, field_of
from authsvc.admin.site_looks import looks, preview_style
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.propagation import Propagation
from authsvc.customer_sets.rules import CustomerSet, accent_color
from authsvc.errors import AuthsvcError, Invalid
from authsvc.listing.paging import Page
from authsvc.regrouping.rules import AssignSites, MoveCustomers, StructureChange
from authsvc.regrouping.service import LONGEST_REASON
from authsvc.regrouping.site_store import SiteFilter
from authsvc.regrouping.sites import Sites

PATH = "/sites"
READS = Requires(Behavior.CUSTOMER_SET_READ)
CHANGES = Requires(Behavior.SITE_UPDATE)
MOVES = Requires(Behavior.CUSTOMER_SET_UPDATE)

ROWS = 50
# Sets offered in a drop-down; where there are more, the code is typed, so that a page stays small.
OFFERED_SETS = 100
# Hosts and origins shown of a site in the table; its row, opened, has the others.
LINES = 3
_MOST_LISTED = 20
# The button that shows and does not save.
_PREVIEWS = "preview"
_NOTICES = {"created": "The site is created, and open at once.", "saved": "The site is saved."}


@dataclass(frozen=True, slots=True)
class SitePages:
    """The pages of the table; each asks and changes through the use cases that the API has."""

    pages: AdminPages
    sites: Sites
    propagation: Propagation

    def table(
        self,
        visitor: Visitor,
        form: SiteForm | None = None,
        error: AuthsvcError | None = None,
        moving: str = "",
    ) -> Response:
        """Show the table with the row of `form` opened; `error`: why what was typed is refused; `moving`: where to."""
        tenant_id = visitor.caller.tenant_id
        wanted = SiteFilter(request.args.get("find", ""), request.args.get("set", ""))
        start = number(request.args.get("start"))
        rows, total = self.sites.page(tenant_id, Page(start, ROWS), wanted)
        held = None if form is None or form.id is None else self.sites.site(tenant_id, form.id)
        if held and all(row.id != held.id for row in rows):
            rows.insert(0, held)
        default = self.sites.customer_sets.tenant(tenant_id)[0].default_customer_set if form else ""
        return self.pages.show(
            "sites.html",
            visitor,
            error,
            notice=_NOTICES.get(request.args.get("done", "")) if error is None else None,
            waiting=waiting(self.propagation, visitor),
            error_field="customer_set" if moving else field_of(error),
            details=[item.message for item in error.items[:_MOST_LISTED]] if error else [],
            rows=rows,
            total=total,
            start=start,
            size=ROWS,
            lines=LINES,
            wanted=wanted,
            may_change=Behavior.SITE_UPDATE in visitor.caller.behaviors,
            may_move=Behavior.CUSTOMER_SET_UPDATE in visitor.caller.behaviors,
            form=form,
            looks=form and looks(form.accent_color, form.logo_text, form.name),
            held=held,
            moving=moving,
            default=default,
            sets=self._offered(tenant_id) if form else [],
            longest_reason=LONGEST_REASON,
        )

    def create(self, visitor: Visitor) -> Answer:
        """Create the site that was typed, in the default set or the chosen one."""
        form = SiteForm.typed(request.form)
        if _PREVIEWS in request.form:
            return self.preview(visitor, form)
        try:
            wanted = form.wanted()
            if wanted.customer_set is not None:
                MOVES.admit(visitor.caller)
            self.sites.create(visitor.caller, wanted, form.reason)
        except REFUSALS as error:
            return self.table(visitor, form, error)
        return to_page(PATH, done="created")

    def save(self, visitor: Visitor, site_id: int) -> Answer:
        """Save name, hosts and origins, unless somebody else has changed them since the row was opened."""
        form = SiteForm.typed(request.form, site_id)
        if _PREVIEWS in request.form:
            return self.preview(visitor, form)
        try:
            self.sites.change(visitor.caller, site_id, form.wanted(), check=form.refuse_if_changed)
        except SiteChangedMeanwhile as error:
            # What it is now has been shown: saving again is meant.
            return self.table(visitor, replace(form, seen=error.now), error)
        except REFUSALS as error:
            return self.table(visitor, form, error)
        return to_page(PATH, done="saved")

    def preview(self, visitor: Visitor, form: SiteForm) -> Response:
        """Show the row as it was typed, with how the site's pages would look; nothing is saved."""
        try:
            if form.accent_color:
                accent_color(form.accent_color)
        except Invalid as error:
            return self.table(visitor, form, error)
        return self.table(visitor, form)

    def move(self, visitor: Visitor, site_id: int) -> Answer:
        """Rehearse a move to another set; what it costs is shown before it is done ([B] Assign Sites)."""
        held = self.sites.site(visitor.caller.tenant_id, site_id)
        target = request.form.get("customer_set", "").strip().lower()
        changes: list[StructureChange] = [AssignSites(target, (site_id,))]
        if "customers" in request.form:
            changes.append(MoveCustomers(target, from_set=held.customer_set))
        try:
            if target == held.customer_set:
                raise Invalid("customerSet", "The site is in this set. Choose another one.")
            plan = self.sites.regrouping.draft(
                visitor.caller, changes, request.form.get("reason", "")
            )
        except REFUSALS as error:
            return self.table(visitor, SiteForm.of_site(held), error, moving=target or "none")
        return to_page(f"{PLANS}/{plan.id}")

    def _offered(self, tenant_id: int) -> list[CustomerSet]:
        """Return the sets of a drop-down; none where there are too many for one."""
        found = self.sites.customer_sets.structure.customer_sets(tenant_id, [], 0, OFFERED_SETS + 1)
        return found if len(found) <= OFFERED_SETS else []


def add_site_pages(pages: AdminPages, sites: Sites, propagation: Propagation) -> None:
    """Declare the table and what its rows do."""
    own = SitePages(pages, sites, propagation)
    pages.navigation.append(
        NavigationEntry("System › Structure", "Sites", f"/admin{PATH}", Behavior.CUSTOMER_SET_READ)
    )

    @pages.get(PATH, requires=READS)
    def show_sites(visitor: Visitor) -> Answer:
        edited, is_new = request.args.get("edit"), "new" in request.args
        if edited is None and not is_new:
            return own.table(visitor)
        CHANGES.admit(visitor.caller)
        if is_new:
            return own.table(visitor, SiteForm())
        return own.table(
            visitor, SiteForm.of_site(sites.site(visitor.caller.tenant_id, number(edited)))
        )

    @pages.get(f"{PATH}/colours.css", requires=READS)
    def site_colours(visitor: Visitor) -> Answer:  # noqa: ARG001  the colour is in the address
        return preview_style(request.args.get("accent", ""))

    @pages.post(PATH, requires=CHANGES)
    def create_site(visitor: Visitor) -> Answer:
        return own.create(visitor)

    @pages.post(f"{PATH}/<int:site_id>", requires=CHANGES)
    def save_site(visitor: Visitor, site_id: int) -> Answer:
        return own.save(visitor, site_id)

    @pages.post(f"{PATH}/<int:site_id>/move", requires=MOVES)
    def move_site(visitor: Visitor, site_id: int) -> Answer:
        return own.move(visitor, site_id)
