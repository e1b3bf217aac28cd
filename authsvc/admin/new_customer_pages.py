"""Creating a customer for a site: the page says which set that puts the customer in, before and after ([A], rule 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request
from werkzeug.datastructures import MultiDict

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.accounts.service import Accounts
from authsvc.admin.customer_detail_pages import PATH, names_held
from authsvc.admin.customer_forms import FLAGS, TEXTS, YES, NamesHeld, field_of, refuse_unkeepable
from authsvc.admin.customer_set_forms import OFFERED_SITES
from authsvc.admin.login_manager import Visitor
from authsvc.admin.offline_order_pages import order_for
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.rules import Site, UnknownSite
from authsvc.customer_sets.service import CustomerSets
from authsvc.errors import AuthsvcError, Conflict, Invalid, NotFound, Unavailable
from authsvc.login.on_behalf import OnBehalf
from authsvc.login.rules import Enrolment
from authsvc.recovery.invitations import Invitations

CREATES = Requires(Behavior.CUSTOMER_CREATE)
# [B] stars these in the General section.
_NEEDED = {"first_name": "first name", "last_name": "last name", "email_address": "e-mail address"}
_REFUSALS = (Invalid, Conflict, NotFound, Unavailable)


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What stands in the form. `find`: part of a site's name, where there are too many to choose from.

    `for_order`: an offline order of the site awaits the customer. `invited`: a link to choose a password is mailed.
    """

    values: Mapping[str, str]
    site_id: int
    password: str
    find: str
    for_order: bool
    invited: bool

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> NewCustomer:
        """Read what a browser sends."""
        return cls(
            {name: form.get(name, "").strip() for name in (*TEXTS, *FLAGS)},
            number(form.get("site")),
            form.get("password", ""),
            form.get("find", "").strip(),
            form.get("order") == YES,
            form.get("invite") == YES,
        )

    def enrolment(self) -> Enrolment:
        """Return what is to be enrolled; raises `Invalid` for what is missing or what no store can keep."""
        for name in TEXTS:
            refuse_unkeepable(name, self.values[name])
        for name, called in _NEEDED.items():
            if not self.values[name]:
                raise Invalid(name, f"Give the customer's {called}.")
        fields: dict[str, object] = {name: self.values[name] for name in TEXTS if self.values[name]}
        fields |= {name: self.values[name] == YES for name in FLAGS}
        return Enrolment(fields, self.password or None)


@dataclass(frozen=True, slots=True)
class NewCustomerPages:
    """The page; it creates through the use case that keeps the rules."""

    pages: AdminPages
    on_behalf: OnBehalf
    accounts: Accounts
    customer_sets: CustomerSets
    invitations: Invitations

    def show(
        self, visitor: Visitor, form: NewCustomer, error: AuthsvcError | None = None
    ) -> Response:
        """Show the form with what was typed, but for the password, which no page repeats."""
        sites = self.customer_sets.sites(visitor.caller.tenant_id)
        chosen = next((site for site in sites if site.id == form.site_id), None)
        return self.pages.show(
            "new_customer.html",
            visitor,
            error,
            error_field=field_of(error),
            holders=error.holders if isinstance(error, NamesHeld) else (),
            form=form,
            chosen=chosen,
            sites=_offered(sites, chosen, form.find),
            finds=len(sites) > OFFERED_SITES,
            invites=self.invitations.links.mails.is_offered,
        )

    def create(self, visitor: Visitor) -> Answer:
        """Create the customer, and lead to it."""
        caller, form = visitor.caller, NewCustomer.typed(request.form)
        if request.form.get("action") == "find":
            return self.show(visitor, form)
        try:
            if not form.site_id:
                raise Invalid("site", "Choose the site the customer is created for.")
            create = self.invitations.create_and_invite if form.invited else self.on_behalf.create
            made = create(caller, form.site_id, form.enrolment())
        except (UsernameTaken, EmailAddressTaken) as taken:
            return self.show(visitor, form, self._held(visitor, form, taken))
        except _REFUSALS as error:
            return self.show(visitor, form, error)
        if form.for_order:
            return to_page(order_for(form.site_id, made.id), created=YES)
        return to_page(f"{PATH}/{made.id}", created=str(form.site_id))

    def _held(self, visitor: Visitor, form: NewCustomer, taken: AuthsvcError) -> AuthsvcError:
        site = self.customer_sets.structure.site(visitor.caller.tenant_id, form.site_id)
        if site is None:
            return UnknownSite(f"There is no site {form.site_id}.")
        return names_held(
            self.accounts,
            site.tenant_id,
            site.customer_set,
            form.values["username"],
            form.values["email_address"],
            taken,
        )


def add_new_customer_pages(pages: AdminPages, invitations: Invitations) -> None:
    """Declare the form and creating."""
    on_behalf = invitations.on_behalf
    accounts, customer_sets = on_behalf.enrolling.accounts, on_behalf.customer_sets
    own = NewCustomerPages(pages, on_behalf, accounts, customer_sets, invitations)

    @pages.get(f"{PATH}/new", requires=CREATES)
    def show_new_customer(visitor: Visitor) -> Answer:
        return own.show(visitor, NewCustomer.typed(request.args))

    @pages.post(f"{PATH}/new", requires=CREATES)
    def create_customer(visitor: Visitor) -> Answer:
        return own.create(visitor)


def _offered(sites: Sequence[Site], chosen: Site | None, find: str) -> list[Site]:
    """List the sites to choose from by name: the chosen one, and those whose name has what is looked for."""
    wanted = find.casefold()
    found = [site for site in sites if wanted in site.name.casefold() and site != chosen]
    listed = sorted(found, key=lambda site: site.name.casefold())[:OFFERED_SITES]
    return [chosen, *listed] if chosen else listed
