"""What a customer set lets passkeys do, set on its page; and a passkey that a customer lost, reset on theirs."""

from __future__ import annotations

from dataclasses import replace

from authsvc.passkeys.rules import PasskeyPolicy, PasskeyUse
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.isolation.world import a_passkey
from tests.merchants import Merchant
from tests.trail import changes, entries

PAGE = "/admin/customer-sets/set/b2c/passkeys"
HOST = "sports.{}.example"


def with_host(merchant: Merchant) -> str:
    """Give Mystic Sports a host, without which there is no domain to make passkeys for."""
    host = HOST.format(merchant.tenant_id)
    structure = merchant.services.customer_sets.structure
    structure.add_host(merchant.tenant_id, merchant.site("Mystic Sports"), host)
    return host


def test_an_administrator_says_what_passkeys_are_good_for(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    admin.get("/admin/customer-sets")
    assert f'<a href="{PAGE}">Passkeys</a>' in admin.text
    admin.get(PAGE)
    assert '<option value="off" selected>' in admin.text
    assert "has a host" in admin.send(PAGE, use="signIn").text
    host = with_host(merchant)
    admin.get(PAGE)
    admin.send(PAGE, use="signIn")
    assert "Saved" in admin.text
    assert f'value="{host}"' in admin.text
    policies = services.passkeys.policies
    assert policies.policy(merchant.tenant_id, "b2c") == PasskeyPolicy(PasskeyUse.SIGN_IN, host)
    refused = admin.send(PAGE, use="secondFactor", relyingPartyId="elsewhere.example")
    assert refused.status_code == 400
    assert 'value="elsewhere.example"' in admin.text
    assert admin.send(PAGE, use="sometimes").status_code == 400
    admin.get(PAGE)
    above = host.partition(".")[2]
    admin.send(PAGE, use="secondFactor", relyingPartyId=above)
    kept = policies.policy(merchant.tenant_id, "b2c")
    assert kept == PasskeyPolicy(PasskeyUse.SECOND_FACTOR, above)
    assert admin.get("/admin/customer-sets/set/none/passkeys").status_code == 404


def test_a_lost_passkey_that_is_a_second_factor_is_reset(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    host, passkeys = with_host(merchant), services.passkeys
    passkeys.policies.set_policy(merchant.caller(), "b2c", PasskeyUse.SIGN_IN)
    lost = replace(a_passkey(account.id, host.encode()), relying_party=host)
    passkeys.passkeys.store.add(merchant.tenant_id, lost)
    # In place of the password it is no second factor, and there is nothing to reset.
    admin.get(f"/admin/customers/{account.id}")
    assert "Reset second factor" not in admin.text
    passkeys.policies.set_policy(merchant.caller(), "b2c", PasskeyUse.SECOND_FACTOR)
    admin.get(f"/admin/customers/{account.id}")
    admin.send(f"/admin/customers/{account.id}/second-factor/reset")
    assert "taken away" in admin.text
    (reset,) = [
        entry
        for entry in entries(services, merchant.tenant_id, f"account:{account.id}")
        if entry["action"] == "account.second_factor_reset"
    ]
    assert changes(reset) == {"passkeys": (True, False)}
    assert passkeys.passkeys.of_account(merchant.tenant_id, account.id) == []
