"""System › Staff: who may sign in here, made with a password shown once, and looked after by administrators."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry, to_page
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError, Conflict, Invalid, Unavailable
from authsvc.staff.rules import OwnStaffUser, Role, StaffUser
from authsvc.staff.second_factor import SecondFactors
from authsvc.staff.service import StaffUsers

PATH = "/staff"
REQUIRES = Requires(Behavior.STAFF_UPDATE)
# What each role may do, for whoever chooses one.
ROLES = (
    (Role.ADMINISTRATOR, "Administrator", "sites, customer sets, customers and staff"),
    (Role.CUSTOMER_SERVICE, "Customer service", "customers"),
    (Role.AUDITOR, "Auditor", "sees everything and changes nothing"),
)
_NOTICES = {
    "role": "The role is changed. It counts from the next page on.",
    "lock": "Locked, and signed out everywhere.",
    "unlock": "May sign in again.",
    "second-factor": "The second factor is gone. Another one is set up at the next sign-in.",
    "sign-out": "Signed out everywhere.",
}


@dataclass(frozen=True, slots=True)
class StaffPages:
    """The pages; each asks and changes through the use cases that the CLI has."""

    pages: AdminPages
    users: StaffUsers
    factors: SecondFactors

    def new(self, visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        """Show the form of a new staff user, with what was typed."""
        return self.pages.show(
            "staff_new.html",
            visitor,
            error,
            roles=ROLES,
            username=request.form.get("username", ""),
            role=request.form.get("role", Role.CUSTOMER_SERVICE.value),
            must_enrol="must_enrol" in request.form,
        )

    def create(self, visitor: Visitor) -> Answer:
        """Make a staff user, and show the password this once."""
        try:
            user, password = self.users.create(
                visitor.caller,
                request.form.get("username", ""),
                _role(),
                must_enrol="must_enrol" in request.form,
                must_change=True,
            )
        except (Invalid, Conflict, Unavailable) as error:
            return self.new(visitor, error)
        return self.password(visitor, user, password)

    def password(self, visitor: Visitor, user: StaffUser, password: str) -> Response:
        """Show a password, which is nowhere to be read again."""
        return self.pages.show("staff_password.html", visitor, member=user, password=password)

    def one(
        self, visitor: Visitor, staff_user_id: int, error: AuthsvcError | None = None
    ) -> Response:
        """Show a staff user and what can be done; raises `UnknownStaffUser`, `OwnStaffUser`."""
        return self.pages.show(
            "staff_member.html",
            visitor,
            error,
            notice=_NOTICES.get(request.args.get("done", "")) if error is None else None,
            member=self.users.other(visitor.caller, staff_user_id),
            roles=ROLES,
        )

    def do(self, visitor: Visitor, staff_user_id: int, action: str) -> Answer:
        """Do what a button of that page says; raises `UnknownStaffUser`, `OwnStaffUser`."""
        caller, user = visitor.caller, self.users.other(visitor.caller, staff_user_id)
        match action:
            case "role":
                try:
                    self.users.set_role(caller, user.username, _role())
                except Invalid as error:
                    return self.one(visitor, staff_user_id, error)
            case "lock" | "unlock":
                self.users.set_active(caller, user.username, active=action == "unlock")
            case "second-factor":
                self.factors.reset(caller, user.username)
            case "sign-out":
                self.users.sign_out_everywhere(caller, user.username)
            case _:
                password = self.users.reset_password(caller, user.username, must_change=True)
                return self.password(visitor, user, password)
        return to_page(f"{PATH}/{user.id}", done=action)


def add_staff_pages(pages: AdminPages, users: StaffUsers, factors: SecondFactors) -> None:
    """Declare the list, a staff user's page, and what its buttons do."""
    own = StaffPages(pages, users, factors)
    pages.navigation.append(
        NavigationEntry("System", "Staff", f"/admin{PATH}", Behavior.STAFF_UPDATE)
    )

    @pages.get(PATH, requires=REQUIRES)
    def show_staff(visitor: Visitor) -> Answer:
        return pages.show(
            "staff.html",
            visitor,
            staff=users.users(visitor.caller.tenant_id),
            role_names={role: name for role, name, _ in ROLES},
        )

    @pages.get(f"{PATH}/new", requires=REQUIRES)
    def new_staff_user(visitor: Visitor) -> Answer:
        return own.new(visitor)

    @pages.post(f"{PATH}/new", requires=REQUIRES)
    def create_staff_user(visitor: Visitor) -> Answer:
        return own.create(visitor)

    @pages.get(f"{PATH}/<int:staff_user_id>", requires=REQUIRES)
    def show_staff_user(visitor: Visitor, staff_user_id: int) -> Answer:
        try:
            return own.one(visitor, staff_user_id)
        except OwnStaffUser:
            return to_page("/account")

    for action in (*_NOTICES, "password"):
        _declare_action(own, action)


def _declare_action(own: StaffPages, action: str) -> None:
    def act(visitor: Visitor, staff_user_id: int) -> Answer:
        return own.do(visitor, staff_user_id, action)

    act.__name__ = f"staff_user_{action.replace('-', '_')}"
    own.pages.post(f"{PATH}/<int:staff_user_id>/{action}", requires=REQUIRES)(act)


def _role() -> Role:
    """Return the chosen role; raises `Invalid`."""
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise Invalid("role", "Choose one of the roles.") from None
