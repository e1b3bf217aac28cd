"""Everything staff do is audited with old and new values: every form of the admin pages is sent once here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authsvc.audit.rules import SECRET_FIELDS
from authsvc.regrouping.rules import AssignSites
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, save
from tests.isolation.world import a_passkey
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, PASSWORD, Telephone, enrol, hire, sign_in
from tests.trail import entries

CHANGES_NOTHING = {
    "begin_second_factor": "a secret that counts for nothing before it is confirmed",
    "ask_to_move_customers": "a rehearsal; the commit that may follow is written down",
    "ask_for_deletion": "a rehearsal too",
    "move_site": "a rehearsal too",
    "password_strength": "advice while one types",
}
"""Forms that write nothing down, and why."""


@dataclass
class Ledger:
    """What each form wrote down: the page it was sent to (the view's name) → entries."""

    app: Flask
    services: Services
    merchant: Merchant
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def hire(self, role: Role = Role.ADMINISTRATOR) -> StaffUser:
        """Make a staff user of the merchant."""
        return hire(self.services, self.merchant.tenant_id, role)

    def browser(self, role: Role = Role.ADMINISTRATOR) -> Browser:
        """Return the browser of somebody new who has signed in."""
        browser = Watched(self)
        browser.sign_in(self.hire(role))
        browser.send("/admin/second-factor/decline")
        return browser


class Watched(Browser):
    """A browser that enters into the ledger what each of its forms wrote down."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.app)
        self.ledger = ledger
        self.addresses = ledger.app.url_map.bind("localhost")

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        follow: bool = True,
        headers: Mapping[str, str] = {},
    ) -> TestResponse:
        """Send a form, which must be taken."""
        services, tenant_id = self.ledger.services, self.ledger.merchant.tenant_id
        before = len(entries(services, tenant_id))
        answer = super().post(path, form, follow=follow, headers=headers)
        assert answer.status_code in (200, 303), (path, answer.text)
        view = self.addresses.match(path, method="POST")[0].removeprefix("admin.")
        self.ledger.told.setdefault(view, []).extend(entries(services, tenant_id)[before:])
        return answer


@pytest.fixture(name="ledger")
def _ledger(app: Flask, services: Services, merchant: Merchant) -> Ledger:
    """An empty one."""
    return Ledger(app, services, merchant)


def test_everything_staff_do_is_audited_with_old_and_new_values(ledger: Ledger) -> None:
    """Issue 3: the application's own map of addresses says which forms there are."""
    look_after_oneself(ledger)
    set_a_second_factor_up(ledger)
    look_after_colleagues(ledger)
    change_sets_and_sites(ledger)
    look_after_customers(ledger)
    forms = {
        rule.endpoint.removeprefix("admin.")
        for rule in ledger.app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ())
    } - {"missing"}
    assert forms - ledger.told.keys() == set(), "send these here too"
    silent = {form for form in forms if not any(map(tells, ledger.told[form]))}
    assert silent == CHANGES_NOTHING.keys()
    for form in CHANGES_NOTHING:
        assert ledger.told[form] == []


# Recovery codes are as secret: what is told is how many were left and how many there are now, which may be as many.
_SECRETS = SECRET_FIELDS | {"recoveryCodesLeft"}


def tells(entry: dict[str, Any]) -> bool:
    """Tell whether an entry says who of the staff changed what from which value to which."""
    return entry["actor"].startswith("staff:") and any(
        change["old"] != change["new"] or change["field"] in _SECRETS for change in entry["changes"]
    )


def look_after_oneself(ledger: Ledger) -> None:
    """Sign in and out, end sessions, and change the password."""
    browser, user = Watched(ledger), ledger.hire()
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    _, other = sign_in(ledger.services, user)
    browser.get("/admin/account")
    browser.send("/admin/account/sessions/end", session=other.session.id)
    token = browser.field("/admin/account/password", "form_token")
    typed = {"form_token": token, "password": OTHER_PASSWORD}
    assert browser.post("/admin/password/strength", typed).get_json()["score"] > 2
    browser.get("/admin/account")
    browser.send(
        "/admin/account/password",
        current_password=PASSWORD,
        new_password=OTHER_PASSWORD,
        repeated_password=OTHER_PASSWORD,
    )
    browser.send("/admin/account/sessions/end-all")
    browser.sign_in(user, OTHER_PASSWORD)
    browser.send("/admin/sign-out")


def set_a_second_factor_up(ledger: Ledger) -> None:
    """Enrol, give a code at the next sign-in, and make new recovery codes."""
    clock = ledger.services.clock
    browser = Watched(ledger)
    browser.sign_in(ledger.hire())
    browser.send("/admin/second-factor/begin")
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)<', browser.text)
    assert shown
    telephone = Telephone(shown[1].replace(" ", ""))
    browser.send("/admin/second-factor/setup", code=telephone.code(clock()))
    browser.get("/admin/recovery-codes")
    browser.send("/admin/recovery-codes", code=telephone.code(clock(), 1))
    user = ledger.hire()
    telephone, _, _ = enrol(ledger.services, sign_in(ledger.services, user)[0])
    browser = Watched(ledger)
    browser.sign_in(user)
    browser.send("/admin/code", code=telephone.code(clock(), 1))


