"""System › Structure › Sites, in a browser without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.app import create_app
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.settings import Propagation, Settings
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import rows, said
from tests.machines import machine
from tests.merchants import Merchant
from tests.overlaps import DEADLINE_SECONDS, meanwhile
from tests.staff.people import hire
from tests.trail import changes, entries

SITES = "/admin/sites"


@pytest.fixture(name="admin")
def _admin(admin: Browser) -> Browser:
    """The browser of an administrator, at the sites."""
    admin.get(SITES)
    return admin


def _row(browser: Browser, name: str, number: int) -> list[str]:
    return rows(browser)[f"{name} Number {number}"]


def _edit(browser: Browser, merchant: Merchant, name: str) -> str:
    """Open a site's row; returns where it is sent to."""
    browser.get(f"{SITES}?edit={merchant.site(name)}")
    return f"{SITES}/{merchant.site(name)}"


def _typed(browser: Browser, action: str, **typed: str) -> dict[str, str]:
    """Return what a browser sends of a row; it reads texts of several lines, which `send` does not."""
    return {name: browser.field(action, name) for name in ("form_token", "seen")} | typed


def test_every_site_is_listed_with_its_set_hosts_and_origins(
    admin: Browser, merchant: Merchant
) -> None:
    site = merchant.site("Mystic Sports")
    host = f"sports.t{merchant.tenant_id}.example"
    wanted = SiteChange(hosts=[host], origins=[f"https://{host}"])
    merchant.services.sites.change(merchant.caller(), site, wanted)
    admin.get(SITES)
    assert _row(admin, "Mystic Sports", site)[:3] == ["b2c", host, f"https://{host}"]
    assert "5 sites" in said(admin)


def test_a_new_site_joins_the_default_set_and_is_open_at_once(
    admin: Browser, merchant: Merchant
) -> None:
    """[B]: When you create a new site, Kibo eCommerce automatically assigns the site to the default customer set."""
    merchant.services.propagation.apply_now(merchant.caller())
    assert f'href="{SITES}?new=1">Create New Site</a>' in admin.text
    admin.get(f"{SITES}?new=1")
    assert '<option value="default" selected>' in admin.text
    host = f"golf.t{merchant.tenant_id}.example"
    admin.send(SITES, name="Mystic Golf", hosts=f"{host}\r\nwww.{host}", customer_set="default")
    assert "The site is created, and open at once." in said(admin)
    assert "Not every worker" not in admin.text
    found = next(cells for name, cells in rows(admin).items() if name.startswith("Mystic Golf"))
    assert found[:2] == ["default", f"{host} www.{host}"]


