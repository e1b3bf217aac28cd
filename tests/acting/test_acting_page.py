"""Acting for a customer from the admin pages: asked what for, shown once, and only by whom it is for."""

from __future__ import annotations

import re

from flask import Flask

from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.customers import CUSTOMERS, customer_of, staff_browser
from tests.admin.pages import said
from tests.merchants import Merchant


def test_customer_service_acts_for_a_customer_and_everybody_sees_it(
    services: Services, app: Flask, merchant: Merchant
) -> None:
    account = customer_of(merchant, "usha@mail.com", "Mystic Sports", first_name="Usha")
    csr = staff_browser(services, app, merchant, Role.CUSTOMER_SERVICE)
    address = f"{CUSTOMERS}/{account}"
    csr.get(address)
    assert f'href="{address}/act"' in csr.text
    csr.get(f"{address}/act")
    text = said(csr)
    assert "Mystic Kids" in text
    assert "Mystic Business" not in text
    act, kids = f"{address}/act", str(merchant.site("Mystic Kids"))
    csr.send(act, site=kids, reason=" ")
    assert "Say what you act for the customer for." in said(csr)
    csr.send(act, site=str(merchant.site("Mystic Business")), reason="Lost parcel")
    assert "Choose a site of b2c." in said(csr)
    csr.send(act, site=kids, reason="Lost parcel")
    assert "You act for customer" in said(csr)
    found = re.search(r'id="ticket" readonly [^>]*value="([^"]+)"', csr.text)
    assert found is not None
    checked = merchant.check(found[1], "Mystic Sports").get_json()
    assert checked["accountId"] == account
    (method,) = checked["methods"]
    assert method.startswith("act_as:staff:")
    csr.get(address)
    text = said(csr)
    assert f"{method.removeprefix('act_as:')} acts for the customer" in text
    assert "Somebody began to act for the customer" in text
    assert "Lost parcel" in text


def test_an_auditor_acts_for_nobody(services: Services, app: Flask, merchant: Merchant) -> None:
    account = customer_of(merchant, "usha@mail.com", "Mystic Sports")
    auditor = staff_browser(services, app, merchant, Role.AUDITOR)
    auditor.get(f"{CUSTOMERS}/{account}")
    assert f"{CUSTOMERS}/{account}/act" not in auditor.text
    assert auditor.get(f"{CUSTOMERS}/{account}/act").status_code == 403
