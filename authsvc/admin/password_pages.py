"""Choosing one's own password, before anything else where somebody gave out the present one."""

from __future__ import annotations

from flask import Response, jsonify, request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Access, AdminPages, Answer
from authsvc.admin.return_address import own_page
from authsvc.admin.sign_in_pages import through, with_token
from authsvc.credentials.password_strength import WORDS
from authsvc.errors import AuthsvcError, Invalid, TooMany, Unavailable
from authsvc.staff.rules import PASSWORD_MINIMUM_LENGTH
from authsvc.staff.service import StaffUsers, advise
from authsvc.staff.sign_in import StaffSignIn
from authsvc.web.error_pages import sentence

REFUSALS = (Invalid, TooMany, Unavailable)


class Mistyped(Invalid):
    """The new password was not typed the same twice."""

    def __init__(self) -> None:
        """Say which fields differ."""
        super().__init__("newPassword", "The new password and its repetition differ.")


def change_password(users: StaffUsers, visitor: Visitor) -> None:
    """Change the visitor's password as the form says; raises one of `REFUSALS`."""
    new = request.form.get("new_password", "")
    if new != request.form.get("repeated_password", ""):
        raise Mistyped
    users.change_password(
        visitor.caller, visitor.session, request.form.get("current_password", ""), new
    )


def add_password_pages(pages: AdminPages, users: StaffUsers, sign_in: StaffSignIn) -> None:
    """Declare the page between signing in and everything else."""

    def password_page(visitor: Visitor, error: AuthsvcError | None = None) -> Response:
        return pages.show(
            "password.html",
            visitor,
            error,
            next=own_page(request.values.get("next")),
            password_minimum_length=PASSWORD_MINIMUM_LENGTH,
        )

    @pages.get("/password", Access.CHANGES_PASSWORD)
    def own_password(visitor: Visitor) -> Answer:
        return password_page(visitor)

    @pages.post("/password", Access.CHANGES_PASSWORD)
    def choose_own_password(visitor: Visitor) -> Answer:
        try:
            change_password(users, visitor)
        except REFUSALS as error:
            return password_page(visitor, error)
        return through(with_token(sign_in, visitor, visitor.token))

    @pages.post("/password/strength", Access.ANY_SESSION)
    def password_strength(visitor: Visitor) -> Answer:
        told = advise(request.form.get("password", ""), visitor.session.user.username_key)
        if told is None:
            return Response(status=204)
        text = WORDS[told.score] if told.refusal is None else sentence(told.refusal)
        return jsonify(score=told.score, text=text)
