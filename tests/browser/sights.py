"""Every admin page there is to see: who sees it and at which address, in one example merchant.

`test_every_page.py` holds this list against the application's own map of addresses, so that no page is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from playwright.sync_api import Browser, Page

from authsvc.admin.cookies import SESSION
from authsvc.regrouping.rules import AssignSites, DeleteSet, EditSet, MoveCustomers, StructureChange
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.browser.shops import Served, Shop, new_context
from tests.regrouping.answers import customer
from tests.staff.people import PASSWORD, check, enrol, hire, sign_in


class Who(Enum):
    """Whose window it is."""

    NOBODY = "who has not signed in"
    ADMINISTRATOR = "an administrator without a second factor"
    CUSTOMER_SERVICE = "customer service"
    AUDITOR = "an auditor"
    WITH_GIVEN_PASSWORD = "who signed in with a password that somebody gave out"
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


def _create_stacy_again(page: Page) -> None:
    page.get_by_label("Site *", exact=True).select_option(index=1)
    for label, text in (("First Name", "Stacy"), ("Last Name", "M."), ("Email", "stacy@mail.com")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Create customer").click()
    page.get_by_role("alert").wait_for()


def _open_menu(page: Page) -> None:
    page.get_by_label("Menu of b2c").click()


def _preview_yellow(page: Page) -> None:
    page.get_by_label("Colour", exact=True).fill("#ffd400")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("That is too little").wait_for()


def _get_a_receipt(page: Page) -> None:
    page.get_by_role("button", name="Get an eligibility receipt").click()
    page.get_by_label("Copy it into the order system").wait_for()


def _move_without_a_set(page: Page) -> None:
    page.get_by_label("All that match").check()
    page.get_by_role("button", name="Show what this would do").click()
    page.get_by_role("alert").wait_for()


SIGHTS: tuple[Sight, ...] = (
    Sight(Who.NOBODY, "/admin/sign-in"),
    Sight(Who.NOBODY, "/admin/sign-in?refused", then=_guess),
    Sight(Who.AWAITS_CODE, "/admin/code"),
    Sight(Who.WITH_GIVEN_PASSWORD, "/admin/password"),
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
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/passwords"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/second-factor"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/passkeys"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/email-confirmation"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/plan/{sites_plan}"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/plan/{sites_plan}/row"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2c/delete?plan={deletion}"),
    Sight(Who.ADMINISTRATOR, "/admin/customer-sets/set/b2b/delete?plan={clashing}"),
    Sight(Who.ADMINISTRATOR, "/admin/sites"),
    Sight(Who.ADMINISTRATOR, "/admin/sites?new=1"),
    Sight(Who.ADMINISTRATOR, "/admin/sites?edit={kids}"),
    Sight(Who.ADMINISTRATOR, "/admin/sites?edit={kids}&preview", then=_preview_yellow),
    Sight(Who.AUDITOR, "/admin/sites?find=nothing"),
    Sight(Who.ADMINISTRATOR, "/admin/staff"),
    Sight(Who.AUDITOR, "/admin/staff", 403),
    Sight(Who.ADMINISTRATOR, "/admin/staff/new"),
    Sight(Who.ADMINISTRATOR, "/admin/staff/{given}"),
    Sight(Who.ADMINISTRATOR, "/admin/audit"),
    Sight(Who.AUDITOR, "/admin/audit?what=account.created&from=203.0.113."),
    Sight(Who.ADMINISTRATOR, "/admin/audit?since=never", 400),
    Sight(Who.ADMINISTRATOR, "/admin/plans"),
    Sight(Who.AUDITOR, "/admin/plans?set=nowhere"),
    Sight(Who.ADMINISTRATOR, "/admin/plans/{sites_plan}"),
    Sight(Who.ADMINISTRATOR, "/admin/plans/{clashing}"),
    Sight(Who.ADMINISTRATOR, "/admin/plans/{committed}"),
    Sight(Who.ADMINISTRATOR, "/admin/plans/{committed}/rollback"),
    # Main › Customers.
    Sight(Who.ADMINISTRATOR, "/admin/customers"),
    Sight(Who.ADMINISTRATOR, "/admin/customers?q=stacy&moving", then=_move_without_a_set),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers?login=open"),
    Sight(Who.AUDITOR, "/admin/customers?q=nobody&set=b2b"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/new"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/new?taken", then=_create_stacy_again),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/{john}"),
    Sight(Who.AUDITOR, "/admin/customers/{john}"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/{john}/act"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/acting", 400),
    Sight(Who.AUDITOR, "/admin/customers/{john}/why"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/{john}/why?site={kids}"),
    Sight(Who.ADMINISTRATOR, "/admin/customers/{other_stacy}/why?site={kids}"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/{john}/plan/{move}"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/{stacy}/plan/{clashing_move}"),
    # Main › Orders.
    Sight(Who.CUSTOMER_SERVICE, "/admin/offline-orders"),
    Sight(Who.AUDITOR, "/admin/offline-orders", 403),
    Sight(Who.CUSTOMER_SERVICE, "/admin/offline-orders?site={kids}&q=stacy"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/offline-orders?site={parts}&q=john"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/customers/new?order=Y&site={parts}"),
    Sight(Who.CUSTOMER_SERVICE, "/admin/offline-orders/{parts}/customers/{stacy}"),
    Sight(Who.ADMINISTRATOR, "/admin/offline-orders/{kids}/customers/{john}", then=_get_a_receipt),
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
    named = {
        name: customer(merchant, username, site)
        for name, username, site in (
            ("john", "john@mail.com", "Mystic Sports"),
            ("stacy", "stacy@mail.com", "Mystic Kids"),
            ("other_stacy", "stacy@mail.com", "Mystic Parts"),
        )
    }
    kids = AssignSites("b2b", (merchant.site("Mystic Kids"),))

    def plan(*changes: StructureChange) -> int:
        return regrouping.ask(merchant.caller(), changes, "").id

    outlet = AssignSites("b2b", (merchant.site("Mystic Outlet"),))
    business: list[StructureChange] = [EditSet("b2b", "B2B", "Business"), outlet]
    named |= {
        "kids": merchant.site("Mystic Kids"),
        "parts": merchant.site("Mystic Parts"),
        "committed": regrouping.at_once(merchant.caller(), business).id,
        "sites_plan": plan(EditSet("b2b", "B2B", ""), kids),
        "deletion": plan(DeleteSet("b2c", None)),
        "clashing": plan(DeleteSet("b2b", "b2c")),
        "move": plan(MoveCustomers("b2b", accounts=(named["john"],))),
        "clashing_move": plan(MoveCustomers("b2b", accounts=(named["stacy"],))),
    }
    named["given"] = hire(served.services, merchant.tenant_id).id
    return Example(shop, named, _sessions(served.services, merchant.tenant_id))


def _sessions(services: Services, tenant_id: int) -> dict[Who, str]:
    """Sign everybody in, as far as they shall have come."""

    def session(role: Role) -> str:
        return sign_in(services, hire(services, tenant_id, role))[0]

    given = hire(services, tenant_id)
    services.staff.users.reset_password(
        given.caller(None, None), given.username, PASSWORD, must_change=True
    )
    setting_up = session(Role.ADMINISTRATOR)
    services.staff.second_factors.begin(check(services, setting_up))
    enrolled = hire(services, tenant_id)
    _, with_second_factor, _ = enrol(services, sign_in(services, enrolled)[0])
    return {
        Who.ADMINISTRATOR: session(Role.ADMINISTRATOR),
        Who.CUSTOMER_SERVICE: session(Role.CUSTOMER_SERVICE),
        Who.AUDITOR: session(Role.AUDITOR),
        Who.WITH_GIVEN_PASSWORD: sign_in(services, given)[0],
        Who.SETTING_UP: setting_up,
        Who.WITH_SECOND_FACTOR: with_second_factor,
        Who.AWAITS_CODE: sign_in(services, enrolled, PASSWORD)[0],
    }
