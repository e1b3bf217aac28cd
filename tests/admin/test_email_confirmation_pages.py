"""Whether a customer set has new customers confirm their e-mail address, said on its page."""

from __future__ import annotations

from authsvc.recovery.verification import VerificationPolicy
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.merchants import Merchant
from tests.trail import changes, entries

PAGE = "/admin/customer-sets/set/b2c/email-confirmation"


def test_an_administrator_says_whether_new_customers_confirm_their_address(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    admin.get("/admin/customer-sets")
    assert f'<a href="{PAGE}">E-mail confirmation</a>' in admin.text
    admin.get(PAGE)
    assert '<option value="off" selected>' in admin.text
    admin.send(PAGE, policy="required")
    assert "Saved" in admin.text
    assert '<option value="required" selected>' in admin.text
    verification = services.recovery.verification
    assert verification.policy(merchant.tenant_id, "b2c") is VerificationPolicy.REQUIRED
    assert verification.policy(merchant.tenant_id, "b2b") is VerificationPolicy.OFF
    (noted,) = (
        entry
        for entry in entries(services, merchant.tenant_id, "customer_set:b2c")
        if entry["action"] == "customer_set.email_verification_changed"
    )
    assert changes(noted) == {"emailVerification": ("off", "required")}
    assert noted["actor"].startswith("staff:")
    assert admin.send(PAGE, policy="sometimes").status_code == 400
    assert "Choose one of the list." in admin.text
    assert admin.get("/admin/customer-sets/set/none/email-confirmation").status_code == 404
