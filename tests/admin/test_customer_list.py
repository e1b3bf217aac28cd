"""Main › Customers › Customers: found by words, number and filters, paged, ticked and moved, without JavaScript."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from authsvc.regrouping.plans import Plan
from authsvc.regrouping.rules import MoveCustomers
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, staff_browser
from tests.admin.pages import said
from tests.merchants import Merchant

MOVE = f"{CUSTOMERS}/move"
COLUMNS = ["Number", "Name", "Username", "Email", "Customer Set", "Login", "Created"]


@pytest.fixture(name="people")
def _people(merchant: Merchant) -> dict[str, int]:
    """Some customers, by first name: of both sets, one of them locked, one a guest, one in a segment."""
    caller, services = merchant.caller(), merchant.services
    found = {
        first: customer_of(merchant, f"{first}@mail.com".lower(), site, **names)
        for first, site, names in (
            ("John", "Mystic Sports", {"first_name": "John", "last_name": "Smith-Jones"}),
            ("Stacy", "Mystic Kids", {"first_name": "Stacy", "last_name": "Moore"}),
            ("Big", "Mystic Parts", {"company_or_organization": "Big Sports"}),
        )
    }
    guest = {"first_name": "Gus", "last_name": "Jones", "email_address": "gus@mail.com"}
    found["Gus"] = services.accounts.create(caller, merchant.site("Mystic Business"), guest).id
    services.credentials.set_locked(caller, found["Stacy"], locked=True)
    vip = services.segments.create(caller, {"code": "vip", "name": "VIP"})
    services.segments.add_accounts(caller, vip.id, [found["Stacy"], found["Big"]])
    return found


def rows(browser: Browser) -> list[list[str]]:
    """Return the cells of the table's rows, but for the box to tick."""
    found = []
    for tag in re.findall(r"<tr>(.*?)</tr>", browser.text, re.DOTALL):
        cells = re.findall(r"<t[hd] [^>]*data-label[^>]*>(.*?)</t[hd]>", tag, re.DOTALL)
        found.append([unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells])
    return [cells for cells in found if cells]


def listed(browser: Browser, address: str) -> set[int]:
    """Open a list and return the numbers of who is on it."""
    assert browser.get(CUSTOMERS + address).status_code == 200
    return {int(cells[0]) for cells in rows(browser)}


def move(browser: Browser, *ticked: int, **fields: str) -> TestResponse:
    """Tick customers of the shown list, fill in `fields`, and ask what moving them would do."""
    form = MultiDict[str, str](fields)
    form["form_token"] = browser.field("/admin/sign-out", "form_token")
    form.setlist("account", [str(account_id) for account_id in ticked])
    return browser.post(MOVE, form)


def plan_shown(browser: Browser, merchant: Merchant) -> Plan:
    """Return the plan whose page is shown."""
    plan_id = int(browser.location.rpartition("/")[2])
    return merchant.services.regrouping.plan(merchant.tenant_id, plan_id)


def set_of(merchant: Merchant, account_id: int) -> str:
    """Return the set a customer is in."""
    return merchant.services.accounts.account(merchant.tenant_id, account_id).customer_set


