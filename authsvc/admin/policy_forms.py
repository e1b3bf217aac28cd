"""Pages that say one thing of a customer set, by one form: shown, saved, and shown again with what was wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Response, request

from authsvc.admin.customer_set_pages import CHANGES, PATH
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.errors import AuthsvcError, Invalid

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """One such page, at `path` behind the set's own address.

    `shown`: (tenant, set, why what was typed was refused) → what the template shows. `save`: takes what was typed.
    """

    path: str
    template: str
    shown: Callable[[int, str, AuthsvcError | None], Mapping[str, Any]]
    save: Callable[[Visitor, str], None]
    refuses: tuple[type[AuthsvcError], ...] = (Invalid,)


def add_policy_form(pages: AdminPages, form: PolicyForm) -> None:
    """Declare the page and what its form is sent to."""
    address = f"{PATH}/set/<code>/{form.path}"

    def page(visitor: Visitor, code: str, error: AuthsvcError | None = None) -> Response:
        is_done = "done" in request.args and error is None
        return pages.show(
            form.template,
            visitor,
            error,
            code=code,
            notice="Saved; it holds from the next sign-in on." if is_done else None,
            **form.shown(visitor.caller.tenant_id, code, error),
        )

    def show(visitor: Visitor, code: str) -> Answer:
        return page(visitor, code)

    def save(visitor: Visitor, code: str) -> Answer:
        try:
            form.save(visitor, code)
        except form.refuses as error:
            return page(visitor, code, error)
        return to_page(f"{PATH}/set/{code}/{form.path}", done="1")

    for declare, view in ((pages.get, show), (pages.post, save)):
        view.__name__ = f"{view.__name__} {form.path}"
        declare(address, requires=CHANGES)(view)


def chosen(choices: type[Choice], name: str) -> Choice:
    """Return what was chosen from a list; raises `Invalid`."""
    try:
        return choices(request.form.get(name, ""))
    except ValueError:
        raise Invalid(name, "Choose one of the list.") from None
