"""System › Structure › Customer Sets, step by step as document [A] shows it, in a browser without JavaScript."""

from __future__ import annotations

import re

import pytest

from authsvc.app import create_app
from authsvc.regrouping.rules import AssignSites, EditSet
from authsvc.services import Services
from authsvc.settings import Propagation, Settings
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
from tests.admin.customer_sets import SETS, row, save, structure
from tests.admin.pages import said
from tests.machines import machine
from tests.merchants import Merchant
from tests.trail import entries


@pytest.fixture(name="admin")
def _admin(admin: Browser) -> Browser:
    """The browser of an administrator, at the customer sets."""
    admin.get(SETS)
    return admin


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