def look_after_colleagues(ledger: Ledger) -> None:
    """Make a staff user, who chooses a password; do what the buttons of a colleague's page say."""
    browser = ledger.browser()
    browser.get("/admin/staff/new")
    browser.send("/admin/staff/new", username="Bea", role="customer-service")
    bea = ledger.services.staff.users.store.by_username(ledger.merchant.tenant_id, "bea")
    password = re.search(r'<p class="secret"><code>([^<]+)</code>', browser.text)
    assert bea
    assert password
    beas = Watched(ledger)
    beas.sign_in(bea, password[1])
    beas.send(
        "/admin/password",
        current_password=password[1],
        new_password=OTHER_PASSWORD,
        repeated_password=OTHER_PASSWORD,
    )
    colleague = ledger.hire(Role.AUDITOR)
    enrol(ledger.services, sign_in(ledger.services, colleague)[0])
    page = f"/admin/staff/{colleague.id}"
    browser.get(page)
    browser.send(f"{page}/role", role="customer-service")
    for button in ("sign-out", "second-factor", "lock", "unlock", "password"):
        browser.send(f"{page}/{button}")


def change_sets_and_sites(ledger: Ledger) -> None:
    """Create, edit, rehearse, commit, roll back and delete."""
    merchant, browser = ledger.merchant, ledger.browser()
    sets, sites, plans = "/admin/customer-sets", "/admin/sites", "/admin/plans"
    kids, parts = merchant.site("Mystic Kids"), merchant.site("Mystic Parts")
    structure = merchant.services.customer_sets.structure
    structure.add_host(merchant.tenant_id, kids, f"kids-{merchant.tenant_id}.example")

    browser.get(f"{sets}?new=1")
    typed = {name: browser.field(sets, name) for name in ("form_token", "seen", "offered")}
    browser.post(sets, typed | {"code": "vip", "name": "Best"})
    browser.send("/admin/apply-now")
    row = f"{sets}/set/vip"
    for name, moved in (("Very best", ""), ("Very best", str(kids))):
        browser.get(f"{sets}?edit=vip")
        typed = {name: browser.field(row, name) for name in ("form_token", "seen", "offered")}
        browser.post(row, typed | {"name": name} | ({"site": moved} if moved else {}))
    browser.send(browser.location)
    browser.get(f"{row}/passwords")
    browser.send(f"{row}/passwords", minimum_length="12")
    browser.get(f"{row}/passwords")
    browser.send(f"{row}/password-verifier", url="https://old.mystic.example/verify")
    browser.get(f"{row}/second-factor")
    browser.send(f"{row}/second-factor", requirement="new_device")
    browser.get(f"{row}/passkeys")
    browser.send(f"{row}/passkeys", use="secondFactor")
    browser.get(f"{row}/email-confirmation")
    browser.send(f"{row}/email-confirmation", policy="later")
    browser.get(sets)
    browser.send(f"{row}/delete")
    browser.send(f"{row}/delete/commit", successor="default")

    browser.get(f"{sites}?new=1")
    browser.send(sites, name="Mystic Golf")
    browser.get(f"{sites}?edit={parts}")
    browser.send(f"{sites}/{parts}", name="Spare Parts")
    browser.get(f"{sites}?edit={parts}")
    browser.send(f"{sites}/{parts}/move", customer_set="b2c")
    browser.send(f"{browser.location}/commit")
    plan = merchant.services.regrouping.at_once(merchant.caller(), [AssignSites("b2c", (kids,))])
    browser.get(f"{plans}/{plan.id}/rollback")
    browser.send(f"{plans}/{plan.id}/rollback")
    customer_of(merchant, "john@mail.com", "Mystic Sports")
    browser.get(CUSTOMERS)
    browser.send(f"{CUSTOMERS}/move", target="b2b", everybody="Y")


def look_after_customers(ledger: Ledger) -> None:
    """Create and edit a customer, move it, do what the buttons say, act for it, prove it for an order."""
    merchant, browser = ledger.merchant, ledger.browser()
    sports = str(merchant.site("Mystic Sports"))
    # Its pages open at its host.
    host = SiteChange(hosts=[f"sports.t{merchant.tenant_id}.example"])
    merchant.services.sites.change(merchant.caller(), int(sports), host)
    browser.get(f"{CUSTOMERS}/new")
    new = {"first_name": "Stephanie", "last_name": "R.", "email_address": "stephanie@mail.com"}
    save(browser, f"{CUSTOMERS}/new", **new, site=sports)
    browser.send(f"{browser.location}/invite", site=sports)
    usha = customer_of(merchant, "usha@mail.com", "Mystic Sports")
    page = f"{CUSTOMERS}/{usha}"
    tokens = merchant.sign_in("usha@mail.com", "Mystic Sports").tokens
    browser.get(page)
    browser.send(f"{page}/sessions/end", session=tokens.session_id)
    passkey = merchant.services.passkeys.passkeys.store.add(
        merchant.tenant_id, a_passkey(usha, b"usha's")
    )
    browser.get(page)
    browser.send(f"{page}/passkeys/remove", passkey=str(passkey))
    factors = merchant.services.sign_in.second_factors
    factors.factors.authenticators.set_up(
        merchant.tenant_id, usha, b"sealed", 1, merchant.services.clock()
    )
    browser.get(page)
    browser.send(f"{page}/second-factor/reset")
    browser.get(page)
    save(browser, page, last_name="Cheruku")
    order = f"/admin/offline-orders/{sports}/customers/{usha}"
    browser.get(order)
    browser.send(f"{order}/receipt")
    browser.get(f"{page}/act")
    browser.send(f"{page}/act", follow=False, site=sports, reason="Lost parcel")
    browser.get(page)
    for button in ("sign-out", "password-change", "lock", "unlock"):
        browser.send(f"{page}/{button}")
    save(browser, page, customer_set="b2b")
    browser.send(browser.location)
