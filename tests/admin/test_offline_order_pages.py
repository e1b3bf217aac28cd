"""Staff choose the site and then the customer of an offline order ([B] Offline Orders and Customer Sets)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from authsvc.contacts.rules import Contact
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from authsvc.regrouping.rules import AssignSites
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import customer_of, save, staff_browser
from tests.admin.pages import rows, said
from tests.merchants import Merchant
from tests.trail import actions, entries

TOOL = "/admin/offline-orders"
NEW = "/admin/customers/new"


@pytest.fixture(name="csr")
def _csr(services: Services, app: Flask, merchant: Merchant) -> Browser:
    """The browser of somebody from customer service."""
    return staff_browser(services, app, merchant, Role.CUSTOMER_SERVICE)


def test_stephanie_gets_an_account_on_mystic_sports_and_the_order_comes_in_with_its_receipt(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    """[B]: you can only select customers of the site's set; else you create a new unique account for her."""
    tenant_id, sports = merchant.tenant_id, merchant.site("Mystic Sports")
    business = customer_of(merchant, "stephanie@mail.com", "Mystic Parts", first_name="Stephanie")
    csr.get("/admin/")
    assert f'<a href="{TOOL}">Offline Orders</a>' in csr.text
    csr.get(f"{TOOL}?site={sports}&q=steph")
    assert "No customer of b2c is found." in said(csr)
    csr.get(f"{TOOL}/{sports}/customers/{business}")
    assert "An order on Mystic Sports cannot name this customer" in said(csr)
    assert f'<a href="/admin/customers/{business}/why?site={sports}">Why?</a>' in csr.text
    assert "Let the shopper create their own account on Mystic Sports" in said(csr)
    assert "receipt" not in csr.text
    forced = {"form_token": csr.field("/admin/sign-out", "form_token")}
    refused = csr.post(f"{TOOL}/{sports}/customers/{business}/receipt", forced)
    assert refused.status_code == 409
    csr.get(f"{NEW}?order=Y&site={sports}")
    new = {"first_name": "Stephanie", "last_name": "R.", "email_address": "stephanie@mail.com"}
    save(csr, NEW, **new, site=str(sports))
    made = re.fullmatch(rf"{TOOL}/{sports}/customers/(\d+)", csr.location)
    assert made
    account_id = int(made[1])
    assert "is created in the customer set b2c, the set of Mystic Sports." in said(csr)
    csr.send(f"{csr.location}/receipt")
    receipt = re.search(r"<textarea[^>]*>([\w.-]+)</textarea>", csr.text)
    assert receipt
    told = entries(services, tenant_id, f"account:{account_id}")[-1]
    assert told["action"] == "account.eligibility_receipt_issued"
    assert receipt[1] not in repr(told)
    now = datetime.now(UTC)
    services.regrouping.at_once(merchant.caller(), [AssignSites("default", (sports,))])
    state = OrderState(
        "stephanie-1",
        OrderKind.OFFLINE,
        sports,
        account_id,
        "Accepted",
        Decimal("49.95"),
        "USD",
        now,
        SourceVersion(1, now),
        receipt[1],
    )
    assert services.orders.put(merchant.caller(), state).customer_set == "b2c"


def test_customers_of_the_sites_set_are_chosen_by_name_number_or_telephone(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    kids, caller = merchant.site("Mystic Kids"), merchant.caller()
    contact = Contact(0, "john@mail.com", phone_mobile="+1 512 555 0142")
    names = {"first_name": "John", "email_address": "john@mail.com"}
    john = services.accounts.create(caller, merchant.site("Mystic Sports"), names, [contact]).id
    other = customer_of(merchant, "john@parts.com", "Mystic Parts", first_name="John")
    assert "Mystic Kids (b2c)" in csr.get(TOOL).text
    for typed in ("joh", str(john), "512 555 0142"):
        csr.get(f"{TOOL}?site={kids}&q={typed}")
        assert rows(csr)[str(john)] == ["John (guest)", "john@mail.com", "+1 512 555 0142"]
        assert f"/customers/{other}" not in csr.text
    csr.get(f"{TOOL}?site={kids}&q={other}")
    assert f"John , customer {other} in b2b" in said(csr)
    assert csr.get(f"{TOOL}/{kids}/customers/{john}").status_code == 200
    assert "An order on Mystic Kids may name this customer" in said(csr)


def test_auditors_forged_forms_and_other_merchants_get_no_receipt(
    services: Services, app: Flask, csr: Browser, merchant: Merchant, other_merchant: Merchant
) -> None:
    john = customer_of(merchant, "john@mail.com", "Mystic Sports")
    sports = merchant.site("Mystic Sports")
    page = f"{TOOL}/{sports}/customers/{john}"
    assert csr.post(f"{page}/receipt", {"form_token": ""}).status_code == 403
    auditor = staff_browser(services, app, merchant, Role.AUDITOR)
    assert "Offline Orders" not in auditor.text
    form = {"form_token": auditor.field("/admin/sign-out", "form_token")}
    assert [auditor.get(TOOL).status_code, auditor.get(page).status_code] == [403, 403]
    assert auditor.post(f"{page}/receipt", form).status_code == 403
    stranger = staff_browser(services, app, other_merchant, Role.ADMINISTRATOR)
    own = other_merchant.site("Mystic Sports")
    for path in (
        page,
        f"{TOOL}/{own}/customers/{john}",
        f"{TOOL}?site={sports}",
        f"{TOOL}/0/customers/9",
    ):
        assert stranger.get(path).status_code == 404
    assert "account.eligibility_receipt_issued" not in actions(
        services, merchant.tenant_id, f"account:{john}"
    )
