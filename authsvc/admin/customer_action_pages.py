"""What is done to a customer's login and sessions from the customer's page: each a button, in force at once."""

from __future__ import annotations

from flask import request

from authsvc.admin.customer_detail_pages import (
    CHANGES,
    ONE,
    PATH,
    CustomerDetailPages,
    account_number,
)
from authsvc.admin.customer_passkey_pages import add_customer_passkey_pages
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Answer, to_page
from authsvc.admin.typed_numbers import number
from authsvc.errors import AuthsvcError, Conflict, Invalid, NotFound


def add_customer_action_pages(own: CustomerDetailPages) -> None:
    """Declare what the buttons do."""
    add_customer_passkey_pages(own)
    pages = own.pages
    _add_second_factor_reset(own)

    def done(account_id: int, what: str) -> Answer:
        return to_page(f"{PATH}/{account_id}", done=what)

    @pages.post(f"{ONE}/lock", requires=CHANGES)
    def lock_customer(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        own.credentials.set_locked(visitor.caller, account_id, locked=True)
        return done(account_id, "locked")

    @pages.post(f"{ONE}/unlock", requires=CHANGES)
    def unlock_customer(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        own.credentials.set_locked(visitor.caller, account_id, locked=False)
        return done(account_id, "unlocked")

    @pages.post(f"{ONE}/password-change", requires=CHANGES)
    def require_password_change(visitor: Visitor, account: str) -> Answer:
        account_id, is_required = account_number(account), request.form.get("required") == "Y"
        own.credentials.set_must_change(visitor.caller, account_id, must_change=is_required)
        return done(account_id, "required" if is_required else "not-required")

    @pages.post(f"{ONE}/sign-out", requires=CHANGES)
    def sign_customer_out(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        own.sessions.end_everywhere(visitor.caller, account_id)
        return done(account_id, "signed-out")

    @pages.post(f"{ONE}/invite", requires=CHANGES)
    def invite_customer(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        try:
            own.invitations.invite(visitor.caller, account_id, number(request.form.get("site")))
        except (Conflict, NotFound, Invalid) as error:
            return own.show(visitor, account_id, error=error)
        return done(account_id, "invited")

    @pages.post(f"{ONE}/sessions/end", requires=CHANGES)
    def end_customer_session(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        try:
            own.sessions.end(visitor.caller, account_id, request.form.get("session", ""))
        except NotFound as error:
            return _gone(own, visitor, account_id, error)
        return done(account_id, "session")


def _add_second_factor_reset(own: CustomerDetailPages) -> None:
    @own.pages.post(f"{ONE}/second-factor/reset", requires=CHANGES)
    def reset_customer_second_factor(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        try:
            own.apps.reset(visitor.caller, account_id)
        except Conflict as error:
            return own.show(visitor, account_id, error=error)
        return to_page(f"{PATH}/{account_id}", done="factor-reset")


def _gone(
    own: CustomerDetailPages, visitor: Visitor, account_id: int, error: AuthsvcError
) -> Answer:
    """Show the customer as it is now; what was to be ended has ended by itself."""
    return own.show(visitor, account_id, error=error)
