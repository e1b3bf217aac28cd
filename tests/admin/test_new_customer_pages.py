"""Creating a customer for a site, as a CSR does it ([A]; [B] Offline Orders and Customer Sets)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.login.rules import BadCredentials
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, inputs, save, staff_browser
from tests.admin.pages import said
from tests.merchants import PASSWORD, Merchant
from tests.trail import entries

NEW = f"{CUSTOMERS}/new"
STEPHANIE = {
    "first_name": "Stephanie",
    "last_name": "R.",
    "email_address": "stephanie@mail.com",
}


@pytest.fixture(name="csr")
def _csr(services: Services, app: Flask, merchant: Merchant) -> Browser:
    """The browser of somebody from customer service, at the form."""
    browser = staff_browser(services, app, merchant, Role.CUSTOMER_SERVICE)
    browser.get(NEW)
    return browser


def test_a_customer_joins_the_set_of_the_site_and_the_page_says_which(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    """[B]: If you create a new customer account for her, you must also assign her account to the B2C set."""
    assert "Mystic Sports: joins the set b2c" in said(csr)
    assert "Mystic Parts: joins the set b2b" in said(csr)
    site = str(merchant.site("Mystic Sports"))
    save(csr, NEW, **STEPHANIE, site=site, password=PASSWORD, accepts_marketing="Y")
    made = re.search(
        r"Customer (\d+) is created in the customer set b2c, the set of Mystic Sports\.", said(csr)
    )
    assert made
    assert csr.location == f"{CUSTOMERS}/{made[1]}"
    account = services.accounts.account(merchant.tenant_id, int(made[1]))
    assert (account.customer_set, account.accepts_marketing) == ("b2c", True)
    assert account.created_by.startswith("staff:customer-service-")
    assert merchant.sign_in("stephanie@mail.com", "Mystic Kids").account
    told = entries(services, merchant.tenant_id, f"account:{account.id}")
    assert [entry["action"] for entry in told] == ["account.created", "account.login_created"]
    assert PASSWORD not in repr(told)


def test_without_a_password_the_page_says_that_there_is_no_login(
    csr: Browser, merchant: Merchant
) -> None:
    save(csr, NEW, **STEPHANIE, site=str(merchant.site("Mystic Parts")))
    text = said(csr)
    assert (
        "is created in the customer set b2b, the set of Mystic Parts. There is no login yet."
        in text
    )
    assert "None yet: nobody can sign in as this customer." in text
    with pytest.raises(BadCredentials):
        merchant.sign_in("stephanie@mail.com", "Mystic Parts")


@pytest.mark.parametrize("password", [PASSWORD, ""])
def test_who_has_an_account_in_the_set_is_led_to(
    services: Services, csr: Browser, merchant: Merchant, password: str
) -> None:
    held = customer_of(merchant, "Stephanie@mail.com", "Mystic Kids")
    site = str(merchant.site("Mystic Sports"))
    answer = save(csr, NEW, **STEPHANIE, site=site, password=password, tax_id="typed")
    assert answer.status_code == 409
    sentence = f"stephanie@mail.com belongs to customer {held} in the customer set b2c already."
    assert f'<a href="#email_address">{sentence}' in csr.text
    assert f'<a href="{CUSTOMERS}/{held}">Open customer {held}</a>' in csr.text
    shown = inputs(csr)
    assert (shown["site"], shown["tax_id"], shown["first_name"]) == (site, "typed", "Stephanie")
    assert PASSWORD not in csr.text
    assert services.accounts.store.count_by_set(merchant.tenant_id, ["b2c"]) == {"b2c": 1}
    save(csr, NEW, site=str(merchant.site("Mystic Parts")))
    assert "is created in the customer set b2b" in said(csr)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"site": ""}, "site", "Choose the site"),
        ({"site": "1"}, "site", "There is no site 1."),
        ({"first_name": " "}, "first_name", "Give the customer's first name."),
        ({"email_address": ""}, "email_address", "Give the customer's e-mail address."),
        ({"email_address": "nobody"}, "email_address", ""),
        ({"password": "short"}, "password", "Password must be a minimum of 6 characters"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(
    csr: Browser, merchant: Merchant, typed: dict[str, str], field: str, sentence: str
) -> None:
    given = {**STEPHANIE, "site": str(merchant.site("Mystic Sports")), "tax_id": "kept"} | typed
    answer = save(csr, NEW, **given)
    assert answer.status_code in (400, 404)
    assert f'<a href="#{field}">' in csr.text
    assert sentence in said(csr)
    assert inputs(csr)["tax_id"] == "kept"


def test_of_many_sites_some_are_offered_and_others_found_by_name(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    for at in range(120):
        services.customer_sets.create_site(merchant.caller(), f"Shop {at:03}")
    page = csr.get(NEW)
    assert len(page.data) < 40_000
    assert "Shop 119:" not in csr.text
    save(csr, NEW, **STEPHANIE, find="shop 11", action="find")
    assert "Shop 119: joins the set default" in csr.text
    assert "Shop 001:" not in csr.text
    assert inputs(csr)["first_name"] == "Stephanie"


def test_auditors_and_forged_forms_create_nobody(
    services: Services, app: Flask, csr: Browser, merchant: Merchant
) -> None:
    form = inputs(csr) | STEPHANIE | {"site": str(merchant.site("Mystic Sports"))}
    assert csr.post(NEW, form | {"form_token": ""}).status_code == 403
    auditor = staff_browser(services, app, merchant, Role.AUDITOR)
    token = auditor.field("/admin/sign-out", "form_token")
    assert auditor.get(NEW).status_code == 403
    assert auditor.post(NEW, form | {"form_token": token}).status_code == 403
    assert services.accounts.store.count_by_set(merchant.tenant_id, ["b2c"]) == {}


def test_another_merchants_site_is_not_there(csr: Browser, other_merchant: Merchant) -> None:
    answer = save(csr, NEW, **STEPHANIE, site=str(other_merchant.site("Mystic Sports")))
    assert answer.status_code == 404
    assert "There is no site" in said(csr)
