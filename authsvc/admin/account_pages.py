"""Home, and one's own account: sessions, password, second factor."""

from __future__ import annotations

from flask import Response, request

from authsvc.admin.browser_names import browser_name
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.password_pages import REFUSALS
from authsvc.admin.password_pages import change_password as change
from authsvc.admin.sign_in_pages import signed_out
from authsvc.errors import AuthsvcError
from authsvc.staff.rules import PASSWORD_MINIMUM_LENGTH
from authsvc.staff.second_factor import SecondFactors
from authsvc.staff.service import StaffUsers
from authsvc.staff.sign_in import StaffSignIn

_NOTICES = {
    "password": "Your password is changed. All your other sessions have ended.",
    "session": "The session has ended.",
}


def add_account_pages(
    pages: AdminPages, users: StaffUsers, sign_in: StaffSignIn, factors: SecondFactors
) -> None:
    """Declare the pages."""

    @pages.get("/")
    def home(visitor: Visitor) -> Answer:
        return pages.show("home.html", visitor)

    def account_page(visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        return pages.show(
            "account.html",
            visitor,
            error,
            notice=_NOTICES.get(request.args.get("done", "")),
            browser_name=browser_name,
            sessions=sign_in.open_sessions(visitor.session),
            recovery_codes_left=factors.recovery_codes_left(visitor.session),
            password_minimum_length=PASSWORD_MINIMUM_LENGTH,
        )

    @pages.get("/account")
    def account(visitor: Visitor) -> Answer:
        return account_page(visitor)

    @pages.post("/account/password")
    def change_password(visitor: Visitor) -> Answer:
        try:
            change(users, visitor)
        except REFUSALS as error:
            return account_page(visitor, error)
        return to_page("/account", done="password")

    @pages.post("/account/sessions/end")
    def end_session(visitor: Visitor) -> Answer:
        chosen = request.form.get("session", "")
        sign_in.end_session(visitor.caller, visitor.session, chosen)
        if chosen == visitor.session.session.id:
            return signed_out("signed-out")
        return to_page("/account", done="session")

    @pages.post("/account/sessions/end-all")
    def sign_out_everywhere(visitor: Visitor) -> Answer:
        sign_in.end_everywhere(visitor.caller, visitor.session)
        return signed_out("everywhere")
