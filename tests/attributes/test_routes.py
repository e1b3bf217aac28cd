"""Attributes and their definitions over HTTP: the vendor's shapes and statuses, and who may say what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from authsvc.attributes.rules import AttributeExists
from authsvc.login.rules import Ticket
from authsvc.services import Services
from tests.merchants import Merchant
from tests.trail import changes, entries

UNKNOWN = 999_999_999
DEFINITIONS = "attributedefinition/attributes"
SPORT = {
    "attributeCode": "sport",
    "adminName": "Favourite sport",
    "displayGroup": "Profile",
    "inputType": "TextBox",
    "dataType": "String",
    "valueType": "ShopperEntered",
    "content": {"localeCode": "en-US", "value": "Your sport"},
}
TIER = {
    "attributeCode": "tier",
    "displayGroup": "Profile",
    "valueType": "Predefined",
    "vocabularyValues": [{"value": "gold", "sequence": 1}, {"value": "silver", "sequence": 2}],
}


def define(merchant: Merchant, body: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Define an attribute over HTTP."""
    answer = merchant.call("POST", DEFINITIONS, body | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def path(ticket: Ticket) -> str:
    """Return where a ticket's account is."""
    assert ticket.account is not None
    return f"accounts/{ticket.account.id}"


def said(name: str, *values: object) -> dict[str, object]:
    """Return the body that says values of an attribute."""
    return {"fullyQualifiedName": f"tenant~{name}", "values": list(values)}


def test_a_definition_has_the_vendors_fields(merchant: Merchant) -> None:
    made = define(merchant, SPORT)
    assert (made["attributeFQN"], made["namespace"]) == ("tenant~sport", "tenant")
    assert made["content"] == {"localeCode": "en-US", "value": "Your sport", "name": None}
    assert (made["isActive"], made["isVisible"], made["isReadOnly"]) == (True, True, False)
    one = f"{DEFINITIONS}/TENANT~Sport"
    assert merchant.call("GET", one).get_json() == made
    changed = merchant.call("PUT", one, {"isReadOnly": True, "order": 3, "dataType": "string"})
    assert changed.status_code == 200
    assert changed.get_json()["adminName"] == "Favourite sport"
    assert (changed.get_json()["order"], changed.get_json()["isReadOnly"]) == (3, True)
    define(merchant, TIER)
    listed = merchant.call("GET", f"{DEFINITIONS}?filter=attributeFQN sw tenant~t").get_json()
    assert [each["attributeCode"] for each in listed["items"]] == ["tier"]
    words = merchant.call("GET", f"{DEFINITIONS}/tenant~tier/VocabularyValues").get_json()
    assert [word["value"] for word in words] == ["gold", "silver"]


def test_statuses(merchant: Merchant, stacy: Ticket) -> None:
    define(merchant, SPORT)
    define(merchant, TIER)
    own = f"{path(stacy)}/attributes"
    merchant.call("POST", own, said("tier", "gold"))
    for method, where, body, status in (
        ("POST", DEFINITIONS, SPORT, 409),
        ("POST", DEFINITIONS, {}, 400),
        ("POST", DEFINITIONS, SPORT | {"attributeCode": "a~b"}, 400),
        ("POST", DEFINITIONS, TIER | {"attributeCode": "b", "vocabularyValues": []}, 400),
        ("PUT", f"{DEFINITIONS}/tenant~sport", {"dataType": "Bool"}, 400),
        ("PUT", f"{DEFINITIONS}/tenant~none", {"isActive": False}, 404),
        ("GET", f"{DEFINITIONS}/tenant~none", None, 404),
        ("POST", own, None, 400),
        ("POST", own, {}, 409),
        ("POST", own, said("sport"), 409),
        ("POST", own, said("tier", "gold"), 409),
        ("POST", own, said("none", "x"), 404),
        ("POST", own, said("sport", 7), 400),
        ("POST", own, said("sport", "golf", "chess"), 400),
        ("PUT", f"{own}/tenant~tier", said("tier", "bronze"), 400),
        ("PUT", f"{own}/tenant~sport", said("sport", "golf"), 404),
        ("GET", f"{own}/tenant~sport", None, 404),
        ("DELETE", f"{own}/tenant~sport", None, 404),
        ("POST", f"accounts/{UNKNOWN}/attributes", said("sport", "golf"), 404),
        ("GET", f"accounts/{UNKNOWN}/attributes", None, 404),
        ("GET", f"{own}?userId=somebody", None, 404),
    ):
        answer = merchant.call(method, where, body)
        assert answer.status_code == status, (method, where, body, answer.text)


def test_what_is_known_is_shown_changed_and_forgotten(
    merchant: Merchant, stacy: Ticket, services: Services
) -> None:
    made = define(merchant, SPORT)
    own = f"{path(stacy)}/attributes"
    added = merchant.call("POST", own, said("sport", "golf"))
    assert added.status_code == 201
    known = added.get_json()
    assert known["attributeDefinitionId"] == made["id"]
    assert merchant.call("GET", path(stacy)).get_json()["attributes"] == [known]
    assert merchant.call("GET", f"{own}/tenant~sport").get_json() == known
    changed = merchant.call("PUT", f"{own}/TENANT~SPORT", {"values": ["chess"]})
    assert (changed.status_code, changed.get_json()["values"]) == (200, ["chess"])
    merchant.call("PUT", f"{own}/tenant~sport", {"values": ["chess"]})
    listed = merchant.call("GET", f"{own}?pageSize=100").get_json()
    assert (listed["totalCount"], listed["items"]) == (1, [changed.get_json()])
    assert merchant.call("DELETE", f"{own}/tenant~sport").status_code == 204
    assert stacy.account is not None
    told = [
        (entry["action"], changes(entry))
        for entry in entries(services, merchant.tenant_id, f"account:{stacy.account.id}")
        if "attribute" in entry["action"]
    ]
    field = "attributes/tenant~sport"
    assert told == [
        ("account.attribute_added", {field: (None, ["golf"])}),
        ("account.attribute_updated", {field: (["golf"], ["chess"])}),
        ("account.attribute_deleted", {field: (["chess"], None)}),
    ]


def test_a_shopper_says_only_what_is_theirs_to_say(merchant: Merchant, stacy: Ticket) -> None:
    for body, fields in (
        (SPORT, {}),
        (TIER, {}),
        (SPORT, {"attributeCode": "secret", "isVisible": False}),
        (SPORT, {"attributeCode": "fixed", "isReadOnly": True}),
        (SPORT, {"attributeCode": "rating", "valueType": "AdminEntered"}),
    ):
        define(merchant, body, **fields)
    own, token = f"{path(stacy)}/attributes", stacy.tokens.access_token
    for name in ("tier", "secret", "fixed", "rating"):
        merchant.call("POST", own, said(name, "gold"))
    for name, status in (
        ("sport", 201),
        ("tier", 403),
        ("fixed", 403),
        ("rating", 403),
        ("secret", 404),
    ):
        answer = merchant.call("POST", own, said(name, "golf"), shopper=token)
        assert answer.status_code == status, name
        if status != 201:
            for method in ("PUT", "DELETE"):
                answer = merchant.call(
                    method, f"{own}/tenant~{name}", said(name, "golf"), shopper=token
                )
                assert answer.status_code == status, (method, name)
    shown = {"tenant~sport", "tenant~tier", "tenant~fixed", "tenant~rating"}
    for seen in (
        merchant.call("GET", own, shopper=token).get_json()["items"],
        merchant.call("GET", path(stacy), shopper=token).get_json()["attributes"],
    ):
        assert {each["fullyQualifiedName"] for each in seen} == shown
    assert merchant.call("GET", f"{own}/tenant~secret", shopper=token).status_code == 404
    listed = merchant.call("GET", DEFINITIONS, shopper=token).get_json()["items"]
    assert "tenant~secret" not in {each["attributeFQN"] for each in listed}
    assert merchant.call("GET", f"{DEFINITIONS}/tenant~secret", shopper=token).status_code == 404
    assert merchant.call("POST", DEFINITIONS, SPORT, shopper=token).status_code == 403
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    for method, where in (
        ("GET", f"{path(john)}/attributes"),
        ("POST", f"{path(john)}/attributes"),
        ("PUT", f"{path(john)}/attributes/tenant~sport"),
        ("DELETE", f"{path(john)}/attributes/tenant~sport"),
    ):
        assert merchant.call(method, where, said("sport", "x"), shopper=token).status_code == 403


def test_an_account_can_be_sent_with_its_attributes(merchant: Merchant, stacy: Ticket) -> None:
    define(merchant, SPORT)
    define(merchant, TIER)
    made = merchant.call(
        "POST",
        "accounts",
        {"firstName": "A", "attributes": [said("tier", "gold")], "notes": [{"content": "New"}]},
        site="Mystic Sports",
    )
    assert made.status_code == 201
    assert made.get_json()["attributes"][0]["values"] == ["gold"]
    assert [note["content"] for note in made.get_json()["notes"]] == ["New"]
    none = merchant.call(
        "POST", "accounts", {"firstName": "B", "attributes": [said("no", 1)]}, site="Mystic Sports"
    )
    assert none.status_code == 404
    assert merchant.call("GET", "accounts?filter=firstName eq B").get_json()["totalCount"] == 0

    merchant.call("POST", f"{path(stacy)}/attributes", said("tier", "gold"))
    token = stacy.tokens.access_token
    whole = merchant.call("GET", path(stacy), shopper=token).get_json()
    # Sending an account back as it was read does no harm, whatever of it is the merchant's.
    again = merchant.call("PUT", path(stacy), whole, shopper=token)
    assert (again.status_code, again.get_json()["attributes"]) == (200, whole["attributes"])
    sent = [*whole["attributes"], said("sport", "golf")]
    both = merchant.call("PUT", path(stacy), {"attributes": sent}, shopper=token).get_json()
    assert [each["values"] for each in both["attributes"]] == [["golf"], ["gold"]]
    better = [said("tier", "silver")]
    refused = merchant.call("PUT", path(stacy), {"attributes": better}, shopper=token)
    assert refused.status_code == 403


def test_of_two_who_say_the_same_first_one_does(
    merchant: Merchant, stacy: Ticket, services: Services
) -> None:
    define(merchant, SPORT)
    assert stacy.account is not None
    account_id = stacy.account.id

    def say() -> bool:
        try:
            services.account_data.attributes.add(
                merchant.caller(), account_id, "tenant~sport", ["golf"]
            )
        except AttributeExists:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(run.result() for run in [threads.submit(say) for _ in range(2)]) == [
            False,
            True,
        ]


def test_of_two_who_change_parts_of_a_definition_neither_undoes_the_other(
    merchant: Merchant,
) -> None:
    """What is left out stays as it is, not as it was when somebody began to change something else."""
    made = define(merchant, SPORT)
    name = made["attributeFQN"]
    parts: list[dict[str, object]] = [
        {"adminName": "Sport"},
        {"inputType": "List"},
        {"order": 7},
        {"isRequired": True},
        {"content": None},
    ]
    with ThreadPoolExecutor(len(parts)) as threads:
        answers = list(
            threads.map(
                lambda part: merchant.call("PUT", f"{DEFINITIONS}/{name}", part).status_code, parts
            )
        )
    assert answers == [200] * len(parts)
    shown = merchant.call("GET", f"{DEFINITIONS}/{name}").get_json()
    assert {field: shown[field] for part in parts for field in part} == {
        "adminName": "Sport",
        "inputType": "List",
        "order": 7,
        "isRequired": True,
        "content": None,
    }
    assert shown["displayGroup"] == "Profile"
