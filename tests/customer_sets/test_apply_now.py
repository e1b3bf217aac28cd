"""[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from authsvc.app import create_app
from authsvc.callers import Caller
from authsvc.regrouping.rules import AssignSites, EditSet
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.settings import Propagation, Settings
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant
from tests.trail import changes, entries

PATH = "propagation"


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="here")
def _here(settings: Settings, clock: HeldClock) -> Iterator[Services]:
    """The machine that somebody changes things on."""
    with machine(settings, clock) as services:
        yield services


@pytest.fixture(name="there")
def _there(settings: Settings, clock: HeldClock) -> Iterator[Services]:
    """Another machine, which remembers what it has been asked."""
    with machine(settings, clock) as services:
        yield services


def _reassign(services: Services, merchant: Merchant, name: str, code: str) -> None:
    change = AssignSites(code, (merchant.site(name),))
    services.regrouping.at_once(merchant.caller(), [change])


def _remembered(services: Services, merchant: Merchant, name: str) -> str:
    return services.directory.site(merchant.tenant_id, merchant.site(name)).customer_set


def test_a_reassigned_site_is_where_it_was_for_15_minutes_at_most(
    merchant: Merchant, here: Services, there: Services, clock: HeldClock
) -> None:
    merchant = on(here, merchant)
    clock.pass_time(minutes=20)
    assert here.propagation.pending_until(merchant.tenant_id) is None
    assert _remembered(there, merchant, "Mystic Kids") == "b2c"
    _reassign(here, merchant, "Mystic Kids", "b2b")
    until = here.propagation.pending_until(merchant.tenant_id)
    assert until is not None
    there.invalidation.follow()
    assert _remembered(there, merchant, "Mystic Kids") == "b2c"
    clock.pass_time(seconds=(until - clock.now()).total_seconds())
    assert _remembered(there, merchant, "Mystic Kids") == "b2b"
    assert here.propagation.pending_until(merchant.tenant_id) is None


def test_or_apply_now(merchant: Merchant, here: Services, there: Services) -> None:
    """Every worker follows as soon as its follower looks, which is four times a second."""
    assert _remembered(there, merchant, "Mystic Kids") == "b2c"
    _reassign(here, merchant, "Mystic Kids", "b2b")
    there.invalidation.follow()
    until = here.propagation.apply_now(merchant.caller())
    assert here.propagation.pending_until(merchant.tenant_id) is None
    assert _remembered(there, merchant, "Mystic Kids") == "b2c"
    there.invalidation.follow()
    assert _remembered(there, merchant, "Mystic Kids") == "b2b"
    told = entries(here, merchant.tenant_id)[-1]
    assert (told["action"], told["actor"]) == ("structure.applied_now", "application:tests")
    assert until is not None
    assert changes(told)["inForce"][0] == until.isoformat()
    # Nothing is left to be pushed, and so nothing is noted.
    assert here.propagation.apply_now(merchant.caller()) is None
    assert entries(here, merchant.tenant_id)[-1]["id"] == told["id"]


def test_what_is_changed_after_a_push_waits_again(merchant: Merchant, here: Services) -> None:
    """Though the clock of whoever changes it is behind that of whoever pushed."""
    _reassign(here, merchant, "Mystic Kids", "b2b")
    here.propagation.apply_now(merchant.caller())
    early = here.clock().replace(year=2025)
    here.propagation.store.note_change(merchant.tenant_id, early)
    last = here.propagation.store.last(merchant.tenant_id)
    assert last is not None
    assert last.pushed_at is not None
    assert last.changed_at > last.pushed_at


@pytest.mark.parametrize("wanted", [SiteChange(hosts=["kids.example"]), SiteChange("Kids")])
def test_a_sites_name_and_hosts_are_remembered_as_well(
    merchant: Merchant, here: Services, wanted: SiteChange
) -> None:
    caller = Caller(here.customer_sets.create_tenant("Any merchant").id)
    site = here.sites.create(caller, SiteChange("Shop", hosts=["shop.example.test"]))
    # A new site is nowhere remembered as anything else.
    assert here.propagation.pending_until(caller.tenant_id) is None
    hosts = None if wanted.hosts is None else [f"t{caller.tenant_id}.kids.example"]
    here.sites.change(caller, site.id, SiteChange(wanted.name, hosts))
    assert here.propagation.pending_until(caller.tenant_id) is not None
    here.sites.change(caller, site.id, SiteChange(hosts=[]))


def test_where_every_change_is_pushed_nothing_ever_waits(
    settings: Settings, merchant: Merchant, clock: HeldClock
) -> None:
    with machine(settings, clock, propagation=Propagation.PUSH) as pushing:
        _reassign(pushing, merchant, "Mystic Kids", "b2b")
        assert pushing.propagation.pending_until(merchant.tenant_id) is None


def test_over_the_api(merchant: Merchant, other_merchant: Merchant) -> None:
    services = merchant.services
    services.propagation.apply_now(merchant.caller())
    assert merchant.call("GET", PATH).json == {"isInForce": True, "inForceDate": None}
    services.regrouping.at_once(merchant.caller(), [EditSet("b2b", "Business")])
    waiting = merchant.call("GET", PATH).json
    assert waiting is not None
    assert not waiting["isInForce"]
    assert waiting["inForceDate"]
    # Another merchant's push is not ours.
    assert other_merchant.call("POST", f"{PATH}/apply").status_code == 200
    assert merchant.call("GET", PATH).json == waiting
    applied = merchant.call("POST", f"{PATH}/apply")
    assert applied.json == {"isInForce": True, "inForceDate": None}


def test_pushing_takes_the_behavior_for_sets(
    services: Services, merchant: Merchant, client: FlaskClient
) -> None:
    application, secret = services.applications.create(merchant.caller(), "Reader", [])
    ticket = services.applications.authenticate(application.client_id, secret)
    answer = (
        create_app(services)
        .test_client()
        .post(
            f"/api/commerce/customer/{PATH}/apply",
            headers={"Authorization": f"Bearer {ticket.access_token}"},
        )
    )
    assert answer.status_code == 403
