"""System › Structure › Customer Sets › Second factor: when a set asks for more than the password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.admin.customer_set_pages import CHANGES, PATH
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.errors import AuthsvcError, Invalid
from authsvc.mail.rules import NoMail
from authsvc.second_factor.rules import Policy, Requirement

if TYPE_CHECKING:
    from authsvc.second_factor.policies import SecondFactorPolicies

_PAGE = f"{PATH}/set/<code>/second-factor"
_WORDS: Mapping[Requirement, str] = {
    Requirement.OFF: "Never",
    Requirement.OFFERED: "Of customers who have set up an authenticator app, as they may",
    Requirement.NEW_DEVICE: "On a new device",
    Requirement.CHANGE_OF_REGION: "In another region than the last time",
    Requirement.NEW_DEVICE_OR_REGION: "On a new device or in another region",
    Requirement.ALWAYS: "Always",
}


def add_second_factor_policy_pages(pages: AdminPages, policies: SecondFactorPolicies) -> None:
    """Declare the page and what its form is sent to."""

    def page(visitor: Visitor, code: str, error: AuthsvcError | None = None) -> Response:
        policy = policies.policy(visitor.caller.tenant_id, code)
        is_done = "done" in request.args and error is None
        return pages.show(
            "second_factor_policy.html",
            visitor,
            error,
            code=code,
            policy=policy,
            words=[(each.value, told) for each, told in _WORDS.items()],
            notice="Saved; it holds from the next sign-in on." if is_done else None,
        )

    @pages.get(_PAGE, requires=CHANGES)
    def show_second_factor_policy(visitor: Visitor, code: str) -> Answer:
        return page(visitor, code)

    @pages.post(_PAGE, requires=CHANGES)
    def save_second_factor_policy(visitor: Visitor, code: str) -> Answer:
        try:
            policies.set_policy(visitor.caller, code, _typed())
        except (Invalid, NoMail) as error:
            return page(visitor, code, error)
        return to_page(f"{PATH}/set/{code}/second-factor", done="1")


def _typed() -> Policy:
    try:
        requirement = Requirement(request.form.get("requirement", ""))
    except ValueError:
        raise Invalid("requirement", "Choose one of the list.") from None
    return Policy(requirement, "sign_in_codes" in request.form)