def test_the_list_says_who_they_are_and_leads_to_each(
    admin: Browser, people: dict[str, int], merchant: Merchant
) -> None:
    """[B]: go to Main > Customers > Customers … click the customer."""
    admin.get("/admin/")
    assert "Main › Customers" in admin.text
    assert f'<a href="{CUSTOMERS}">Customers</a>' in admin.text
    admin.get(CUSTOMERS)
    assert re.findall(r'<th scope="col"[^>]*>([A-Za-z ]+)</th>', admin.text) == COLUMNS
    told = {cells[0]: cells[1:6] for cells in rows(admin)}
    assert told == {
        str(people["John"]): ["John Smith-Jones", *["john@mail.com"] * 2, "b2c", "Can sign in"],
        str(people["Stacy"]): ["Stacy Moore", *["stacy@mail.com"] * 2, "b2c", "Locked"],
        str(people["Big"]): ["Big Sports", *["big@mail.com"] * 2, "b2b", "Can sign in"],
        str(people["Gus"]): ["Gus Jones", "", "gus@mail.com", "b2b", "Guest"],
    }
    assert "4 customers" in said(admin)
    assert f'href="{CUSTOMERS}/{people["John"]}">John Smith-Jones</a>' in admin.text
    assert f'href="{CUSTOMERS}/new">Create New Customer</a>' in admin.text


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("?q=john", {"John"}),
        ("?q=JONES", {"John", "Gus"}),
        ("?q=jon+smi", {"John"}),
        ("?q=stacy%40mail", {"Stacy"}),
        ("?q=sport", {"Big"}),
        ("?q=nobody", set()),
        ("?set=b2b", {"Big", "Gus"}),
        ("?set=B2C&login=open", {"John"}),
        ("?login=locked", {"Stacy"}),
        ("?login=guest", {"Gus"}),
        ("?segment=VIP", {"Stacy", "Big"}),
        ("?segment=vip&set=b2b", {"Big"}),
        ("?segment=gone", set()),
        ("?q=jones&login=guest", {"Gus"}),
        ("?login=nonsense", {"John", "Stacy", "Big", "Gus"}),
    ],
)
def test_customers_are_found_and_all_that_match_are_those_who_would_move(
    admin: Browser, people: dict[str, int], merchant: Merchant, address: str, names: set[str]
) -> None:
    """[K] 3.4: a number matches the customer number … advanced filters are name, phone, segment, customer set."""
    found = {people[name] for name in names}
    assert listed(admin, address) == found
    assert listed(admin, f"?q={people['John']}") == {people["John"]}
    if found and address != "?login=nonsense":
        admin.get(CUSTOMERS + address)
        assert f"All that match ({len(found)})" in said(admin)
        fields = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', admin.text)
        assert move(admin, **dict(fields), target="default", everybody="Y").status_code == 200
        plan = plan_shown(admin, merchant)
        assert plan.findings.customers == len(found)
        # However many there are, it is the search that travels.
        assert "accounts=None" in str(plan.changes[0])


def test_the_pages_of_a_list_hold_everybody_once_and_lead_back(
    admin: Browser, merchant: Merchant
) -> None:
    site = merchant.site("Mystic Sports")
    with merchant.services.database.transaction():
        made = {
            merchant.services.accounts.create(
                merchant.caller(), site, {"last_name": f"Page {at:03}", "first_name": "A"}
            ).id
            for at in range(120)
        }
    seen = [listed(admin, "?q=page")]
    assert "More than 50 customers" in said(admin)
    assert "All that match (more than 50)" in said(admin)
    assert ">Previous<" not in admin.text
    while following := re.search(r'rel="next" href="/admin/customers([^"]+)"', admin.text):
        seen.append(listed(admin, unescape(following[1])))
    assert [len(page) for page in seen] == [50, 50, 20]
    assert set.union(*seen) == made
    before = re.search(r'rel="prev" href="/admin/customers([^"]+)"', admin.text)
    assert before is not None
    assert listed(admin, unescape(before[1])) == seen[1]


def test_what_finds_nobody_or_cannot_be_asked_says_what_to_do(
    admin: Browser, merchant: Merchant
) -> None:
    admin.get(CUSTOMERS)
    assert "There are no customers yet." in said(admin)
    admin.get(f"{CUSTOMERS}?q=nobody&set=b2b")
    assert "No customer is found." in said(admin)
    assert f'href="{CUSTOMERS}?q=nobody">' in admin.text
    assert f'href="{CUSTOMERS}">Show all customers' in admin.text
    assert admin.get(f"{CUSTOMERS}?q=a+b+c+d+e+f+g+h+i").status_code == 400
    assert '<a href="#q">Give at most 8 words.</a>' in admin.text
    assert 'value="a b c d e f g h i"' in admin.text
    assert admin.get(f"{CUSTOMERS}?cursor=nonsense").status_code == 400


