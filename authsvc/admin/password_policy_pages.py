"""System › Structure › Customer Sets › Passwords: what a set asks of new ones, and the merchant's own verifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.admin.customer_set_pages import CHANGES, PATH
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.credentials.password_policy import MINIMUM_LENGTH_LIMIT, PasswordPolicy
from authsvc.errors import AuthsvcError, Invalid

if TYPE_CHECKING:
    from authsvc.credentials.policies import PasswordPolicies
    from authsvc.password_verifiers.service import PasswordVerifiers

# Its number, as typed → the policy's part, and what the page calls it.
_NUMBERS = {
    "minimum_length": "Characters",
    "minimum_digits": "Of which digits",
    "minimum_letters": "Of which letters",
}
_FIELDS = {
    "minimumLength": "minimum_length",
    "minimumDigits": "minimum_digits",
    "minimumLetters": "minimum_letters",
    "url": "url",
}


@dataclass(frozen=True, slots=True)
class PasswordPolicyPages:
    """The pages; what they do is done by the use cases."""

    pages: AdminPages
    policies: PasswordPolicies
    verifiers: PasswordVerifiers

    def page(
        self,
        visitor: Visitor,
        code: str,
        error: AuthsvcError | None = None,
        secret: str | None = None,
    ) -> Response:
        """Show what a set asks, or what was typed and refused. `secret`: of the verifier, shown this once."""
        tenant_id = visitor.caller.tenant_id
        policy = self.policies.policy(tenant_id, code)
        typed = error is not None and "minimum_length" in request.form
        return self.pages.show(
            "password_policy.html",
            visitor,
            error,
            code=code,
            numbers=[
                (name, label, request.form.get(name) if typed else getattr(policy, name))
                for name, label in _NUMBERS.items()
            ],
            refuses_common="refuses_common" in request.form if typed else policy.refuses_common,
            refuses_similar="refuses_similar" in request.form if typed else policy.refuses_similar,
            most=MINIMUM_LENGTH_LIMIT,
            requirement=policy.requirement,
            verifier=self.verifiers.verifier(tenant_id),
            url=request.form.get("url", ""),
            secret=secret,
            error_field=_field(error),
            notice="The rule is saved; it holds for passwords chosen from now on."
            if "done" in request.args and error is None
            else None,
        )

    def save(self, visitor: Visitor, code: str) -> Answer:
        """Save what was typed."""
        try:
            self.policies.set_policy(visitor.caller, code, _typed())
        except Invalid as error:
            return self.page(visitor, code, error)
        return to_page(f"{PATH}/set/{code}/passwords", done="1")

    def name_verifier(self, visitor: Visitor, code: str) -> Answer:
        """Name the tenant's verifier, or do without; its secret is shown at once, and never again."""
        try:
            if "remove" in request.form:
                self.verifiers.remove(visitor.caller)
                return self.page(visitor, code)
            secret = self.verifiers.set(visitor.caller, request.form.get("url", ""))
        except Invalid as error:
            return self.page(visitor, code, error)
        return self.page(visitor, code, secret=secret)


def add_password_policy_pages(
    pages: AdminPages, policies: PasswordPolicies, verifiers: PasswordVerifiers
) -> None:
    """Declare the page and what its two forms are sent to."""
    own = PasswordPolicyPages(pages, policies, verifiers)

    @pages.get(f"{PATH}/set/<code>/passwords", requires=CHANGES)
    def show_password_policy(visitor: Visitor, code: str) -> Answer:
        return own.page(visitor, code)

    @pages.post(f"{PATH}/set/<code>/passwords", requires=CHANGES)
    def save_password_policy(visitor: Visitor, code: str) -> Answer:
        return own.save(visitor, code)

    @pages.post(f"{PATH}/set/<code>/password-verifier", requires=CHANGES)
    def save_password_verifier(visitor: Visitor, code: str) -> Answer:
        return own.name_verifier(visitor, code)


def _typed() -> PasswordPolicy:
    def count(name: str, parameter: str) -> int:
        text = request.form.get(name, "").strip()
        if not (text.isascii() and text.isdigit() and len(text) <= 3):
            raise Invalid(parameter, "Give a number.")
        return int(text)

    return PasswordPolicy(
        count("minimum_length", "minimumLength"),
        count("minimum_digits", "minimumDigits"),
        count("minimum_letters", "minimumLetters"),
        "refuses_common" in request.form,
        "refuses_similar" in request.form,
    )


def _field(error: AuthsvcError | None) -> str:
    """Return the id of the field that an error is about, for the link in the summary."""
    return _FIELDS.get(error.data[0][1], "") if error is not None and error.data else ""
