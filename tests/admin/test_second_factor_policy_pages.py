"""When a customer set asks for a second factor, set on its page; and one that a customer lost, reset on theirs."""

from __future__ import annotations

from authsvc.second_factor.rules import Policy, Requirement
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.merchants import Merchant

PAGE = "/admin/customer-sets/set/b2c/second-factor"


def test_an_administrator_says_when_a_set_asks(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    admin.get("/admin/customer-sets")
    assert f'<a href="{PAGE}">Second factor</a>' in admin.text
    admin.get(PAGE)
    assert '<option value="off" selected>' in admin.text
    admin.send(PAGE, requirement="new_device", sign_in_codes="Y")
    assert "Saved" in admin.text
    policies = services.sign_in.second_factors.policies
    kept = policies.policy(merchant.tenant_id, "b2c")
    assert kept == Policy(Requirement.NEW_DEVICE, sign_in_codes=True)
    assert admin.send(PAGE, requirement="sometimes").status_code == 400
    assert admin.get("/admin/customer-sets/set/none/second-factor").status_code == 404


def test_customer_service_resets_what_a_customer_lost(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    admin.get(f"/admin/customers/{account.id}")
    assert "Reset second factor" not in admin.text
    apps = services.sign_in.second_factors.factors.authenticators
    apps.set_up(merchant.tenant_id, account.id, b"sealed", 1, services.clock())
    admin.get(f"/admin/customers/{account.id}")
    assert "Reset second factor" in admin.text
    admin.send(f"/admin/customers/{account.id}/second-factor/reset")
    assert "taken away" in admin.text
    assert apps.set_up_at(merchant.tenant_id, account.id) is None