def test_ticked_customers_move_once_it_is_seen_what_that_does(
    admin: Browser, people: dict[str, int], merchant: Merchant
) -> None:
    """[B]: Stacy … you cannot assign more than one of Stacy's accounts to the same customer set."""
    admin.get(CUSTOMERS)
    move(admin, people["John"], people["Stacy"], target="b2b")
    assert plan_shown(admin, merchant).changes == (
        MoveCustomers("b2b", accounts=(people["John"], people["Stacy"])),
    )
    assert "2 customers will no longer be able to use their login: 2 on Mystic Sports" in said(
        admin
    )
    assert "everywhere at once" in said(admin)
    assert set_of(merchant, people["John"]) == "b2c"
    admin.send(f"{admin.location}/commit", reason="Wholesale now")
    assert "2 customers moved to b2b. In force everywhere at once." in said(admin)
    assert {set_of(merchant, people[name]) for name in ("John", "Stacy")} == {"b2b"}
    merchant.sign_up("john@mail.com", "Mystic Sports")
    admin.get(f"{CUSTOMERS}?set=b2c")
    move(admin, set="b2c", everybody="Y", target="b2b")
    assert plan_shown(admin, merchant).changes == (MoveCustomers("b2b", from_set="b2c"),)
    assert "1 username exists in both sets" in said(admin)
    assert "john@mail.com" in said(admin)
    assert re.search(r"<button disabled[^>]*>Commit", admin.text)


@pytest.mark.parametrize(
    ("ticks", "fields", "status", "told"),
    [
        (True, {}, 400, '<a href="#target">Choose the customer set to move to.</a>'),
        (False, {"target": "b2b"}, 400, '<a href="#customers">Tick the customers to move.</a>'),
        # Nothing is searched: everybody there is cannot be meant.
        (False, {"target": "b2b", "everybody": "Y"}, 400, "Tick the customers to move."),
        (True, {"target": "nowhere"}, 404, "There is no customer set"),
    ],
)
def test_a_refused_choice_stays_as_it_was(
    admin: Browser,
    people: dict[str, int],
    ticks: bool,
    fields: dict[str, str],
    status: int,
    told: str,
) -> None:
    admin.get(f"{CUSTOMERS}?q=john")
    chosen = [people["John"]] if ticks else []
    assert move(admin, *chosen, **fields).status_code == status
    assert told in admin.text
    assert 'id="error" role="alert"' in admin.text
    assert (f'value="{people["John"]}" checked' in admin.text) is ticks
    if fields.get("target") == "b2b":
        assert re.search(r'id="target"[^§]*<option value="b2b" selected', admin.text)


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_only_administrators_move_customers_from_the_list(
    services: Services, app: Flask, merchant: Merchant, people: dict[str, int], role: Role
) -> None:
    browser = staff_browser(services, app, merchant, role)
    browser.get(CUSTOMERS)
    assert len(rows(browser)) == len(people)
    for control in ('type="checkbox"', "Move to", MOVE):
        assert control not in browser.text
    assert ("Create New Customer" in browser.text) is (role is Role.CUSTOMER_SERVICE)
    assert move(browser, people["John"], target="b2b").status_code == 403


def test_a_forged_form_asks_nothing_and_another_merchants_customers_are_not_there(
    admin: Browser, people: dict[str, int], other_merchant: Merchant
) -> None:
    form = {"account": str(people["John"]), "target": "b2b"}
    assert admin.post(MOVE, form).status_code == 403
    theirs = customer_of(other_merchant, "john@mail.com", "Mystic Sports")
    assert listed(admin, f"?q={theirs}") == set()
    assert theirs not in listed(admin, "")
    assert move(admin, theirs, target="b2b").status_code == 404


def test_a_page_stays_small_however_many_sets_and_long_names_there_are(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    caller, site = merchant.caller(), merchant.site("Mystic Sports")
    long = {"first_name": "F" * 50, "last_name": "L" * 50, "email_address": "e" * 60 + "@mail.com"}
    with services.database.transaction():
        for at in range(98):
            services.customer_sets.create_customer_set(
                caller, f"set-{at:03}", f"A Set of Shops {at}"
            )
        for _ in range(50):
            services.accounts.create(caller, site, long)
    sets = len(services.customer_sets.customer_sets(merchant.tenant_id, [], 0, 200)[0])
    assert admin.get(CUSTOMERS).status_code == 200
    assert len(admin.text.encode()) < 80_000
    assert (admin.text.count("<option value=") > 2 * sets) is (sets <= 100)
    services.customer_sets.create_customer_set(caller, "one-more", "One more")
    admin.get(CUSTOMERS)
    assert 'placeholder="Code of a set"' in admin.text
    assert len(admin.text.encode()) < 60_000
