"""Every admin page there is to see: who sees it and at which address, in one example merchant.

`test_every_page.py` holds this list against the application's own map of addresses, so that no page is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from playwright.sync_api import Browser, Page

from authsvc.admin.cookies import SESSION
from authsvc.regrouping.rules import AssignSites, DeleteSet, EditSet
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.browser.shops import Served, Shop, new_context
from tests.staff.people import PASSWORD, check, enrol, hire, sign_in


class Who(Enum):
    """Whose window it is."""

    NOBODY = "who has not signed in"
    ADMINISTRATOR = "an administrator without a second factor"
    CUSTOMER_SERVICE = "customer service"
    AUDITOR = "an auditor"
    SETTING_UP = "an administrator who is setting up a second factor"
    WITH_SECOND_FACTOR = "an administrator with a second factor"
    AWAITS_CODE = "who has given a password and owes a code"


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as somebody sees it.

    `address` may name things of the example in braces. `status`: what the server answers. `then`: what is done on the
    page before it is judged.
    """

    who: Who
    address: str
    status: int = 200
    then: Callable[[Page], None] | None = None


def _guess(page: Page) -> None:
    page.get_by_label("Username or e-mail address").fill("anna@example.com")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def _type_a_taken_code(page: Page) -> None:
    page.get_by_label("Code", exact=True).fill("b2c")
    page.get_by_label("Name", exact=True).fill("Second")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()


def _open_menu(page: Page) -> None:
    page.get_by_label("Menu of b2c").click()


SIGHTS = (
    Sight(Who.NOBODY, "/admin/sign-in"),
    Sight(Who.NOBODY, "/admin/sign-in?refused", then=_guess),
    Sight(Who.AWAITS_CODE, "/admin/code"),
    Sight(Who.ADMINISTRATOR, "/admin/second-factor"),
    Sight(Who.SETTING_UP, "/admin/second-factor/setup"),
    Sight(Who.WITH_SECOND_FACTOR, "/admin/recovery-codes"),
    Sight(Who.ADMINISTRATOR, "/admin/"),
    Sight(Who.ADMINISTRATOR, "/admin/nothing-is-here", 404),
    Sight(Who.WITH_SECOND_FACTOR, "/admin/account"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets?menu", then=_open_menu),
    Sight(Who.AUDITOR, "/admin/customer-sets"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customer-sets?new=1", 403),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets?new=1"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets?new=1&taken", then=_type_a_taken_code),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets?edit=b2c&open=sites"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/plan/{sites_plan}"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/plan/{sites_plan}/row"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/delete?plan={deletion}"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2b/delete?plan={clashing}"),
)


@dataclass(frozen=True)
class Example:
    """A merchant with something on every page, and a session for everybody."""

    shop: Shop
    named: dict[str, int]
    sessions: dict[Who, str]

    def address(self, sight: Sight) -> str:
        """Return where a sight is."""
        return sight.address.format(**self.named)

    def window(self, chromium: Browser, who: Who) -> Page:
        """Return a new window of somebody, with nothing cached."""
        context = new_context(chromium, self.shop.origin)
        if who in self.sessions:
            context.add_cookies(
                [{"name": SESSION, "value": self.sessions[who], "url": self.shop.origin}]
            )
        return context.new_page()


def new_example(served: Served) -> Example:
    """Make the merchant: customers in both sets, one of them Stacy, and plans that wait."""
    shop = served.new_shop()
    merchant, regrouping = shop.merchant, served.services.regrouping
    for username, site in (
        ("john@mail.com", "Mystic Sports"),
        ("stacy@mail.com", "Mystic Kids"),
        ("stacy@mail.com", "Mystic Parts"),
    ):
        merchant.sign_up(username, site)
    caller = merchant.caller()
    kids = AssignSites("b2b", (merchant.site("Mystic Kids"),))
    named = {
        "sites_plan": regrouping.ask(caller, [EditSet("b2b", "B2B", ""), kids], "").id,
        "deletion": regrouping.ask(caller, [DeleteSet("b2c", None)], "").id,
        "clashing": regrouping.ask(caller, [DeleteSet("b2b", "b2c")], "").id,
    }
    return Example(shop, named, _sessions(served.services, merchant.tenant_id))


def _sessions(services: Services, tenant_id: int) -> dict[Who, str]:
    """Sign everybody in, as far as they shall have come."""

    def session(role: Role) -> str:
        return sign_in(services, hire(services, tenant_id, role))[0]

    setting_up = session(Role.ADMINISTRATOR)
    services.staff.second_factors.begin(check(services, setting_up))
    enrolled = hire(services, tenant_id)
    _, with_second_factor, _ = enrol(services, sign_in(services, enrolled)[0])
    return {
        Who.ADMINISTRATOR: session(Role.ADMINISTRATOR),
        Who.CUSTOMER_SERVICE: session(Role.CUSTOMER_SERVICE),
        Who.AUDITOR: session(Role.AUDITOR),
        Who.SETTING_UP: setting_up,
        Who.WITH_SECOND_FACTOR: with_second_factor,
        Who.AWAITS_CODE: sign_in(services, enrolled, PASSWORD)[0],
    }
