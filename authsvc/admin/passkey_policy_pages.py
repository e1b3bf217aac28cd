"""System › Structure › Customer Sets › Passkeys: what a set lets passkeys do, and the domain they are made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages
from authsvc.admin.policy_forms import PolicyForm, add_policy_form, chosen
from authsvc.errors import AuthsvcError
from authsvc.passkeys.rules import PasskeyUse

if TYPE_CHECKING:
    from authsvc.passkeys.policies import PasskeyPolicies

_WORDS: Mapping[PasskeyUse, str] = {
    PasskeyUse.OFF: "For nothing",
    PasskeyUse.SECOND_FACTOR: "After the password, as second factor",
    PasskeyUse.SIGN_IN: "In place of the password, and as second factor",
}


def add_passkey_policy_pages(pages: AdminPages, policies: PasskeyPolicies) -> None:
    """Declare the page."""

    def shown(tenant_id: int, code: str, error: AuthsvcError | None) -> Mapping[str, Any]:
        policy = policies.policy(tenant_id, code)
        return {
            "error_field": error.data[0][1] if error is not None and error.data else "use",
            "policy": policy,
            "use": request.form.get("use", policy.use),
            "domain": request.form.get("relyingPartyId", policy.relying_party),
            "words": [(each.value, told) for each, told in _WORDS.items()],
        }

    def save(visitor: Visitor, code: str) -> None:
        domain = request.form.get("relyingPartyId", "").strip()
        policies.set_policy(visitor.caller, code, chosen(PasskeyUse, "use"), domain or None)

    add_policy_form(pages, PolicyForm("passkeys", "passkey_policy.html", shown, save))
