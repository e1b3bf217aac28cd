"""System › Structure › Customer Sets › E-mail confirmation: whether new customers confirm their address by a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages
from authsvc.admin.policy_forms import PolicyForm, add_policy_form, chosen
from authsvc.errors import AuthsvcError, Invalid
from authsvc.mail.rules import NoMail
from authsvc.recovery.verification import VerificationPolicy

if TYPE_CHECKING:
    from authsvc.recovery.verification import EmailVerification

_WORDS: Mapping[VerificationPolicy, str] = {
    VerificationPolicy.OFF: "No",
    VerificationPolicy.LATER: "Yes, and they are signed in meanwhile",
    VerificationPolicy.REQUIRED: "Yes, and nobody is signed in before",
}


def add_email_confirmation_pages(pages: AdminPages, verification: EmailVerification) -> None:
    """Declare the page."""

    def shown(tenant_id: int, code: str, error: AuthsvcError | None) -> Mapping[str, Any]:  # noqa: ARG001  as all such forms
        return {
            "policy": verification.policy(tenant_id, code),
            "words": [(each.value, told) for each, told in _WORDS.items()],
        }

    def save(visitor: Visitor, code: str) -> None:
        verification.set_policy(visitor.caller, code, chosen(VerificationPolicy, "policy"))

    add_policy_form(
        pages,
        PolicyForm("email-confirmation", "email_confirmation.html", shown, save, (Invalid, NoMail)),
    )
