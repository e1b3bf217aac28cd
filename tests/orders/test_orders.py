"""Orders: taken in once whatever order their states arrive in, of customers of the site's set, and kept as history."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authsvc.callers import Behavior
from authsvc.orders.rules import OrderState
from authsvc.orders.wire import OrderBody
from tests.merchants import Merchant
from tests.regrouping.answers import asked, assign, commit, customer, delete, ok, refused
from tests.trail import changes, entries

ORDERS = "/api/commerce/orders"
DAY = "2026-11-{:02}T10:00:00Z"


def order(merchant: Merchant, account_id: int, site: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return an order as an order system tells it."""
    return {
        "type": "Online",
        "siteId": merchant.site(site),
        "customerAccountId": account_id,
        "status": "Accepted",
        "total": 19.99,
        "currencyCode": "USD",
        "submittedDate": DAY.format(1),
        "updateDate": DAY.format(1),
        **fields,
    }


def put(merchant: Merchant, external_id: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Tell an order."""
    return ok(merchant.call("PUT", f"{ORDERS}/{external_id}", body))


def summary(merchant: Merchant, account_id: int) -> tuple[int, float, str | None, str | None]:
    """Return how many orders an account has, what they come to in which currency, and when the last was placed."""
    told = ok(merchant.call("GET", f"accounts/{account_id}"))["commerceSummary"]
    amount = told["totalOrderAmount"]
    return told["orderCount"], amount["amount"], amount["currencyCode"], told["lastOrderDate"]


def listed(merchant: Merchant, path: str) -> list[str]:
    """Return the ids of the orders that a list gives."""
    return [item["externalId"] for item in ok(merchant.call("GET", path))["items"]]


def test_an_order_is_kept_with_its_site_its_customer_and_an_exact_total(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    body = order(merchant, john, "Mystic Kids", total="1234567890.1234", currencyCode="usd")
    kept = put(merchant, "S-1", body)
    assert kept == ok(merchant.call("GET", f"{ORDERS}/S-1"))
    assert (kept["siteName"], kept["customerSetCode"]) == ("Mystic Kids", "b2c")
    assert (kept["total"], kept["currencyCode"]) == (1234567890.1234, "USD")
    assert kept["submittedDate"] == "2026-11-01T10:00:00.000Z"
    assert put(merchant, "S-1", body) == kept
    assert summary(merchant, john) == (1, 1234567890.1234, "USD", "2026-11-01T10:00:00.000Z")
    (noted,) = entries(merchant.services, merchant.tenant_id, "order:S-1")
    assert noted["action"] == "order.received"
    assert noted["correlation_id"]
    assert changes(noted) == {
        "customerAccountId": (None, john),
        "siteId": (None, merchant.site("Mystic Kids")),
        "type": (None, "Online"),
        "status": (None, "Accepted"),
        "total": (None, "1234567890.1234"),
        "currencyCode": (None, "USD"),
        "placedAt": (None, "2026-11-01T10:00:00+00:00"),
        "customerSet": (None, "b2c"),
    }


def test_a_shopper_sees_their_orders_of_all_sites_of_the_set_and_nobody_elses(
    merchant: Merchant,
) -> None:
    """[B]: John's My Account page will also display all information for Mystic Kids, including order history."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    john, token = ticket.account.id, ticket.tokens.access_token
    stacy = customer(merchant, "stacy@mail.com", "Mystic Sports")
    put(merchant, "S-1", order(merchant, john, "Mystic Sports"))
    put(merchant, "K-1", order(merchant, john, "Mystic Kids", submittedDate=DAY.format(2)))
    put(merchant, "S-2", order(merchant, stacy, "Mystic Sports"))
    path = f"accounts/{john}/orders"
    seen = ok(merchant.call("GET", path, site="Mystic Kids", shopper=token))
    assert [(item["externalId"], item["siteName"]) for item in seen["items"]] == [
        ("K-1", "Mystic Kids"),
        ("S-1", "Mystic Sports"),
    ]
    assert listed(merchant, f"{path}?startIndex=1&pageSize=1") == ["S-1"]
    sports = f"sites/{merchant.site('Mystic Sports')}/orders"
    assert sorted(listed(merchant, sports)) == ["S-1", "S-2"]
    refused(merchant.call("GET", f"accounts/{stacy}/orders", shopper=token), 403)
    refused(merchant.call("GET", path, site="Mystic Parts", shopper=token), 401)
    refused(merchant.call("GET", sports, shopper=token), 403)


@pytest.mark.parametrize("kind", ["Online", "Offline"])
def test_you_can_only_select_customers_that_belong_to_the_same_customer_set_as_the_site(
    merchant: Merchant, kind: str
) -> None:
    """[B] Offline Orders and Customer Sets; the refusal gives the rule and both remedies."""
    buyer = customer(merchant, "buying@bigsports.com", "Mystic Parts")
    body = order(merchant, buyer, "Mystic Sports", type=kind)
    error = refused(merchant.call("PUT", f"{ORDERS}/S-1", body), 409)
    assert "the same customer set as the site, which is b2c" in error["message"]
    assert "Create a new unique customer account" in error["message"]
    assert "let the shopper create their own on Mystic Sports" in error["message"]
    refused(merchant.call("GET", f"{ORDERS}/S-1"), 404)
    assert summary(merchant, buyer) == (0, 0, None, None)


def test_what_there_is_not_is_refused(merchant: Merchant, other_merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    theirs = customer(other_merchant, "john@mail.com", "Mystic Sports")
    good = order(merchant, john, "Mystic Sports")
    for wrong, status in (
        ({"customerAccountId": theirs}, 404),
        ({"siteId": other_merchant.site("Mystic Sports")}, 404),
        ({"total": -0.01}, 400),
        ({"total": 0.00001}, 400),
        ({"currencyCode": "US"}, 400),
        ({"type": "Postal"}, 400),
        ({"status": "  "}, 400),
        ({"submittedDate": None}, 400),
        ({"eligibilityReceipt": "a.b.c"}, 400),
    ):
        refused(merchant.call("PUT", f"{ORDERS}/S-1", good | wrong), status)
    refused(merchant.call("PUT", f"{ORDERS}/{'x' * 101}", good), 400)
    put(merchant, "S-1", good)
    refused(other_merchant.call("GET", f"{ORDERS}/S-1"), 404)


def test_an_order_stays_valid_history_wherever_site_and_customer_go(merchant: Merchant) -> None:
    """Rule 15: each order keeps the site it was placed on."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    put(merchant, "S-1", order(merchant, john, "Mystic Sports"))
    commit(merchant, asked(merchant, assign(merchant, "b2b", "Mystic Sports")))
    later = order(merchant, john, "Mystic Sports", status="Completed", updateDate=DAY.format(2))
    kept = put(merchant, "S-1", later)
    assert (kept["status"], kept["customerSetCode"]) == ("Completed", "b2c")
    refused(merchant.call("PUT", f"{ORDERS}/S-2", later), 409)
    commit(merchant, asked(merchant, delete("b2c", "default")))
    assert put(merchant, "S-1", later) == kept
    assert listed(merchant, f"accounts/{john}/orders") == ["S-1"]
    assert summary(merchant, john)[0] == 1


def test_an_order_changes_neither_its_site_nor_its_contents_under_one_version(
    merchant: Merchant,
) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    first = order(merchant, john, "Mystic Sports", version=1)
    kept = put(merchant, "S-1", first)
    path = f"{ORDERS}/S-1"
    refused(merchant.call("PUT", path, first | {"total": 5}), 409)
    elsewhere = {"siteId": merchant.site("Mystic Kids"), "version": 2}
    assert "keeps it" in refused(merchant.call("PUT", path, first | elsewhere), 409)["message"]
    assert ok(merchant.call("GET", path)) == kept


def test_an_order_of_a_guest_may_become_a_customers_of_the_same_set(merchant: Merchant) -> None:
    site = merchant.site("Mystic Sports")
    guest = merchant.services.accounts.create(merchant.caller(), site, {"first_name": "G"}).id
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    buyer = customer(merchant, "buying@bigsports.com", "Mystic Parts")
    put(merchant, "S-1", order(merchant, guest, "Mystic Sports", version=1))
    claimed = order(merchant, john, "Mystic Sports", version=2)
    refused(merchant.call("PUT", f"{ORDERS}/S-1", claimed | {"customerAccountId": buyer}), 409)
    put(merchant, "S-1", claimed)
    assert summary(merchant, guest)[:2] == (0, 0)
    assert summary(merchant, john)[:2] == (1, 19.99)
    told = changes(entries(merchant.services, merchant.tenant_id, "order:S-1")[-1])
    assert told == {"customerAccountId": (guest, john)}


def test_cancelled_orders_are_history_and_count_for_nothing(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    put(merchant, "S-1", order(merchant, john, "Mystic Sports"))
    second = order(merchant, john, "Mystic Sports", submittedDate=DAY.format(5), total=5)
    put(merchant, "S-2", second)
    assert summary(merchant, john) == (2, 24.99, "USD", "2026-11-05T10:00:00.000Z")
    put(merchant, "S-2", second | {"status": "Cancelled", "updateDate": DAY.format(6)})
    assert summary(merchant, john) == (1, 19.99, "USD", "2026-11-01T10:00:00.000Z")
    assert listed(merchant, f"accounts/{john}/orders") == ["S-2", "S-1"]


def test_amounts_of_several_currencies_are_never_added_up(merchant: Merchant) -> None:
    """The vendor's model has room for one currency: that of most of the orders."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    for number, currency in enumerate(("EUR", "USD", "USD", "JPY"), 1):
        body = order(merchant, john, "Mystic Sports", currencyCode=currency, total=number)
        put(merchant, f"S-{number}", body)
    assert summary(merchant, john)[:3] == (4, 5, "USD")
    found = ok(
        merchant.call("GET", "accounts?filter=commerceSummary.orderCount eq 4&sortBy=id desc")
    )
    assert [item["id"] for item in found["items"]] == [john]


_NUMBERS = count()
STATES = st.lists(
    st.tuples(
        st.integers(1, 4),  # version
        st.sampled_from(["Accepted", "Cancelled", "Completed"]),
        st.integers(0, 3),  # total
        st.sampled_from(["USD", "EUR"]),
        st.integers(1, 9),  # day
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda state: state[0],
)


@given(states=STATES, data=st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_whatever_order_its_states_arrive_in_the_newest_is_kept_and_counted(
    merchant: Merchant, states: list[tuple[int, str, int, str, int]], data: st.DataObject
) -> None:
    john = customer(merchant, f"john-{next(_NUMBERS)}@mail.com", "Mystic Sports")
    external_id = f"H-{john}"
    for version, status, total, currency, day in data.draw(st.permutations(states * 2)):
        put(
            merchant,
            external_id,
            order(
                merchant,
                john,
                "Mystic Sports",
                version=version,
                status=status,
                total=total,
                currencyCode=currency,
                submittedDate=DAY.format(day),
            ),
        )
    _, status, total, currency, day = max(states)
    kept = ok(merchant.call("GET", f"{ORDERS}/{external_id}"))
    assert (kept["status"], kept["total"], kept["currencyCode"]) == (status, total, currency)
    if status == "Cancelled":
        assert summary(merchant, john) == (0, 0, None, None)
    else:
        at = DAY.format(day).replace("Z", ".000Z")
        assert summary(merchant, john) == (1, total, currency, at)


def test_the_summary_is_right_under_concurrent_orders(merchant: Merchant) -> None:
    """Each of forty orders arrives twice, first as placed and then changed, by eight senders at once."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    services, caller = merchant.services, merchant.caller()

    def state(number: int, version: int) -> OrderState:
        status = "Cancelled" if version == 2 and number % 4 == 0 else "Accepted"
        body = order(
            merchant,
            john,
            "Mystic Sports",
            total=f"{number}.{version:02}",
            version=version,
            status=status,
            submittedDate=DAY.format(1 + number % 28),
        )
        return OrderBody.model_validate(body).read(f"C-{number}", caller)

    work = [(number, version) for number in range(40) for version in (1, 2)]
    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda item: services.orders.put(caller, state(*item)), work))
    left = [number for number in range(40) if number % 4]
    orders, amount, _, last = summary(merchant, john)
    assert orders == len(left)
    # Thirty of them were changed to a version whose cents are two.
    assert amount == sum(left) + 0.6
    assert last == DAY.format(1 + max(number % 28 for number in left)).replace("Z", ".000Z")


def test_an_account_with_orders_is_not_deleted(merchant: Merchant) -> None:
    """[K] 3.3: DELETE is refused if the account has any orders; its sessions go on, nothing was done."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    john = ticket.account.id
    put(merchant, "S-1", order(merchant, john, "Mystic Sports", status="Cancelled"))
    error = refused(merchant.call("DELETE", f"accounts/{john}"), 409)
    assert "Disable it instead" in error["message"]
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 200


def test_reading_and_telling_orders_take_their_behaviors(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    put(merchant, "S-1", order(merchant, john, "Mystic Sports"))
    services = merchant.services
    others = frozenset(Behavior) - {Behavior.ORDER_READ, Behavior.ORDER_UPDATE}
    application, secret = services.applications.create(merchant.caller(), "Shop", others)
    token = services.applications.authenticate(application.client_id, secret).access_token
    headers = {"Authorization": f"Bearer {token}"}
    for method, path in (
        ("PUT", f"{ORDERS}/S-1"),
        ("GET", f"{ORDERS}/S-1"),
        ("GET", f"accounts/{john}/orders"),
        ("GET", f"sites/{merchant.site('Mystic Sports')}/orders"),
    ):
        answer = merchant.call(
            method, path, order(merchant, john, "Mystic Sports"), headers=headers
        )
        assert "lacks the behavior order-" in refused(answer, 403)["message"]
