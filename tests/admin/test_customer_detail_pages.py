"""Main › Customers › Customers: the page of one customer, as document [B] shows its General section."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.contacts.rules import Contact
from authsvc.regrouping.rules import MoveCustomers
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, inputs, number_of, save, staff_browser
from tests.admin.pages import said
from tests.merchants import Merchant
from tests.trail import changes, entries

# What a button on the page is sent to, below the customer's own address.
ACTIONS = (
    "",
    "/lock",
    "/unlock",
    "/password-change",
    "/sign-out",
    "/sessions/end",
    "/passkeys/remove",
)


def test_general_and_additional_settings_as_the_document_shows_them(
    csr: Browser, usha: str
) -> None:
    """[B] General: First Name *, Last Name *, Username, Email *, Customer Set; Additional Settings."""
    csr.get(usha)
    text = said(csr)
    general = text[text.index("General") : text.index("Additional Settings")]
    assert re.search(r"First Name \* Last Name \* Username Email \* Customer Set", general)
    assert "B2C (b2c)" in general
    settings = text[text.index("Additional Settings") :]
    assert re.search(r"Marketing Messages Tax Exempt Tax ID #", settings)
    shown = inputs(csr)
    for field, value in {
        "first_name": "Usha",
        "last_name": "Cheruku",
        "username": "usha_cheruku@mozu.com",
        "email_address": "usha_cheruku@mozu.com",
        "customer_set": "b2c",
    }.items():
        assert shown[field] == value
    assert f'href="{usha}/why"' in csr.text


def test_what_staff_change_is_kept_and_told_with_old_and_new_values(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    csr.get(usha)
    save(csr, usha, last_name="O'Neil <b>", accepts_marketing="Y", tax_exempt="Y", tax_id="DE 42")
    assert "Saved. In force everywhere at once." in said(csr)
    account = services.accounts.account(merchant.tenant_id, number_of(usha))
    assert (account.last_name, account.tax_id) == ("O'Neil <b>", "DE 42")
    assert (account.accepts_marketing, account.tax_exempt) == (True, True)
    told = entries(services, merchant.tenant_id, f"account:{account.id}")[-1]
    assert told["actor"].startswith("staff:customer-service-")
    assert changes(told) == {
        "last_name": ("Cheruku", "O'Neil <b>"),
        "tax_id": (None, "DE 42"),
        "accepts_marketing": (False, True),
        "tax_exempt": (False, True),
    }
    assert "Last Name: Cheruku → O'Neil <b>" in said(csr)
    assert "Tax ID: empty → DE 42" in said(csr)
    save(csr, usha, "accepts_marketing", tax_id="")
    account = services.accounts.account(merchant.tenant_id, account.id)
    assert (account.accepts_marketing, account.tax_exempt, account.tax_id) == (False, True, None)
    save(csr, usha)
    assert "nothing was changed" in said(csr)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"first_name": ""}, "first_name", "cannot be cleared"),
        ({"username": ""}, "username", "A username cannot be taken away"),
        ({"email_address": "nobody"}, "email_address", ""),
        ({"tax_id": "x" * 201}, "tax_id", "Tax ID: give at most 200 printable characters"),
        ({"last_name": "a\x07b"}, "last_name", "Last Name: give at most 200"),
        ({"customer_set": "nowhere"}, "customer_set", "There is no customer set"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(
    csr: Browser, usha: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    csr.get(usha)
    other = "tax_id" if field != "tax_id" else "last_name"
    answer = save(csr, usha, **({other: "typed & kept"} | typed))
    assert answer.status_code in (400, 404)
    assert sentence in said(csr)
    assert f'<a href="#{field}">' in csr.text
    if field != "customer_set":
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', csr.text)
    assert inputs(csr)[other] == "typed & kept"


def test_two_who_edit_one_customer_do_not_overwrite_each_other(
    services: Services, app: Flask, csr: Browser, usha: str, merchant: Merchant
) -> None:
    csr.get(usha)
    colleague = staff_browser(services, app, merchant, Role.ADMINISTRATOR)
    colleague.get(usha)
    save(colleague, usha, last_name="Married", tax_id="DE 1")
    answer = save(csr, usha, last_name="Mistyped", first_name="Ushi")
    assert answer.status_code == 409
    text = said(csr)
    assert "Last Name was Cheruku and is now Married" in text
    assert "Tax ID was empty and is now DE 1" in text
    assert re.search(
        r"The last change was made by administrator-\w+ \(staff\) at \d\d:\d\d UTC", text
    )
    kept = services.accounts.account(merchant.tenant_id, number_of(usha))
    assert (kept.first_name, kept.last_name) == ("Usha", "Married")
    # What was typed stands there still; what was not touched is as it is now.
    shown = inputs(csr)
    assert (shown["first_name"], shown["last_name"], shown["tax_id"]) == (
        "Ushi",
        "Mistyped",
        "DE 1",
    )
    assert save(csr, usha).status_code == 200
    kept = services.accounts.account(merchant.tenant_id, number_of(usha))
    assert (kept.first_name, kept.last_name, kept.tax_id) == ("Ushi", "Mistyped", "DE 1")


def test_a_name_that_another_customer_of_the_set_has_is_refused_with_a_link_there(
    csr: Browser, usha: str, merchant: Merchant
) -> None:
    stacy = customer_of(merchant, "stacy@mail.com", "Mystic Kids", username="stacy")
    for field, typed in (("username", "STACY"), ("email_address", "stacy@mail.com")):
        csr.get(usha)
        assert save(csr, usha, **{field: typed}).status_code == 409
        sentence = f"{typed} belongs to customer {stacy} in the customer set b2c already."
        assert f'<a href="#{field}">{sentence}' in csr.text
        assert f'<a href="{CUSTOMERS}/{stacy}">Open customer {stacy}</a>' in csr.text


def test_segments_are_chips_to_add_and_remove_while_the_rest_stays_typed(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    """[B]: Customer Segments, Search."""
    caller = merchant.caller()
    for code, name in (("vip", "Very important"), ("press", "Press")):
        services.segments.create(caller, {"code": code, "name": name})
    csr.get(usha)
    assert "In no segment." in said(csr)
    assert '<option value="press">Press</option>' in csr.text
    answer = save(csr, usha, action="add-segment", segment="VIP", last_name="Typed")
    assert answer.status_code == 200
    assert "Added to the segment Very important. In force everywhere at once." in said(csr)
    (segment,) = services.segments.of_account(merchant.tenant_id, number_of(usha))
    assert segment.code == "vip"
    assert inputs(csr)["last_name"] == "Typed"
    account = services.accounts.account(merchant.tenant_id, number_of(usha))
    assert account.last_name == "Cheruku"
    assert "Segment: empty → vip" in said(csr)
    assert "Very important ×" in said(csr)
    remove = f"remove-segment:{segment.id}"
    save(csr, usha, action=remove)
    assert "Removed from the segment Very important." in said(csr)
    assert inputs(csr)["last_name"] == "Typed"
    for typed in ({"action": remove}, {"action": "add-segment", "segment": "nowhere"}):
        assert save(csr, usha, **typed).status_code in (400, 409)
    assert services.segments.of_account(merchant.tenant_id, number_of(usha)) == ()


def test_a_customer_without_login_and_with_contacts(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    guest = services.accounts.create(
        merchant.caller(),
        merchant.site("Mystic Sports"),
        {"email_address": "guest@mail.com"},
        [
            Contact(
                0,
                "home@mail.com",
                "Gus",
                last_name_or_surname="T.",
                address={"address1": "1 Main St", "cityOrTown": "Austin"},
                primary_billing=True,
            )
        ],
    )
    csr.get(f"{CUSTOMERS}/{guest.id}")
    text = said(csr)
    assert "None yet: nobody can sign in as this customer." in text
    assert "Gus T. · Billing (primary) 1 Main St, Austin home@mail.com" in text
    assert "/password-change" not in csr.text
    save(csr, f"{CUSTOMERS}/{guest.id}", first_name="Gus")
    assert "Saved." in said(csr)


def test_the_audit_trail_has_pages_and_the_page_stays_small(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    for at in range(25):
        services.accounts.update(merchant.caller(), number_of(usha), {"tax_id": f"DE {at}"})
        merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    page = csr.get(usha)
    assert len(page.data) < 60_000
    text = said(csr)
    assert "27 entries, newest first" in text
    assert "Tax ID: DE 23 → DE 24" in text
    assert "26 signed in now; the latest 20 are listed" in text
    assert "Account created" not in text
    csr.get(f"{usha}?trail=20")
    assert "Tax ID: empty → DE 0" in said(csr)
    assert "Account created" in said(csr)


def test_an_auditor_sees_everything_and_nothing_to_press(
    services: Services, app: Flask, usha: str, merchant: Merchant
) -> None:
    ticket = merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    auditor = staff_browser(services, app, merchant, Role.AUDITOR)
    auditor.get(usha)
    text = said(auditor)
    for shown in ("Usha", "usha_cheruku@mozu.com", "B2C (b2c)", "2 signed in now", "Login created"):
        assert shown in text
    assert re.findall(r'<form[^>]*action="([^"]+)"', auditor.text) == ["/admin/sign-out"]
    form = {"form_token": auditor.field("/admin/sign-out", "form_token"), "first_name": "X"}
    move = [MoveCustomers("b2b", accounts=(number_of(usha),))]
    plan = services.regrouping.ask(merchant.caller(), move)
    for action in (*ACTIONS, f"/plan/{plan.id}"):
        assert auditor.post(f"{usha}{action}", form).status_code == 403
    assert auditor.get(f"{usha}/plan/{plan.id}").status_code == 403
    assert merchant.check(ticket.tokens.access_token, "Mystic Kids").status_code == 200


def test_a_forged_form_changes_nothing(csr: Browser, usha: str, merchant: Merchant) -> None:
    ticket = merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    csr.get(usha)
    form = inputs(csr) | {"first_name": "Forged", "required": "Y"}
    for action in ACTIONS:
        assert csr.post(f"{usha}{action}", form | {"form_token": ""}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert csr.post(f"{usha}{action}", form, headers=elsewhere).status_code == 403
    csr.get(usha)
    assert inputs(csr)["first_name"] == "Usha"
    assert merchant.check(ticket.tokens.access_token, "Mystic Kids").status_code == 200


def test_another_merchants_customer_is_not_there(
    csr: Browser, other_merchant: Merchant, services: Services
) -> None:
    theirs = customer_of(other_merchant, "stacy@mail.com", "Mystic Sports")
    form = {"form_token": csr.field("/admin/sign-out", "form_token")}
    for address in (
        f"{CUSTOMERS}/{theirs}",
        f"{CUSTOMERS}/{10**30}",
        f"{CUSTOMERS}/1",
        f"{CUSTOMERS}/x",
    ):
        assert csr.get(address).status_code == 404
        for action in ACTIONS:
            assert csr.post(f"{address}{action}", form).status_code == 404
    account = services.accounts.account(other_merchant.tenant_id, theirs)
    assert not account.is_locked
