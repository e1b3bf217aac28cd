"""System › Structure › Customer Sets › Passkeys: what a set lets passkeys do, and the domain they are made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.admin.customer_set_pages import CHANGES, PATH
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.errors import AuthsvcError, Invalid
from authsvc.passkeys.rules import PasskeyUse

if TYPE_CHECKING:
    from authsvc.passkeys.policies import PasskeyPolicies

_PAGE = f"{PATH}/set/<code>/passkeys"
_WORDS: Mapping[PasskeyUse, str] = {
    PasskeyUse.OFF: "For nothing",
    PasskeyUse.SECOND_FACTOR: "After the password, as second factor",
    PasskeyUse.SIGN_IN: "In place of the password, and as second factor",
}


def add_passkey_policy_pages(pages: AdminPages, policies: PasskeyPolicies) -> None:
    """Declare the page and what its form is sent to."""

    def page(visitor: Visitor, code: str, error: AuthsvcError | None = None) -> Response:
        policy = policies.policy(visitor.caller.tenant_id, code)
        is_done = "done" in request.args and error is None
        return pages.show(
            "passkey_policy.html",
            visitor,
            error,
            error_field=error.data[0][1] if error is not None and error.data else "use",
            code=code,
            policy=policy,
            use=request.form.get("use", policy.use),
            domain=request.form.get("relyingPartyId", policy.relying_party),
            words=[(each.value, told) for each, told in _WORDS.items()],
            notice="Saved; it holds from the next sign-in on." if is_done else None,
        )

    @pages.get(_PAGE, requires=CHANGES)
    def show_passkey_policy(visitor: Visitor, code: str) -> Answer:
        return page(visitor, code)

    @pages.post(_PAGE, requires=CHANGES)
    def save_passkey_policy(visitor: Visitor, code: str) -> Answer:
        try:
            use, domain = _typed()
            policies.set_policy(visitor.caller, code, use, domain or None)
        except Invalid as error:
            return page(visitor, code, error)
        return to_page(f"{PATH}/set/{code}/passkeys", done="1")


def _typed() -> tuple[PasskeyUse, str]:
    try:
        use = PasskeyUse(request.form.get("use", ""))
    except ValueError:
        raise Invalid("use", "Choose one of the list.") from None
    return use, request.form.get("relyingPartyId", "").strip()
