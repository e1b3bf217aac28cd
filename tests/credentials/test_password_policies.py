"""What a customer set asks of new passwords holds wherever one is chosen, and for no other set."""

from __future__ import annotations

import unicodedata

import pytest

from authsvc.credentials.password_policy import COMMON, SIMILAR
from authsvc.errors import Invalid
from authsvc.login.rules import Enrolment
from authsvc.services import Services
from tests.merchants import PASSWORD, Merchant
from tests.trail import changes, entries

SITE, OTHER_SITE = "Mystic Sports", "Mystic Parts"
PATH = "customerSets/b2c/passwordPolicy"
STRICT = {
    "minimumLength": 12,
    "minimumDigits": 0,
    "minimumLetters": 0,
    "refusesCommonPasswords": True,
    "refusesSimilarPasswords": True,
}
TOO_SHORT = "Password must be a minimum of 12 characters"
GOOD = "violet otters 26"
# Of the kind that break whoever cuts off, strips, escapes or compares too early.
NAUGHTY = (
    "'; DROP TABLE credentials; --1a",
    "  leading and trailing 1  ",
    "<script>alert(1)</script>a",
    "%s%d%n${jndi:ldap://x}a1",
    "Ω≈ç√∫˜µ≤≥÷ 田中さん 1",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0663 \u202a".removesuffix("\u202a"),
    "ㅋㅋㅋ 비밀번호 1",
    "…ﬁﬂ½ ｗｉｄｅ１",
    "👩‍👩‍👧 family 1".replace("\u200d", ""),
    "Z\u0351\u036b\u0343\u036aa\u0302\u036flgo 1!",
    "a1" + "x" * 1000,
)


@pytest.fixture(name="strict")
def _strict(merchant: Merchant) -> Merchant:
    assert merchant.call("PUT", PATH, STRICT).json == STRICT
    return merchant


def test_the_vendors_rule_is_everybodys_until_a_set_is_given_another(merchant: Merchant) -> None:
    assert merchant.call("GET", PATH).json == {
        "minimumLength": 6,
        "minimumDigits": 1,
        "minimumLetters": 1,
        "refusesCommonPasswords": False,
        "refusesSimilarPasswords": False,
    }
    assert merchant.sign_up("stacy@mail.com", SITE, "abc123").account


def test_a_policy_is_written_down_with_what_it_was(strict: Merchant, services: Services) -> None:
    assert strict.call("PUT", PATH, STRICT).status_code == 200
    noted = entries(services, strict.tenant_id, "customer_set:b2c")
    changed = [each for each in noted if each["action"] == "customer_set.password_policy_changed"]
    assert len(changed) == 1
    assert changes(changed[0]) == {
        "minimumLength": (6, 12),
        "minimumDigits": (1, 0),
        "minimumLetters": (1, 0),
        "refusesCommonPasswords": (False, True),
        "refusesSimilarPasswords": (False, True),
    }


def test_a_policy_nobody_could_meet_and_a_set_that_is_not_there_are_refused(
    merchant: Merchant,
) -> None:
    assert merchant.call("PUT", PATH, {"minimumLength": 65}).status_code == 400
    assert merchant.call("PUT", PATH, {"minimumLength": 4, "minimumDigits": 5}).status_code == 400
    assert merchant.call("GET", "customerSets/none/passwordPolicy").status_code == 404
    assert merchant.call("PUT", "customerSets/none/passwordPolicy", STRICT).status_code == 404


def test_it_holds_wherever_a_password_is_chosen(strict: Merchant, services: Services) -> None:
    """Signing up, by a shopper or by customer service, several at once, gaining a login, and changing one."""
    with pytest.raises(Invalid, match=TOO_SHORT):
        strict.sign_up("ada@mail.com", SITE, PASSWORD)
    with pytest.raises(Invalid, match=COMMON[:20]):
        strict.sign_up("ada@mail.com", SITE, "passwordpassword")
    with pytest.raises(Invalid, match=SIMILAR[:20]):
        strict.sign_up("ada@mail.com", SITE, "Lovelace-1815", last_name="Lovelace")
    with pytest.raises(Invalid, match=SIMILAR[:20]):
        strict.sign_up("ada@mail.com", SITE, "mystic-kids-26")
    by_service = Enrolment({"email_address": "ada@mail.com"}, PASSWORD)
    with pytest.raises(Invalid, match=TOO_SHORT):
        services.on_behalf.create(strict.caller(), strict.site(SITE), by_service)
    with pytest.raises(Invalid, match="1 of 1"):
        services.on_behalf.create_several(strict.caller(SITE), [by_service])
    guest = services.accounts.create(
        strict.caller(), strict.site(SITE), {"email_address": "ada@mail.com"}
    )
    with pytest.raises(Invalid, match=TOO_SHORT):
        services.login.create_login(strict.caller(SITE), guest.id, by_service)
    ada = strict.sign_up("ada@mail.com", SITE, GOOD).account
    assert ada is not None
    with pytest.raises(Invalid, match=TOO_SHORT):
        services.credentials.change_password(strict.caller(), ada.id, GOOD, PASSWORD)


def test_it_holds_in_no_other_set_and_for_no_password_there_is(merchant: Merchant) -> None:
    merchant.sign_up("stacy@mail.com", SITE, "abc123")
    merchant.call("PUT", PATH, STRICT)
    assert merchant.sign_in("stacy@mail.com", SITE, "abc123").account
    assert merchant.sign_up("stacy@mail.com", OTHER_SITE, "abc123").account


@pytest.mark.parametrize("text", NAUGHTY)
def test_whatever_is_accepted_signs_in_again_however_it_is_typed(
    merchant: Merchant, text: str
) -> None:
    """By the API, with JSON between: in every normal form of Unicode, and no other text does."""
    body = {"account": {"emailAddress": "stacy@mail.com"}, "password": text}
    assert (
        merchant.call("POST", "accounts/Add-Account-And-Login", body, site=SITE).status_code == 201
    )
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    answers = {
        typed: merchant.call(
            "POST", "authtickets", {"username": "stacy@mail.com", "password": typed}, site=SITE
        ).status_code
        for typed in (*forms, text[:-1], text + " ")
    }
    assert {typed for typed, status in answers.items() if status == 201} == forms
