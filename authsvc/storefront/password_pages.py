"""Passwords on shoppers' pages: told how strong one is while it is typed, and changed by who knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, jsonify, request

from authsvc.contacts.rules import LONGEST_TEXT
from authsvc.credentials.password_strength import WORDS
from authsvc.credentials.policies import known_of
from authsvc.credentials.rules import WrongPassword
from authsvc.errors import AuthsvcError, Invalid, TooMany, Unavailable
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.own_forms import saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of
from authsvc.web.error_pages import sentence

if TYPE_CHECKING:
    from authsvc.credentials.policies import PasswordPolicies
    from authsvc.credentials.service import Credentials

CHANGE = "/my-account/password"
STRENGTH = "/password/strength"
# Names that the form may bring along.
_NAMES = ("email", "username", "first_name", "last_name")
_REFUSALS = (Invalid, TooMany, Unavailable)


class WrongCurrentPassword(Invalid):
    """The present password, asked for again, was wrong."""

    def __init__(self) -> None:
        """Say which of the two is meant."""
        super().__init__("current_password", "The current password is wrong.")


@dataclass(frozen=True, slots=True)
class PasswordPages:
    """The pages; what they do is done by the use cases."""

    pages: StorefrontPages
    credentials: Credentials

    @property
    def policies(self) -> PasswordPolicies:
        """What the sets ask of passwords."""
        return self.credentials.policies

    def form(
        self, place: Place, visitor: ShopperVisitor, error: AuthsvcError | None = None
    ) -> Response:
        """Ask for the present password and a new one."""
        account = self.credentials.accounts.account(place.tenant.id, visitor.account_id)
        policy = self.policies.policy(place.tenant.id, place.details.customer_set)
        wrong = "current_password" if isinstance(error, WrongCurrentPassword) else "password"
        return self.pages.show(
            "change_password.html",
            place,
            error,
            with_script=True,
            error_field=wrong,
            username=account.username,
            requirement=policy.requirement,
        )

    def change(self, place: Place, visitor: ShopperVisitor) -> Answer:
        """Replace the password; this browser stays signed in, all others do not."""
        given = request.form
        try:
            try:
                self.credentials.change_password(
                    caller_of(request, place, visitor),
                    visitor.account_id,
                    given.get("current_password", ""),
                    given.get("password", ""),
                )
            except WrongPassword:
                raise WrongCurrentPassword from None
        except _REFUSALS as error:
            return self.form(place, visitor, error)
        return saved(place, "password")

    def strength(self, place: Place, visitor: ShopperVisitor | None) -> Response:
        """Tell of a password that is being typed what will be said of it; nothing of it is kept or written down."""
        names = [request.form.get(name, "")[:LONGEST_TEXT] for name in _NAMES]
        if visitor is not None:
            account = self.credentials.accounts.account(place.tenant.id, visitor.account_id)
            names.extend(known_of(account))
        told = self.policies.advise(
            place.tenant.id, place.details.customer_set, request.form.get("password", ""), names
        )
        if told is None:
            return Response(status=204)
        text = WORDS[told.score] if told.refusal is None else sentence(told.refusal)
        return jsonify(score=told.score, text=text)


def add_password_pages(own: PasswordPages) -> None:
    """Declare the pages."""
    pages = own.pages

    @pages.own_page(CHANGE)
    def change_password(place: Place, visitor: ShopperVisitor) -> Answer:
        return own.form(place, visitor)

    @pages.own_form(CHANGE)
    def save_password(place: Place, visitor: ShopperVisitor) -> Answer:
        refuse_acting(visitor)
        return own.change(place, visitor)

    @pages.post(STRENGTH)
    def password_strength(place: Place, visitor: ShopperVisitor | None) -> Answer:
        return own.strength(place, visitor)
