"""System › Structure › Customer Sets › Second factor: when a set asks for more than the password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages
from authsvc.admin.policy_forms import PolicyForm, add_policy_form, chosen
from authsvc.errors import AuthsvcError, Invalid
from authsvc.mail.rules import NoMail
from authsvc.second_factor.rules import Policy, Requirement

if TYPE_CHECKING:
    from authsvc.second_factor.policies import SecondFactorPolicies

_WORDS: Mapping[Requirement, str] = {
    Requirement.OFF: "Never",
    Requirement.OFFERED: "Of customers who have set up an authenticator app, as they may",
    Requirement.NEW_DEVICE: "On a new device",
    Requirement.CHANGE_OF_REGION: "In another region than the last time",
    Requirement.NEW_DEVICE_OR_REGION: "On a new device or in another region",
    Requirement.ALWAYS: "Always",
}


def add_second_factor_policy_pages(pages: AdminPages, policies: SecondFactorPolicies) -> None:
    """Declare the page."""

    def shown(tenant_id: int, code: str, error: AuthsvcError | None) -> Mapping[str, Any]:  # noqa: ARG001  as all such forms
        return {
            "policy": policies.policy(tenant_id, code),
            "words": [(each.value, told) for each, told in _WORDS.items()],
        }

    def save(visitor: Visitor, code: str) -> None:
        asked = Policy(chosen(Requirement, "requirement"), "sign_in_codes" in request.form)
        policies.set_policy(visitor.caller, code, asked)

    add_policy_form(
        pages,
        PolicyForm("second-factor", "second_factor_policy.html", shown, save, (Invalid, NoMail)),
    )
