"""Main › Customers › Customers: one customer's page, with General and Additional Settings to be edited ([B]).

Moving one customer to another set is customer service ([B] has a CSR assign the account that an offline order needs),
so it takes the permission to change customers. Structure, which is the administrators', is what sets and sites there
are, and moving customers by the list.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.accounts.account_sessions import AccountSessions
from authsvc.accounts.rules import (
    ChangedMeanwhile,
    CustomerAccount,
    EmailAddressTaken,
    UsernameTaken,
)
from authsvc.accounts.service import Accounts
from authsvc.admin import customer_segments
from authsvc.admin.customer_forms import CustomerForm, NamesHeld, field_of, what_changed
from authsvc.admin.customer_words import told
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.plan_dialogs import REFUSALS
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.credentials.rules import LoginState, NoLogin
from authsvc.credentials.service import Credentials
from authsvc.customer_sets.service import CustomerSets
from authsvc.devices.service import Devices
from authsvc.errors import AuthsvcError, NotFound
from authsvc.listing.paging import START_INDEX_MAX, Page
from authsvc.passkeys.service import Passkeys
from authsvc.recovery.invitations import Invitations
from authsvc.regrouping.customer_history import CustomerHistory
from authsvc.regrouping.plans import Plan, PlanState
from authsvc.regrouping.rules import MoveCustomers
from authsvc.regrouping.service import Regrouping
from authsvc.second_factor.authenticator_apps import AuthenticatorApps
from authsvc.segments.service import Segments

PATH = "/customers"
ONE = f"{PATH}/<account>"
READS = Requires(Behavior.CUSTOMER_READ)
CHANGES = Requires(Behavior.CUSTOMER_UPDATE)

ENTRIES = 20
# Sessions listed; signing out everywhere ends the others too.
SESSIONS = 20
# Contacts listed; who has more is a business with a system of its own for them.
CONTACTS = 20
# Sets in the drop-down; where there are more, the set's code is typed.
OFFERED_SETS = 200

NOTICES = {
    "saved": "Saved. In force everywhere at once.",
    "nothing": "Nothing was different from before, so nothing was changed.",
    "locked": "Locked. All sessions have ended and nobody can sign in, everywhere at once.",
    "unlocked": "Unlocked, and failed tries are forgotten. In force everywhere at once.",
    "required": "The password must be changed before the next sign-in. In force everywhere at once.",
    "not-required": "The password need not be changed any more. In force everywhere at once.",
    "signed-out": "Signed out everywhere. In force at once.",
    "session": "The session has ended, everywhere at once.",
    "passkey": "The passkey is removed, and opens nothing any more. Its holder is told by mail.",
    "factor-reset": "The second factor is taken away, and the customer told by mail. In force everywhere at once.",
    "invited": "A link to choose a password is on its way to the customer's e-mail address.",
    "stays": "The customer stays in the set.",
}


@dataclass(frozen=True, slots=True)
class CustomerDetailPages:
    """The page of one customer; it asks and changes through the use cases that the API has."""

    pages: AdminPages
    accounts: Accounts
    sessions: AccountSessions
    credentials: Credentials
    customer_sets: CustomerSets
    regrouping: Regrouping
    history: CustomerHistory
    segments: Segments
    invitations: Invitations
    devices: Devices
    passkeys: Passkeys
    apps: AuthenticatorApps

    def show(
        self,
        visitor: Visitor,
        account_id: int,
        form: CustomerForm | None = None,
        error: AuthsvcError | None = None,
        notice: str | None = None,
    ) -> Response:
        """Show the customer, with what was typed if it was refused; raises `UnknownAccount`."""
        tenant_id = visitor.caller.tenant_id
        account = self.accounts.account(tenant_id, account_id)
        sessions = self.sessions.signed_in(tenant_id, account_id)
        start = min(number(request.args.get("trail")), START_INDEX_MAX)
        entries, total = self.history.page(tenant_id, account_id, Page(start, ENTRIES))
        structure = self.customer_sets.structure
        sets = structure.customer_sets(tenant_id, [("code", False)], 0, OFFERED_SETS + 1)
        held_in = structure.customer_set(tenant_id, account.customer_set)
        form = form or CustomerForm.of(account)
        app_since = self.apps.standing(tenant_id, account_id).set_up_at
        return self.pages.show(
            "customer.html",
            visitor,
            error,
            notice=notice,
            error_field=field_of(error),
            details=what_changed(form, error) if isinstance(error, ChangedMeanwhile) else [],
            holders=error.holders if isinstance(error, NamesHeld) else (),
            account=account,
            most_contacts=CONTACTS,
            segments=customer_segments.shown(self.segments, tenant_id, account_id),
            form=form.onto(error.now) if isinstance(error, ChangedMeanwhile) else form,
            may_change=Behavior.CUSTOMER_UPDATE in visitor.caller.behaviors
            and account.erased_at is None,
            may_act=Behavior.CUSTOMER_IMPERSONATE in visitor.caller.behaviors and account.is_usable,
            sets=sets,
            set_name=held_in.name if held_in else "",
            offers_sets=len(sets) <= OFFERED_SETS,
            login=self._login(account),
            passkeys=self.passkeys.of_account(tenant_id, account_id),
            second_factor_since=app_since,
            has_second_factor=app_since is not None
            or self.passkeys.store.is_second_factor(tenant_id, account_id),
            sessions=sessions[:SESSIONS],
            session_count=len(sessions),
            devices={one.id: one for one in self.devices.store.of_account(tenant_id, account_id)},
            invites_to=self.invitations.sites_for(account)[:OFFERED_SETS],
            site_names=self._site_names(tenant_id, {one.site_id for one in sessions[:SESSIONS]}),
            entries=[told(account, entry) for entry in entries],
            entry_count=total,
            start=start,
            size=ENTRIES,
        )

    def save(self, visitor: Visitor, account_id: int) -> Answer:
        """Save what was typed, at once; another set is looked at first."""
        caller, form = visitor.caller, CustomerForm.typed(request.form)
        account = self.accounts.account(caller.tenant_id, account_id)
        if customer_segments.pressed(request.form):
            return self._change_segments(visitor, account_id, form)
        try:
            wanted = form.wanted()
            self.accounts.update(caller, account_id, wanted, expected=form.expected())
            if not form.moves:
                return to_page(f"{PATH}/{account_id}", done="saved" if wanted else "nothing")
            move = MoveCustomers(form.values["customer_set"], accounts=(account_id,))
            plan = self.regrouping.draft(caller, [move])
        except (UsernameTaken, EmailAddressTaken) as taken:
            return self.show(visitor, account_id, form, self._held(account, form, taken))
        except REFUSALS as error:
            return self.show(visitor, account_id, form, error)
        query = {"saved": "1"} if wanted else {}
        return to_page(f"{PATH}/{account_id}/plan/{plan.id}", **query)

    def _change_segments(self, visitor: Visitor, account_id: int, form: CustomerForm) -> Answer:
        """Add or remove a segment at once; what else was typed stays typed, and is not saved by it."""
        try:
            told = customer_segments.change(self.segments, visitor.caller, account_id, request.form)
        except REFUSALS as error:
            return self.show(visitor, account_id, form, error)
        return self.show(visitor, account_id, form, notice=told)

    def notice(self, visitor: Visitor, account_id: int) -> str | None:
        """Say what was done just now, and when that is in force."""
        tenant_id = visitor.caller.tenant_id
        if site_id := number(request.args.get("created")):
            return self._created(self.accounts.account(tenant_id, account_id), site_id)
        if plan_id := number(request.args.get("moved")):
            return self._moved(tenant_id, account_id, plan_id)
        return NOTICES.get(request.args.get("done", ""))

    def _created(self, account: CustomerAccount, site_id: int) -> str:
        site = self.customer_sets.structure.site(account.tenant_id, site_id)
        where = (
            f", the set of {site.name}"
            if site and site.customer_set == account.customer_set
            else ""
        )
        told = (
            f"Customer {account.id} is created in the customer set {account.customer_set}{where}."
        )
        return told if account.has_login else f"{told} There is no login yet."

    def _moved(self, tenant_id: int, account_id: int, plan_id: int) -> str | None:
        try:
            plan = self.regrouping.plan(tenant_id, plan_id)
        except NotFound:
            return None
        if plan.state is not PlanState.COMMITTED or move_of(plan, account_id) is None:
            return None
        return " ".join(
            f"Moved from the customer set {pair.from_set} to {pair.to_set}. In force everywhere at once. "
            f"An administrator can roll this back: plan {plan.id}."
            for pair in plan.findings.moves
        )

    def _held(
        self, account: CustomerAccount, form: CustomerForm, taken: AuthsvcError
    ) -> AuthsvcError:
        """Say whose the name is that cannot be taken."""
        return names_held(
            self.accounts,
            account.tenant_id,
            account.customer_set,
            form.values["username"],
            form.values["email_address"],
            taken,
            account.id,
        )

    def _login(self, account: CustomerAccount) -> LoginState | None:
        try:
            return self.credentials.login_state(account.tenant_id, account.id)
        except NoLogin:
            return None

    def _site_names(self, tenant_id: int, site_ids: set[int]) -> dict[int, str]:
        found = {
            site_id: self.customer_sets.structure.site(tenant_id, site_id) for site_id in site_ids
        }
        return {site_id: site.name for site_id, site in found.items() if site}


def names_held(
    accounts: Accounts,
    tenant_id: int,
    customer_set: str,
    username: str,
    email_address: str,
    taken: AuthsvcError,
    besides: int | None = None,
) -> NamesHeld:
    """Return a refusal that names the customers who have the name, for staff who may see them."""
    is_username = isinstance(taken, UsernameTaken)
    holders = accounts.holders(
        tenant_id,
        customer_set,
        username if is_username else None,
        None if is_username else email_address,
    )
    typed = (username or email_address) if is_username else email_address
    return NamesHeld(
        "username" if is_username and username else "email_address",
        typed,
        customer_set,
        [account_id for account_id in holders if account_id != besides],
    )


def move_of(plan: Plan, account_id: int) -> MoveCustomers | None:
    """Return the move of this one customer that a plan is; None for a plan that is anything else."""
    change = plan.changes[0]
    if len(plan.changes) != 1 or not isinstance(change, MoveCustomers):
        return None
    return change if change.accounts == (account_id,) else None


def account_number(text: str) -> int:
    """Return the account an address names; raises `NotFound` for what is no number."""
    account_id = number(text)
    if not account_id:
        raise NotFound("There is no page at this address.")
    return account_id


def add_customer_detail_pages(own: CustomerDetailPages) -> None:
    """Declare the page of a customer, and saving it."""
    pages = own.pages

    @pages.get(ONE, requires=READS)
    def show_customer(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        return own.show(visitor, account_id, notice=own.notice(visitor, account_id))

    @pages.post(ONE, requires=CHANGES)
    def save_customer(visitor: Visitor, account: str) -> Answer:
        return own.save(visitor, account_number(account))
