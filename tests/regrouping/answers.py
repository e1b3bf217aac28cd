"""What the API answers about structure, in the words the tests ask in."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from authsvc.login.rules import BadCredentials
from tests.merchants import Merchant

PLANS = "plans"
SETS = "customersets"


def ok(answer: TestResponse, status: int = 200) -> Any:  # noqa: ANN401  JSON
    """Return the JSON of an answer that went well."""
    assert answer.status_code == status, answer.text
    return answer.json


def refused(answer: TestResponse, status: int) -> Any:  # noqa: ANN401  JSON
    """Return the error of an answer that was refused."""
    assert answer.status_code == status, answer.text
    return answer.json


def structure(merchant: Merchant) -> dict[str, set[str]]:
    """Return which sites, by name, each set has."""
    items = ok(merchant.call("GET", f"{SETS}?pageSize=200"))["items"]
    return {item["code"]: {site["name"] for site in item["sites"]} for item in items}


def default_set(merchant: Merchant) -> str:
    """Return the code of the one default set."""
    items = ok(merchant.call("GET", f"{SETS}?pageSize=200"))["items"]
    (code,) = [item["code"] for item in items if item["isDefault"]]
    return str(code)


def set_of(merchant: Merchant, account_id: int) -> str:
    """Return the set an account is in."""
    return str(ok(merchant.call("GET", f"accounts/{account_id}"))["customerSet"])


def customer(merchant: Merchant, username: str, site: str) -> int:
    """Sign somebody up and return their account's id."""
    ticket = merchant.sign_up(username, site)
    assert ticket.account is not None
    return ticket.account.id


def asked(merchant: Merchant, *changes: dict[str, Any], reason: str = "") -> Any:  # noqa: ANN401  JSON
    """Ask for a plan."""
    body = {"changes": list(changes), "reason": reason}
    return ok(merchant.call("POST", PLANS, body), 201)


def assign(merchant: Merchant, code: str, *sites: str) -> dict[str, Any]:
    """Return the change that assigns sites, by name, to a set."""
    return {
        "change": "assignSites",
        "customerSetCode": code,
        "siteIds": [merchant.site(site) for site in sites],
    }


def move(code: str, **whom: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return the change that moves customers: `accountIds`, `filter` or `fromCustomerSetCode`."""
    return {"change": "moveCustomers", "customerSetCode": code, **whom}


def delete(code: str, successor: str | None = None) -> dict[str, Any]:
    """Return the change that deletes a set."""
    return {"change": "deleteCustomerSet", "customerSetCode": code, "successor": successor}


def commit(merchant: Merchant, plan: Any) -> Any:  # noqa: ANN401  JSON
    """Commit a plan."""
    return ok(merchant.call("POST", f"{PLANS}/{plan['id']}/commit"))


def roll_back(merchant: Merchant, plan: Any) -> Any:  # noqa: ANN401  JSON
    """Roll a plan back."""
    return ok(merchant.call("POST", f"{PLANS}/{plan['id']}/rollback"))


def can_sign_in(merchant: Merchant, username: str, site: str) -> bool:
    """Tell whether a customer can sign in on a site."""
    try:
        merchant.sign_in(username, site)
    except BadCredentials:
        return False
    return True


def everything(merchant: Merchant) -> tuple[object, ...]:
    """Return all that a plan could change."""
    accounts = ok(merchant.call("GET", "accounts?pageSize=200&sortBy=id"))["items"]
    return (
        structure(merchant),
        default_set(merchant),
        {account["id"]: account["customerSet"] for account in accounts},
    )


def differences(error: Any) -> str:  # noqa: ANN401  JSON
    """Return what a refusal says has changed."""
    return " ".join(item["message"] for item in error["items"])
