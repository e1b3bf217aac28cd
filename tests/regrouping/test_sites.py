"""Sites created, renamed, given hosts and origins, and assigned to sets."""

from __future__ import annotations

from uuid import uuid4

import pytest

from authsvc.callers import Behavior, Caller, Requires
from authsvc.errors import Forbidden
from authsvc.regrouping.site_routes import SiteBody, may_assign
from authsvc.regrouping.sites import SiteChange
from tests.merchants import Merchant
from tests.overlaps import DEADLINE_SECONDS, meanwhile
from tests.regrouping.answers import ok, refused, structure
from tests.trail import changes, entries


def test_a_new_site_is_in_the_default_set(merchant: Merchant) -> None:
    """[B]: When you create a new site, it is automatically assigned to the default customer set."""
    site = ok(merchant.call("POST", "sites", {"name": "Mystic Golf"}), 201)
    assert (site["name"], site["customerSetCode"]) == ("Mystic Golf", "default")
    assert ok(merchant.call("GET", f"sites/{site['id']}")) == site
    listed = ok(merchant.call("GET", "sites?pageSize=1&startIndex=5"))
    assert (listed["items"], listed["totalCount"]) == ([site], 6)


def test_a_new_site_may_go_to_another_set_at_once(merchant: Merchant) -> None:
    ok(merchant.call("POST", "sites", {"name": "Golf", "customerSetCode": "B2B"}), 201)
    assert "Golf" in structure(merchant)["b2b"]
    refused(merchant.call("POST", "sites", {"name": "Tennis", "customerSetCode": "nowhere"}), 404)
    assert not any("Tennis" in names for names in structure(merchant).values())


def test_a_site_is_renamed_and_given_hosts_and_origins(merchant: Merchant) -> None:
    kids, host = merchant.site("Mystic Kids"), f"kids-{uuid4().hex}.example"
    body = {"name": "Kids", "hosts": [host.upper()], "origins": [f"HTTPS://{host}:8443"]}
    site = ok(merchant.call("PUT", f"sites/{kids}", body))
    assert (site["name"], site["hosts"]) == ("Kids", [host])
    assert site["origins"] == [f"https://{host}:8443"]
    assert site["customerSetCode"] == "b2c"
    entry = entries(merchant.services, merchant.tenant_id, f"site:{kids}")[-1]
    assert (entry["action"], changes(entry)["name"]) == ("site.updated", ("Mystic Kids", "Kids"))
    assert ok(merchant.call("PUT", f"sites/{kids}", {"hosts": []}))["hosts"] == []
    assert ok(merchant.call("PUT", f"sites/{kids}", {}))["origins"] == site["origins"]


def test_a_site_is_assigned_to_another_set(merchant: Merchant) -> None:
    """[B]: you can assign a site to a different customer set."""
    kids = merchant.site("Mystic Kids")
    body = {"customerSetCode": "b2b", "reason": "Schools buy there"}
    assert ok(merchant.call("PUT", f"sites/{kids}", body))["customerSetCode"] == "b2b"
    assert structure(merchant)["b2c"] == {"Mystic Sports"}
    (plan,) = ok(merchant.call("GET", "plans"))["items"]
    assert (plan["state"], plan["reason"]) == ("committed", "Schools buy there")
    ok(merchant.call("PUT", f"sites/{kids}", {"customerSetCode": "b2b"}))
    assert ok(merchant.call("GET", "plans"))["totalCount"] == 1


def test_a_host_that_is_taken_is_refused(merchant: Merchant, other_merchant: Merchant) -> None:
    host = f"kids-{uuid4().hex}.example"
    ok(merchant.call("PUT", f"sites/{merchant.site('Mystic Kids')}", {"hosts": [host]}))
    theirs = other_merchant.site("Mystic Kids")
    error = refused(other_merchant.call("PUT", f"sites/{theirs}", {"hosts": [host]}), 409)
    assert "Choose another host" in error["message"]


def test_a_site_that_is_saved_twice_at_once_is_saved_twice(merchant: Merchant) -> None:
    """The same hosts and origins are no other site's, and both who save are told that it went well."""
    services, kids = merchant.services, merchant.site("Mystic Kids")
    host = f"kids-{uuid4().hex}.example"
    wanted = SiteChange("Kids", [host], [f"https://{host}"])

    def save() -> None:
        services.sites.change(merchant.caller(), kids, wanted)

    with meanwhile(services, save, save) as second:
        second.result(DEADLINE_SECONDS)
    site = services.sites.site(merchant.tenant_id, kids)
    assert (site.name, site.hosts, site.origins) == ("Kids", (host,), (f"https://{host}",))
    told = [
        entry
        for entry in entries(services, merchant.tenant_id, f"site:{kids}")
        if entry["action"] == "site.updated" and "name" in changes(entry)
    ]
    assert len(told) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": " "},
        {"hosts": ["https://kids.example/"]},
        {"origins": ["kids.example"]},
        {"origins": ["https://kids.example/path"]},
        {"origins": ["javascript://kids.example"]},
    ],
)
def test_what_is_no_name_host_or_origin_is_refused(
    merchant: Merchant, body: dict[str, object]
) -> None:
    assert merchant.call("PUT", f"sites/{merchant.site('Mystic Kids')}", body).status_code == 400


def test_another_tenants_site_is_not_there(merchant: Merchant, other_merchant: Merchant) -> None:
    theirs = other_merchant.site("Mystic Kids")
    refused(merchant.call("GET", f"sites/{theirs}"), 404)
    refused(merchant.call("PUT", f"sites/{theirs}", {"name": "Mine"}), 404)
    refused(merchant.call("PUT", f"sites/{theirs}", {"customerSetCode": "b2b"}), 404)


def test_which_set_a_site_is_in_takes_the_behavior_for_sets(merchant: Merchant) -> None:
    caller = Caller(merchant.tenant_id, None, "sites only", frozenset({Behavior.SITE_UPDATE}))
    Requires(Behavior.SITE_UPDATE).admit(caller)
    may_assign(caller, SiteBody(name="Kids"))
    with pytest.raises(Forbidden, match="customer-set-update"):
        may_assign(caller, SiteBody(customer_set_code="b2b"))
