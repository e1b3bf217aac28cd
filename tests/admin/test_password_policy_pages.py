"""What a customer set asks of passwords, and the merchant's verifier, set by administrators on a page."""

from __future__ import annotations

import re

from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.merchants import Merchant

PAGE = "/admin/customer-sets/set/b2c/passwords"
VERIFIER = "/admin/customer-sets/set/b2c/password-verifier"
URL = "https://old.mystic.example/verify"


def test_an_administrator_says_what_a_set_asks(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    admin.get("/admin/customer-sets")
    assert f'<a href="{PAGE}">Passwords</a>' in admin.text
    admin.get(PAGE)
    assert "minimum of 6 characters with at least 1 number" in admin.text
    typed = {"minimum_length": "15", "minimum_digits": "0", "minimum_letters": "0"}
    token = {"form_token": admin.field(PAGE, "form_token")}
    admin.post(PAGE, {**token, **typed, "refuses_common": "Y", "refuses_similar": "Y"})
    assert "The rule is saved" in admin.text
    policies = services.credentials.policies
    assert policies.policy(merchant.tenant_id, "b2c") == PasswordPolicy(
        15, 0, 0, refuses_common=True, refuses_similar=True
    )
    assert policies.policy(merchant.tenant_id, "b2b") == PasswordPolicy()
    for wrong in ({"minimum_length": "65"}, {"minimum_length": "x"}, {"minimum_digits": "16"}):
        answer = admin.post(PAGE, {**token, **typed, **wrong})
        assert answer.status_code == 400
        assert f'value="{next(iter(wrong.values()))}"' in admin.text
    assert admin.get("/admin/customer-sets/set/none/passwords").status_code == 404


def test_a_verifier_is_named_its_secret_shown_once_and_never_in_the_own_network(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    verifiers = services.login.passwords.verifiers
    admin.get(PAGE)
    assert admin.send(VERIFIER, url="http://old.mystic.example").status_code == 400
    admin.send(VERIFIER, url=URL)
    kept = verifiers.verifier(merchant.tenant_id)
    assert kept is not None
    assert (kept.url, kept.in_own_network) == (URL, False)
    assert re.findall(r"only now: <code>([^<]+)</code>", admin.text) == [kept.secret.decode()]
    admin.get(PAGE)
    assert URL in admin.text
    assert kept.secret.decode() not in admin.text
    admin.send(VERIFIER, remove="Y")
    assert verifiers.verifier(merchant.tenant_id) is None
