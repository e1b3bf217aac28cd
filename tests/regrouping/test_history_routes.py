"""`GET accounts/{id}/AuditLog/Entries`: one entry for each field that changed ([K] 3.1, 3.2)."""

from __future__ import annotations

from authsvc.regrouping.rules import MoveCustomers
from authsvc.services import Services
from tests.merchants import Merchant


def test_each_field_that_changed_is_an_entry(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    caller = merchant.caller()
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    log = f"accounts/{account.id}/AuditLog/Entries"
    made = merchant.call("GET", log).get_json()["totalCount"]
    services.accounts.update(caller, account.id, {"first_name": "Stacy", "tax_exempt": True})
    services.regrouping.at_once(caller, [MoveCustomers("b2b", from_set="b2c")], "Dealers")
    answer = merchant.call("GET", f"{log}?pageSize=3&startIndex=0").get_json()
    assert (answer["totalCount"], answer["pageSize"]) == (made + 3, 3)
    moved, *others = answer["items"]
    assert moved["fieldPath"] == "/Customer/CustomerSet"
    assert (moved["oldValue"], moved["newValue"]) == ("b2c", "b2b")
    assert moved["description"].startswith("account.moved (plan ")
    assert moved["customerAuditEntryId"] is None
    assert {one["fieldPath"]: (one["oldValue"], one["newValue"]) for one in others} == {
        "/Customer/FirstName": (None, "Stacy"),
        "/Customer/TaxExempt": ("false", "true"),
    }
    for one in others:
        assert one["customerAccountId"] == account.id
        assert (one["application"], one["entryUser"]) == ("tests", "application:tests")
        assert one["description"] == "account.updated"
    together = [
        merchant.call("GET", f"{log}?pageSize=1&startIndex={at}").get_json()["items"][0]
        for at in range(made + 3)
    ]
    assert together == merchant.call("GET", f"{log}?pageSize=200").get_json()["items"]
    services.credentials.set_locked(caller, account.id, locked=True)
    assert "Mystic-2026" not in merchant.call("GET", log).get_data(as_text=True)
    assert merchant.call("GET", f"{log}?filter=site eq 1").status_code == 501
    assert other_merchant.call("GET", log).status_code == 404