def test_a_site_is_renamed_and_given_hosts_and_origins_in_its_row(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    action = _edit(admin, merchant, "Mystic Parts")
    host = f"parts.t{merchant.tenant_id}.example"
    admin.post(
        action,
        _typed(admin, action, name="Spare Parts", hosts=f"{host} ", origins=f"https://{host}"),
    )
    assert "The site is saved." in said(admin)
    assert _row(admin, "Spare Parts", merchant.site("Mystic Parts"))[:3] == [
        "b2b",
        host,
        f"https://{host}",
    ]
    told = entries(services, merchant.tenant_id, f"site:{merchant.site('Mystic Parts')}")[-1]
    assert changes(told)["name"] == ("Mystic Parts", "Spare Parts")
    assert told["actor"].startswith("staff:administrator-")


def test_a_change_says_by_when_it_is_in_force_or_applies_now(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    services.propagation.apply_now(merchant.caller())
    action = _edit(admin, merchant, "Mystic Kids")
    admin.post(action, _typed(admin, action, name="Kids"))
    assert re.search(r"in force everywhere by \d\d:\d\d UTC\. Apply now", said(admin))
    # It stands there for as long as it is so, on every page about structure.
    admin.get("/admin/customer-sets")
    admin.send("/admin/apply-now")
    assert admin.location == "/admin/customer-sets"
    assert "Applied: every worker follows within a second." in said(admin)
    assert "Apply now" not in admin.text
    told = entries(services, merchant.tenant_id)[-1]
    assert told["action"] == "structure.applied_now"
    assert told["actor"].startswith("staff:")


def test_where_changes_are_pushed_there_is_nothing_to_apply(
    settings: Settings, merchant: Merchant, user: StaffUser
) -> None:
    with machine(settings, propagation=Propagation.PUSH) as pushing:
        browser = Browser(create_app(pushing))
        browser.sign_in(user)
        browser.send("/admin/second-factor/decline")
        action = _edit(browser, merchant, "Mystic Kids")
        browser.post(action, _typed(browser, action, name="Kids"))
        assert "The site is saved." in said(browser)
        assert "Apply now" not in browser.text


def test_moving_a_site_shows_first_who_loses_access(admin: Browser, merchant: Merchant) -> None:
    """[B]: the customers will no longer be able to use their login credentials on the reassigned site."""
    john = merchant.sign_up("john@mail.com", "Mystic Sports").account
    assert john is not None
    _edit(admin, merchant, "Mystic Kids")
    move = f"{SITES}/{merchant.site('Mystic Kids')}/move"
    # A browser sends a box only where it is ticked.
    form = {"form_token": admin.field(move, "form_token"), "customer_set": "b2b", "reason": "Brand"}
    admin.post(move, form)
    assert "Nothing is changed yet." in said(admin)
    assert "1 customer will no longer be able to use their login: 1 on Mystic Kids" in said(admin)
    assert "john@mail.com" in rows(admin)[str(john.id)]
    commit = f"{admin.location}/commit"
    assert admin.field(commit, "reason") == "Brand"
    admin.send(commit)
    assert "Committed." in said(admin)
    assert _set_of(merchant, "Mystic Kids") == "b2b"
    admin.get(SITES)
    assert f"/admin/plans?site={merchant.site('Mystic Kids')}" in admin.text


def test_a_site_moves_with_the_customers_of_its_set(admin: Browser, merchant: Merchant) -> None:
    """[B]: ensure that you also reassign all applicable customer accounts to the same customer set."""
    merchant.sign_up("paula@mail.com", "Mystic Outlet")
    _edit(admin, merchant, "Mystic Outlet")
    move = f"{SITES}/{merchant.site('Mystic Outlet')}/move"
    admin.send(move, customer_set="b2b")
    assert "No customer loses access to a site." in said(admin)
    admin.send(f"{admin.location}/commit")
    merchant.services.directory.forget()
    assert merchant.sign_in("paula@mail.com", "Mystic Outlet").account


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"name": " "}, "name", "Give 1 to 200 printable characters."),
        ({"name": "Kids", "hosts": "https://kids"}, "hosts", "Give a host name such as"),
        ({"name": "Kids", "origins": "kids.example"}, "origins", "Give an origin such as"),
    ],
)
def test_what_is_refused_stays_typed_and_says_why(
    admin: Browser, merchant: Merchant, typed: dict[str, str], field: str, told: str
) -> None:
    action = _edit(admin, merchant, "Mystic Kids")
    answer = admin.post(action, _typed(admin, action, **typed))
    assert answer.status_code == 400
    assert f'<a href="#{field}">{told}' in admin.text
    assert typed[field].strip() in admin.text
    assert 'id="error" role="alert" tabindex="-1" autofocus' in admin.text


def test_a_host_of_another_site_is_refused(admin: Browser, merchant: Merchant) -> None:
    host = f"taken.t{merchant.tenant_id}.example"
    merchant.services.sites.change(
        merchant.caller(), merchant.site("Mystic Sports"), SiteChange(hosts=[host])
    )
    action = _edit(admin, merchant, "Mystic Kids")
    answer = admin.post(action, _typed(admin, action, name="Mystic Kids", hosts=host))
    assert answer.status_code == 409
    assert '<a href="#hosts">' in admin.text


@pytest.mark.parametrize(("code", "status"), [("b2c", 400), ("nowhere", 404), ("", 404)])
def test_a_move_to_no_other_set_is_refused(
    admin: Browser, merchant: Merchant, code: str, status: int
) -> None:
    _edit(admin, merchant, "Mystic Kids")
    move = f"{SITES}/{merchant.site('Mystic Kids')}/move"
    assert admin.send(move, customer_set=code).status_code == status
    assert '<a href="#customer_set">' in admin.text


def test_a_row_that_somebody_else_changed_meanwhile_is_not_saved_over(
    admin: Browser, merchant: Merchant
) -> None:
    action = _edit(admin, merchant, "Mystic Kids")
    merchant.services.sites.change(
        merchant.caller(), merchant.site("Mystic Kids"), SiteChange("Children")
    )
    assert admin.post(action, _typed(admin, action, name="Kids")).status_code == 409
    assert "Name is now: Children" in said(admin)
    admin.post(action, _typed(admin, action, name="Kids"))
    assert "The site is saved." in said(admin)


