"""Main › Customers › a customer › Why?: for any role, in a browser without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.callers import Behavior, Caller
from authsvc.regrouping.rules import AssignSites
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.merchants import Merchant
from tests.staff.people import hire


def visit(app: Flask, user: StaffUser) -> Browser:
    """Return a browser that somebody of the staff has signed in on."""
    browser = Browser(app)
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    return browser


def customer(merchant: Merchant, site: str = "Mystic Kids") -> int:
    """Sign Stacy up; returns her number."""
    account = merchant.sign_up("stacy@mail.com", site, first_name="Stacy").account
    assert account is not None
    return account.id


@pytest.mark.parametrize("role", Role)
def test_staff_of_any_role_see_why(
    app: Flask, services: Services, merchant: Merchant, role: Role
) -> None:
    stacy = customer(merchant)
    browser = visit(app, hire(services, merchant.tenant_id, role))
    browser.get(f"/admin/customers/{stacy}")
    assert f'href="/admin/customers/{stacy}/why"' in browser.text
    assert browser.get(f"/admin/customers/{stacy}/why").status_code == 200
    assert "Choose a site to see whether Stacy can sign in there" in said(browser)
    options = re.findall(r'<option value="(\d+)">([^<]+)</option>', browser.text)
    assert (str(merchant.site("Mystic Parts")), "Mystic Parts (b2b)") in options
    answer = browser.get(f"/admin/customers/{stacy}/why?site={merchant.site('Mystic Sports')}")
    assert answer.status_code == 200
    headings = re.findall(r'<h2 id="answer-\d">([^<]+)</h2>', browser.text)
    assert headings == [
        "Yes: Stacy can sign in on Mystic Sports.",
        "Yes: Stacy can see My Account on Mystic Sports.",
        "Yes: Stacy can be put on an offline order on Mystic Sports.",
    ]


def test_a_no_names_rule_plan_and_who_and_what_helps(
    app: Flask, services: Services, merchant: Merchant, user: StaffUser
) -> None:
    """[B]: the customers will no longer be able to use their login credentials on the reassigned site."""
    stacy, kids = customer(merchant), merchant.site("Mystic Kids")
    dana = Caller(merchant.tenant_id, behaviors=frozenset(Behavior), staff="dana")
    plan = services.regrouping.at_once(dana, [AssignSites("b2b", (kids,))], "<sold> to business")
    browser = visit(app, user)
    browser.get(f"/admin/customers/{stacy}/why?site={kids}")
    page = said(browser)
    assert "No: Stacy cannot sign in on Mystic Kids." in page
    assert f'<option value="{kids}" selected>Mystic Kids (b2b)</option>' in browser.text
    assert "Mystic Kids was moved from b2c to b2b by dana on" in page
    assert f"(plan {plan.id}, reason “<sold> to business”)" in page
    assert f'<a href="/admin/plans/{plan.id}">Open plan {plan.id}</a>' in browser.text
    assert "Rule 14: A site that changes sets without its customers refuses their logins" in page
    assert "will have to create a new customer account for that site." in page
    assert "Let them sign up on Mystic Kids: their new account joins b2b." in page
    assert "may still let a session in" in page
    assert "It may take up to 15 minutes for updates to be reflected" in page
    assert f'<a href="/admin/customers/{stacy}">Open the customer</a>' in browser.text


def test_of_many_sites_those_of_a_name_are_offered(
    app: Flask, services: Services, merchant: Merchant, user: StaffUser
) -> None:
    stacy = customer(merchant)
    with services.database.transaction():
        for number in range(101):
            services.customer_sets.structure.add_site(
                merchant.tenant_id, f"Outlet {number:03}", "b2b", services.clock()
            )
    browser = visit(app, user)
    browser.get(f"/admin/customers/{stacy}/why")
    assert "The first 100 of 106 sites." in said(browser)
    browser.get(f"/admin/customers/{stacy}/why?find=outlet+100")
    options = re.findall(r'<option value="(\d+)">([^<]+)</option>', browser.text)
    assert [name for _, name in options] == ["Outlet 100 (b2b)"]
    browser.get(f"/admin/customers/{stacy}/why?find=outlet+100&site={options[0][0]}")
    assert "No: Stacy cannot sign in on Outlet 100." in said(browser)
    browser.get(f"/admin/customers/{stacy}/why?find=nowhere")
    assert "No site is found." in said(browser)


def test_another_merchants_customer_or_site_is_not_there(
    app: Flask, merchant: Merchant, other_merchant: Merchant, user: StaffUser
) -> None:
    stacy, theirs = customer(merchant), customer(other_merchant)
    browser = visit(app, user)
    own_site = merchant.site("Mystic Kids")
    for path in (
        f"{theirs}/why",
        f"{theirs}/why?site={own_site}",
        f"{stacy}/why?site={other_merchant.site('Mystic Kids')}",
    ):
        assert browser.get(f"/admin/customers/{path}").status_code == 404
        assert "Stacy" not in browser.text
