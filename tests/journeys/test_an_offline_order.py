"""[B] Offline Orders and Customer Sets: an offline order for Stephanie on the Mystic Sports site, from end to end."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from tests.merchants import Merchant
from tests.regrouping.answers import asked, assign, commit, ok, refused

STEPHANIE = {
    "emailAddress": "stephanie@mail.com",
    "firstName": "Stephanie",
    "lastName": "Meyer",
    "contacts": [{"email": "stephanie@mail.com", "phoneNumbers": {"mobile": "+1 (512) 555-0142"}}],
}


@pytest.fixture(name="stephanie")
def _stephanie(merchant: Merchant) -> int:
    """Stephanie has an account, and not in the set of Mystic Sports."""
    account = merchant.call("POST", "accounts", STEPHANIE, site="Mystic Parts")
    return int(ok(account, 201)["id"])


def choices(merchant: Merchant, text: str, site: str = "Mystic Sports") -> list[int]:
    """Return the customers the tool offers for an order on a site."""
    path = f"sites/{merchant.site(site)}/eligibleCustomers"
    query = urlencode({"q": text})
    return [item["id"] for item in ok(merchant.call("GET", f"{path}?{query}"))["items"]]


def eligibility(merchant: Merchant, account_id: int, site: str = "Mystic Sports") -> Any:  # noqa: ANN401  JSON
    """Ask about one customer."""
    path = f"sites/{merchant.site(site)}/eligibleCustomers/{account_id}"
    return ok(merchant.call("GET", path))


def receipt(merchant: Merchant, account_id: int, site: str = "Mystic Sports") -> Any:  # noqa: ANN401  JSON
    """Ask for a receipt."""
    path = f"sites/{merchant.site(site)}/eligibleCustomers/{account_id}/receipts"
    return ok(merchant.call("POST", path), 201)


def offline_order(merchant: Merchant, account_id: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return an offline order on Mystic Sports, placed now."""
    now = merchant.services.clock().isoformat()
    return {
        "type": "Offline",
        "siteId": merchant.site("Mystic Sports"),
        "customerAccountId": account_id,
        "status": "Accepted",
        "total": 49.95,
        "currencyCode": "USD",
        "submittedDate": now,
        "updateDate": now,
        **fields,
    }


def send(merchant: Merchant, external_id: str, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Send an order as the order system does."""
    return merchant.call("PUT", f"/api/commerce/orders/{external_id}", body)


def test_an_offline_order_for_stephanie_by_a_new_unique_account(
    merchant: Merchant, stephanie: int
) -> None:
    # "Stephanie does not have a customer account that's assigned to the B2C customer set."
    assert choices(merchant, "stephanie") == choices(merchant, "512 555 0142") == []
    assert choices(merchant, "stephanie", "Mystic Business") == [stephanie]
    found = eligibility(merchant, stephanie)
    assert found["isEligible"] is False
    assert "can only name customers of the site's set" in found["reason"]
    assert [one["action"] for one in found["remedies"]] == ["CreateAccount", "LetShopperRegister"]
    refused(send(merchant, "OFF-1", offline_order(merchant, stephanie)), 409)
    # "You … must create a new unique customer account for her": it is assigned to the set by being made there.
    path = f"sites/{merchant.site('Mystic Sports')}/eligibleCustomers"
    made = ok(merchant.call("POST", path, {"account": STEPHANIE}), 201)
    assert (made["customerSet"], made["id"] != stephanie) == ("b2c", True)
    for text in ("steph", "meyer stephanie", "stephanie@mail", str(made["id"]), "+1 512 555 01"):
        assert choices(merchant, text) == [made["id"]], text
    assert eligibility(merchant, made["id"])["remedies"] == []
    # Asked about her other account again, the tool points to this one.
    remedies = eligibility(merchant, stephanie)["remedies"]
    assert (remedies[0]["action"], remedies[0]["customerAccountId"]) == ("UseAccount", made["id"])
    kept = ok(send(merchant, "OFF-1", offline_order(merchant, made["id"])))
    assert (kept["type"], kept["siteName"]) == ("Offline", "Mystic Sports")
    account = ok(merchant.call("GET", f"accounts/{made['id']}"))
    assert account["commerceSummary"]["totalOrderAmount"] == {
        "amount": 49.95,
        "currencyCode": "USD",
    }


def test_or_she_can_create_her_own_customer_account_on_the_site(
    merchant: Merchant, stephanie: int
) -> None:
    """[B]: "… then Kibo eCommerce automatically assigns her account to the B2C customer set"."""
    ticket = merchant.sign_up("stephanie@mail.com", "Mystic Sports", first_name="Stephanie")
    assert ticket.account is not None
    assert choices(merchant, "stephanie") == [ticket.account.id]
    ok(send(merchant, "OFF-1", offline_order(merchant, ticket.account.id)))
    path = f"accounts/{ticket.account.id}/orders"
    seen = ok(merchant.call("GET", path, site="Mystic Kids", shopper=ticket.tokens.access_token))
    assert [item["externalId"] for item in seen["items"]] == ["OFF-1"]


def test_an_account_made_elsewhere_is_assigned_to_the_set_and_then_eligible(
    merchant: Merchant, stephanie: int
) -> None:
    """[B]: "If you create a new customer account for her, then you must also assign her new account to the B2C set"."""
    ok(merchant.call("PUT", f"accounts/{stephanie}", {"customerSet": "b2c"}))
    assert choices(merchant, "stephanie") == [stephanie]
    assert choices(merchant, "stephanie", "Mystic Business") == []
    assert eligibility(merchant, stephanie)["isEligible"]


def test_a_receipt_proves_it_to_anyone_and_after_everything_has_moved(merchant: Merchant) -> None:
    john = merchant.sign_up("john@mail.com", "Mystic Sports").account
    assert john is not None
    given = receipt(merchant, john.id)
    text = given["eligibilityReceipt"]
    late = offline_order(merchant, john.id)
    # Anyone, with another library and the published keys.
    keys = jwt.PyJWKSet.from_dict(ok(merchant.client.get("/.well-known/jwks.json")))
    header = jwt.get_unverified_header(text)
    assert header["typ"] == "eligibility-receipt+jwt"
    claims = jwt.decode(
        text,
        keys[header["kid"]],
        algorithms=["ES256"],
        audience=f"orders:{merchant.tenant_id}",
        issuer="authsvc",
        options={"require": ["exp", "iat", "jti"]},
    )
    assert (claims["customerAccountId"], claims["siteId"], claims["customerSet"]) == (
        john.id,
        merchant.site("Mystic Sports"),
        "b2c",
    )
    # [B]: order processing may go by what it has read for 15 minutes.
    assert claims["exp"] - claims["iat"] == 15 * 60
    commit(merchant, asked(merchant, assign(merchant, "b2b", "Mystic Sports")))
    refused(send(merchant, "OFF-1", late), 409)
    kept = ok(send(merchant, "OFF-1", late | {"eligibilityReceipt": text}))
    assert (kept["customerSetCode"], kept["eligibilityReceipt"]) == ("b2c", text)
    refused(
        merchant.call(
            "POST", f"sites/{merchant.site('Mystic Sports')}/eligibleCustomers/{john.id}/receipts"
        ),
        409,
    )