def test_nor_is_one_that_is_changed_at_the_same_moment(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    action, kids = _edit(admin, merchant, "Mystic Kids"), merchant.site("Mystic Kids")
    typed = _typed(admin, action, name="Kids")
    with meanwhile(
        services,
        lambda: services.sites.change(merchant.caller(), kids, SiteChange("Children")),
        lambda: admin.post(action, typed),
    ) as saving:
        saving.result(DEADLINE_SECONDS)
    assert "Name is now: Children" in said(admin)
    assert services.sites.site(merchant.tenant_id, kids).name == "Children"


def test_5000_sites_are_pages_and_found_by_name_host_number_and_set(
    admin: Browser, merchant: Merchant, services: Services
) -> None:
    for at in range(60):
        services.customer_sets.create_site(merchant.caller(), f"Shop {at:03}")
    page = admin.get(SITES)
    assert len(page.data) < 90_000
    assert "1 to 50" in said(admin)
    admin.get(f"{SITES}?start=50")
    assert any(name.startswith("Shop 059") for name in rows(admin))
    admin.get(f"{SITES}?find=shop%2001")
    assert "10 sites found." in said(admin)
    admin.get(f"{SITES}?find={merchant.site('Mystic Kids')}&set=B2C")
    assert list(rows(admin))[1:] == [f"Mystic Kids Number {merchant.site('Mystic Kids')}"]
    admin.get(f"{SITES}?find=nothing")
    assert "No site is found." in said(admin)


def _posts(merchant: Merchant) -> list[str]:
    own = f"{SITES}/{merchant.site('Mystic Kids')}"
    return [SITES, own, f"{own}/move", "/admin/apply-now"]


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_who_may_not_change_sites_sees_them_and_nothing_to_press(
    services: Services, app: Flask, merchant: Merchant, role: Role
) -> None:
    browser = Browser(app)
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    browser.get(SITES)
    assert _row(browser, "Mystic Kids", merchant.site("Mystic Kids"))[0] == "b2c"
    for control in ("Create New", "?edit", "Apply now"):
        assert control not in browser.text
    form = {"form_token": browser.field("/admin/sign-out", "form_token"), "name": "X"}
    for path in _posts(merchant):
        assert browser.post(path, form).status_code == 403
    for path in (f"{SITES}?new=1", f"{SITES}?edit={merchant.site('Mystic Kids')}"):
        assert browser.get(path).status_code == 403


def test_a_forged_form_changes_nothing(admin: Browser, merchant: Merchant) -> None:
    _edit(admin, merchant, "Mystic Kids")
    token = admin.field(f"{SITES}/{merchant.site('Mystic Kids')}", "form_token")
    for path in _posts(merchant):
        assert admin.post(path, {"name": "Forged"}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        answer = admin.post(path, {"form_token": token, "name": "F"}, headers=elsewhere)
        assert answer.status_code == 403


def test_another_merchants_site_is_not_there(admin: Browser, other_merchant: Merchant) -> None:
    form = {"form_token": admin.field("/admin/sign-out", "form_token"), "name": "Mine"}
    path = f"{SITES}/{other_merchant.site('Mystic Kids')}"
    assert admin.post(path, form).status_code == 404
    assert admin.post(f"{path}/move", form | {"customer_set": "b2b"}).status_code == 404
    assert admin.get(path.replace("sites/", "sites?edit=")).status_code == 404


def _set_of(merchant: Merchant, name: str) -> str:
    return merchant.services.sites.site(merchant.tenant_id, merchant.site(name)).customer_set


def test_a_site_is_given_its_looks_after_a_preview_that_tells_their_contrast(
    admin: Browser, merchant: Merchant
) -> None:
    kids = merchant.site("Mystic Kids")
    action = _edit(admin, merchant, "Mystic Kids")
    typed = {"name": "Mystic Kids", "accent_color": "#FFD400", "logo_text": "MYSTIC <kids>"}
    admin.post(action, _typed(admin, action, preview="Y", **typed))
    # Shown and not saved: yellow text on white would have 1.4 where WCAG AA asks for 4.5.
    assert merchant.services.sites.site(merchant.tenant_id, kids).accent_color is None
    assert "MYSTIC &lt;kids&gt;" in admin.text
    text = said(admin)
    assert "On light pages #ffd400 has a contrast of 1.3. That is too little" in text
    assert "On dark pages #ffd400 has a contrast of 11.2. It is shown as it is" in text
    style = admin.get("/admin/sites/colours.css?accent=ffd400")
    assert style.content_type.startswith("text/css")
    assert ".preview.dark { --accent: #ffd400; --on-accent: #000000; }" in style.text
    assert admin.get("/admin/sites/colours.css?accent=x;y").status_code == 400

    action = _edit(admin, merchant, "Mystic Kids")
    admin.post(action, _typed(admin, action, **typed | {"accent_color": "yellow"}))
    assert "Give a colour as # and six digits" in said(admin)
    assert admin.field(action, "accent_color") == "yellow"
    admin.post(action, _typed(admin, action, **typed))
    assert "The site is saved." in said(admin)
    site = merchant.services.sites.site(merchant.tenant_id, kids)
    assert (site.accent_color, site.logo_text) == ("#ffd400", "MYSTIC <kids>")
    last = entries(merchant.services, merchant.tenant_id, f"site:{kids}")[-1]
    assert changes(last)["accentColor"] == (None, "#ffd400")
    # Whoever opened the row before sees it, instead of taking it away without knowing.
    action = _edit(admin, merchant, "Mystic Kids")
    assert admin.field(action, "accent_color") == "#ffd400"
    admin.post(action, _typed(admin, action, name="Mystic Kids"))
    site = merchant.services.sites.site(merchant.tenant_id, kids)
    assert (site.accent_color, site.logo_text) == (None, None)
