"""System › Structure › Customer Sets, step by step as document [A] shows it, in a browser without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from authsvc.app import create_app
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.regrouping.rules import AssignSites, EditSet
from authsvc.services import Services
from authsvc.settings import Propagation, Settings
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import hire
from tests.trail import entries

SETS = "/admin/customer-sets"


@pytest.fixture(name="admin")
def _admin(browser: Browser, user: StaffUser) -> Browser:
    """An administrator's browser, at the customer sets."""
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    browser.get(SETS)
    return browser


def row(browser: Browser, code: str) -> list[str]:
    """Return the cells of a set's row: code, name, default, sites, customers."""
    for found in re.findall(r"<tr>(.*?)</tr>", browser.text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*data-label[^>]*>(.*?)</t[hd]>", found, re.DOTALL)
        texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
        if texts and texts[0] == code:
            return texts
    raise LookupError(code)


def save(browser: Browser, path: str, sites: list[int] | None = None, **typed: str) -> TestResponse:
    """Fill the row that is open and press Save; `sites` are the boxes that are ticked, None for as they are."""
    ticked = re.findall(r'name="site" value="(\d+)" checked(?! disabled)', browser.text)
    fields = {name: browser.field(path, name) for name in ("form_token", "seen", "offered")}
    form = MultiDict[str, str](fields | typed)
    form.setlist("site", [str(site) for site in (ticked if sites is None else sites)])
    return browser.post(path, form)


def structure(merchant: Merchant) -> dict[str, str]:
    """Return which set each site is in."""
    return {
        site.name: site.customer_set
        for site in merchant.services.customer_sets.sites(merchant.tenant_id)
    }


def test_to_navigate_to_the_customer_sets_menu(admin: Browser) -> None:
    """[A]: in the left menu, on the "SYSTEM" tab, click "Structure", then click "Customer Sets"."""
    admin.get("/admin/")
    assert f'<a href="{SETS}">Customer Sets</a>' in admin.text
    assert "System › Structure" in admin.text
    assert admin.get(SETS).status_code == 200
    assert f'<a href="{SETS}" aria-current="page">' in admin.text


def test_all_existing_sets_are_listed_as_well_as_a_default_set(
    admin: Browser, merchant: Merchant
) -> None:
    """[A]: All existing Sets that have been created will be listed here, as well as a system "Default" set."""
    merchant.sign_up("john@mail.com", "Mystic Sports")
    admin.get(SETS)
    assert re.findall(r'<th scope="col"[^>]*>([A-Z][a-z]+)</th>', admin.text) == [
        "Code",
        "Name",
        "Default",
        "Sites",
        "Customers",
    ]
    assert row(admin, "b2b")[:3] == ["b2b", "B2B", "N"]
    assert row(admin, "b2c")[3].startswith("Mystic Sports Mystic Kids")
    assert row(admin, "b2c")[4] == "1"
    assert row(admin, "default")[2] == "Y"


def test_customers_of_a_large_set_are_counted_as_far_as_a_person_reads(
    admin: Browser, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authsvc.admin.customer_set_pages.COUNTED", 2)
    for name, count in (("ann", "1"), ("bob", "2"), ("eve", "over 2"), ("joe", "over 2")):
        merchant.sign_up(f"{name}@mail.com", "Mystic Sports")
        admin.get(SETS)
        assert row(admin, "b2c")[-1] == count
    assert row(admin, "b2b")[-1] == "0"


def test_a_new_site_is_shown_in_the_default_set(admin: Browser, merchant: Merchant) -> None:
    """[A]: Any new Site that gets created is automatically assigned to this "Default" group."""
    merchant.services.customer_sets.create_site(merchant.caller(), "Mystic New")
    admin.get(SETS)
    assert "Mystic New" in row(admin, "default")[3]


def test_create_new_customer_set_opens_a_row_in_line(admin: Browser) -> None:
    """[A]: we'll click the "Create New Customer Set" button on the top right. … configured or edited "in-line"."""
    assert f'href="{SETS}?new=1">Create New Customer Set</a>' in admin.text
    admin.get(f"{SETS}?new=1")
    assert row(admin, "b2c")
    assert '<label for="code">Code</label>' in admin.text
    assert "Cannot be changed once the set is saved." in admin.text
    assert f'href="{SETS}">Cancel</a>' in admin.text


def test_a_new_set_gets_code_name_and_sites(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    """[A]: enter a "Code" … a "Name". Then we'll click the "Sites" dropdown and select the Sites."""
    merchant.sign_up("john@mail.com", "Mystic Sports")
    admin.get(f"{SETS}?new=1")
    assert re.search(r"Mystic Sports\s*<span class=\"small\">would leave b2c", admin.text)
    save(
        admin,
        SETS,
        [merchant.site("Mystic Sports")],
        code="Regional",
        name="Regional",
        description="By region",
        reason="New brand",
    )
    # [B]: the customers will no longer be able to use their login credentials on the reassigned site
    assert "1 site changes sets" in said(admin)
    assert "Mystic Sports leaves b2c for regional" in said(admin)
    assert "1 customer will no longer be able to use their login: 1 on Mystic Sports" in said(admin)
    assert "1 of their sessions are signed in now" in said(admin)
    assert structure(merchant)["Mystic Sports"] == "b2c"
    admin.send(admin.location)
    assert "Customer set regional is created. 1 site changed sets. In force everywhere by " in (
        said(admin)
    )
    assert row(admin, "regional") == [
        "regional",
        "Regional By region",
        "N",
        *row(admin, "regional")[3:],
    ]
    assert structure(merchant)["Mystic Sports"] == "regional"
    told = [
        entry
        for entry in entries(services, merchant.tenant_id)
        if entry["action"] == "plan.committed"
    ]
    assert "New brand" in str(told[-1]["changes"])
    assert told[-1]["actor"].startswith("staff:administrator-")


def test_a_site_can_only_belong_to_one_customer_set(admin: Browser, merchant: Merchant) -> None:
    """[A]: As mentioned earlier, a Site can only belong to one "Customer Set"."""
    admin.get(f"{SETS}?edit=b2b")
    assert "Sites can belong to only one customer set." in admin.text
    assert "in this set; unticked, it goes to default" in said(admin)
    sites = [merchant.site(name) for name in ("Mystic Business", "Mystic Kids")]
    save(admin, f"{SETS}/set/b2b", sites, name="B2B")
    admin.send(admin.location)
    assert "Mystic Kids" in row(admin, "b2b")[3]
    assert "Mystic Kids" not in row(admin, "b2c")[3]
    # Unticked: a site is never in no set.
    assert "Mystic Parts" in row(admin, "default")[3]


def test_an_existing_set_is_edited_in_its_row_and_its_code_is_locked(
    admin: Browser, merchant: Merchant
) -> None:
    """[A]: this Code will not be editable once we save the Set. … further edits … click directly on it."""
    assert '<a href="?edit=b2b">b2b</a>' in admin.text
    admin.get(f"{SETS}?edit=b2b")
    assert 'name="code"' not in admin.text
    assert "The code never changes." in admin.text
    save(admin, f"{SETS}/set/b2b", name="Business", code="other")
    assert "Customer set b2b is saved. In force everywhere by " in said(admin)
    assert row(admin, "b2b")[1] == "Business"
    assert structure(merchant)["Mystic Parts"] == "b2b"


def test_the_default_flag_moves_and_is_never_cleared(admin: Browser) -> None:
    """[B]: Specify whether you want the customer set to be the default customer set."""
    admin.get(f"{SETS}?edit=default")
    assert "It stops being the default when another set is made it." in said(admin)
    admin.get(f"{SETS}?edit=b2c")
    save(admin, f"{SETS}/set/b2c", name="B2C", is_default="Y")
    assert "The default set is now b2c." in said(admin)
    assert (row(admin, "b2c")[2], row(admin, "default")[2]) == ("Y", "N")


def test_delete_is_in_the_menu_on_the_far_right_but_for_the_default_set(admin: Browser) -> None:
    """[A]: click the "Ellipses" on the far right of the Set, then click "Delete"."""
    assert 'aria-label="Menu of b2c">⋯</summary>' in admin.text
    assert f'action="{SETS}/set/b2c/delete"' in admin.text
    assert f'action="{SETS}/set/default/delete"' not in admin.text
    assert "The default set cannot be deleted." in admin.text


def test_a_deletion_asks_for_the_successor_and_says_what_it_does(
    admin: Browser, merchant: Merchant
) -> None:
    """[A]: a modal window … which existing Customer Set to assign Customers and Sites of the deleted Set to."""
    merchant.sign_up("john@mail.com", "Mystic Sports")
    admin.send(f"{SETS}/set/b2c/delete")
    # [B]: The default customer set is automatically selected by default, but you can select another.
    assert '<option value="default" selected>' in admin.text
    assert '<option value="b2b">' in admin.text
    assert '<option value="b2c"' not in admin.text
    assert (
        "Sites 2 Customers 1 Signed in now 1 session Orders in the last 30 days 0 at the sites concerned "
        "In force everywhere by "
    ) in said(admin)
    commit = f"{SETS}/set/b2c/delete/commit"
    admin.send(commit, successor="b2b", reason="One brand")
    assert "Into b2b" in said(admin)
    assert '<option value="b2b" selected>' in admin.text
    assert structure(merchant)["Mystic Sports"] == "b2c"
    admin.send(commit, successor="b2b", reason="One brand too many")
    assert "Customer set b2c is deleted. 2 sites changed sets. 1 customer moved along." in (
        said(admin)
    )
    assert structure(merchant)["Mystic Sports"] == "b2b"
    with pytest.raises(UnknownCustomerSet):
        merchant.services.customer_sets.customer_set(merchant.tenant_id, "b2c")


def test_a_deletion_with_clashes_lists_them_and_cannot_be_sent(
    admin: Browser, merchant: Merchant
) -> None:
    """[B]: you cannot assign more than one of Stacy's accounts to the same customer set."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.sign_up("stacy@mail.com", "Mystic Business")
    admin.send(f"{SETS}/set/b2c/delete")
    assert '<button class="danger">Delete' in admin.text
    commit = f"{SETS}/set/b2c/delete/commit"
    token = admin.field(commit, "form_token")
    admin.post(f"{SETS}/set/b2c/delete", {"form_token": token, "successor": "b2b"})
    assert "1 username exists in both sets, so b2c cannot be deleted into b2b" in said(admin)
    assert '<th scope="row">stacy@mail.com</th>' in admin.text
    assert '<button class="danger" disabled aria-describedby="clashes">Delete' in admin.text
    answer = admin.send(commit, successor="b2b")
    assert answer.status_code == 409
    assert "Rename, move or delete one account of each pair" in said(admin)
    assert structure(merchant)["Mystic Sports"] == "b2c"


@pytest.mark.parametrize("reason", ["", "Typed beside the button"])
def test_a_deletion_of_what_changed_meanwhile_is_refused_and_shown_anew(
    admin: Browser, merchant: Merchant, reason: str
) -> None:
    admin.send(f"{SETS}/set/b2c/delete")
    commit = f"{SETS}/set/b2c/delete/commit"
    moved = AssignSites("b2c", (merchant.site("Mystic Parts"),))
    merchant.services.regrouping.at_once(merchant.caller(), [moved])
    answer = admin.send(commit, successor="default", reason=reason)
    assert answer.status_code == 409
    assert "Things have changed since this plan was asked for" in said(admin)
    assert "Sites 3" in said(admin)
    assert admin.send(commit, successor="default").status_code == 200
    assert structure(merchant)["Mystic Parts"] == "default"


def test_a_refused_code_keeps_what_was_typed(admin: Browser, merchant: Merchant) -> None:
    admin.get(f"{SETS}?new=1")
    answer = save(admin, SETS, [], code="b2c", name="Brand new", reason="Because")
    assert answer.status_code == 409
    assert '<a href="#code">There is a customer set with the code b2c already. Choose' in admin.text
    assert 'id="error" role="alert" tabindex="-1" autofocus' in admin.text
    for typed in ('value="b2c"', 'value="Brand new"', 'value="Because"'):
        assert typed in admin.text
    answer = save(admin, SETS, [merchant.site("Mystic Kids")], code="no spaces", name="New")
    assert answer.status_code == 400
    kids = f'value="{merchant.site("Mystic Kids")}" checked'
    assert kids in admin.text


def test_a_row_that_somebody_else_changed_meanwhile_is_not_saved_over(
    admin: Browser, merchant: Merchant
) -> None:
    admin.get(f"{SETS}?edit=b2b")
    merchant.services.regrouping.at_once(merchant.caller(), [EditSet("b2b", "Wholesale")])
    answer = save(admin, f"{SETS}/set/b2b", name="Business")
    assert answer.status_code == 409
    assert "Name is now: Wholesale" in said(admin)
    assert 'value="Business"' in admin.text
    save(admin, f"{SETS}/set/b2b", name="Business")
    assert row(admin, "b2b")[1] == "Business"


def test_sites_that_moved_before_the_confirmation_are_looked_at_again(
    admin: Browser, merchant: Merchant
) -> None:
    admin.get(f"{SETS}?new=1")
    save(admin, SETS, [merchant.site("Mystic Kids")], code="kids", name="For kids")
    confirmation = admin.location
    moved = AssignSites("b2b", (merchant.site("Mystic Kids"),))
    merchant.services.regrouping.at_once(merchant.caller(), [moved])
    answer = admin.send(confirmation)
    assert answer.status_code == 409
    assert "was to change b2c → kids, would now change b2b → kids" in said(admin)
    assert 'value="For kids"' in admin.text
    assert structure(merchant)["Mystic Kids"] == "b2b"
    admin.get(f"{confirmation}/row")
    assert f'value="{merchant.site("Mystic Kids")}" checked' in admin.text


@pytest.mark.parametrize(
    ("propagation", "told"),
    [(Propagation.DOCUMENTED, r"by \d\d:\d\d UTC"), (Propagation.PUSH, "at once")],
)
def test_a_notice_says_when_a_change_is_in_force(
    settings: Settings, merchant: Merchant, user: StaffUser, propagation: Propagation, told: str
) -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    with machine(settings, propagation=propagation) as its:
        browser = Browser(create_app(its))
        browser.sign_in(user)
        browser.send("/admin/second-factor/decline")
        browser.get(f"{SETS}?edit=b2b")
        save(browser, f"{SETS}/set/b2b", name="Business")
        assert re.search(rf"saved\. In force everywhere {told}\.", said(browser))


def _everything(merchant: Merchant) -> list[str]:
    asked = merchant.services.regrouping.ask(merchant.caller(), [EditSet("b2b", "Business")])
    return [
        SETS,
        f"{SETS}/set/b2b",
        f"{SETS}/set/b2b/delete",
        f"{SETS}/set/b2b/delete/commit",
        f"{SETS}/plan/{asked.id}",
    ]


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_who_may_not_change_the_structure_sees_it_and_nothing_to_press(
    services: Services, app: Flask, merchant: Merchant, role: Role
) -> None:
    browser = Browser(app)
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    assert f'<a href="{SETS}">Customer Sets</a>' in browser.text
    browser.get(SETS)
    assert row(browser, "b2c")[1] == "B2C"
    for control in ("Create New", "?edit", "Delete", "⋯"):
        assert control not in browser.text
    form = {
        "form_token": browser.field("/admin/sign-out", "form_token"),
        "code": "x",
        "name": "X",
    }
    for path in _everything(merchant):
        assert browser.post(path, form).status_code == 403
    for path in (f"{SETS}?new=1", f"{SETS}?edit=b2c", *_everything(merchant)[-1:]):
        assert browser.get(path).status_code == 403


def test_a_forged_form_changes_nothing(admin: Browser, merchant: Merchant) -> None:
    admin.get(f"{SETS}?edit=b2b")
    token = admin.field(f"{SETS}/set/b2b", "form_token")
    for path in _everything(merchant):
        assert admin.post(path, {"name": "Forged", "code": "forged"}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        answer = admin.post(path, {"form_token": token, "name": "F"}, headers=elsewhere)
        assert answer.status_code == 403
    kept = merchant.services.customer_sets.customer_set(merchant.tenant_id, "b2b")
    assert kept.customer_set.name == "B2B"


def test_another_merchants_sets_and_plans_are_not_there(
    admin: Browser, other_merchant: Merchant
) -> None:
    form = {"form_token": admin.field("/admin/sign-out", "form_token")}
    path = _everything(other_merchant)[-1]
    assert admin.get(path).status_code == 404
    assert admin.post(path, form).status_code == 404


def test_a_table_of_many_sets_and_sites_stays_small(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    caller = merchant.caller()
    with services.database.transaction():
        for at in range(60):
            services.customer_sets.create_customer_set(caller, f"set-{at:03}", f"Set {at}")
        for at in range(120):
            services.customer_sets.create_site(caller, f"Shop {at:03}")
    page = admin.get(f"{SETS}?edit=set-059")
    assert len(page.data) < 90_000
    assert "Shop 119 <span" not in admin.text
    action = f"{SETS}/set/set-059"
    save(admin, action, [merchant.site("Mystic Kids")], name="Typed", find="shop 11", action="find")
    assert "Shop 119 <span" in admin.text
    assert "Shop 001 <span" not in admin.text
    assert 'value="Typed"' in admin.text
    assert f'value="{merchant.site("Mystic Kids")}" checked' in admin.text
    admin.get(f"{SETS}?start=50")
    assert row(admin, "set-059")[1] == "Set 59"
