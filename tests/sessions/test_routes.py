"""The session check for other services, and signing out, over HTTP."""

from __future__ import annotations

from authsvc.sessions.rules import Refusal
from tests.merchants import Merchant


def test_a_check_tells_whose_session_it_is(merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    answer = merchant.check(ticket.tokens.access_token, "Mystic Kids")
    assert answer.status_code == 200
    shown = answer.get_json()
    moments = ("asOf", "signedInAt", "expiresAt")
    assert {key: shown[key] for key in shown if key not in moments} == {
        "accountId": ticket.account.id,
        "userId": ticket.user_id,
        "isAnonymous": False,
        "customerSet": "b2c",
        "siteId": merchant.site("Mystic Kids"),
        "tenantId": merchant.tenant_id,
        "methods": ["new_account"],
        "act": None,
    }
    again = merchant.sign_in("stacy@mail.com", "Mystic Sports").tokens.access_token
    assert merchant.check(again, "Mystic Kids").get_json()["methods"] == ["password"]


def test_an_anonymous_shoppers_session_says_so(merchant: Merchant) -> None:
    token = merchant.services.login.anonymous(merchant.caller("Mystic Kids")).tokens.access_token
    shown = merchant.check(token, "Mystic Sports").get_json()
    assert (shown["isAnonymous"], shown["accountId"]) == (True, None)


def test_a_refusal_is_401_with_a_reason_and_how_to_prove_oneself(merchant: Merchant) -> None:
    token = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    answer = merchant.check(token, "Mystic Parts")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    body = answer.get_json()
    assert body["errorCode"] == "INVALID_ACCESS_TOKEN"
    assert body["additionalErrorData"] == [
        {"name": "Reason", "value": Refusal.OTHER_CUSTOMER_SET.value}
    ]
    assert merchant.check("rubbish", "Mystic Parts").status_code == 401


def test_an_unknown_site_is_404(merchant: Merchant, other_merchant: Merchant) -> None:
    token = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    answer = merchant.client.get(
        "/session",
        headers={
            "Authorization": f"Bearer {token}",
            "x-vol-site": str(other_merchant.site("Mystic Sports")),
        },
    )
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_signing_out_ends_the_session_that_is_shown(merchant: Merchant) -> None:
    token = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    shown = {"Authorization": f"Bearer {token}"}
    assert merchant.client.delete("/session", headers=shown).status_code == 204
    assert merchant.check(token, "Mystic Sports").status_code == 401
    assert merchant.client.delete("/session", headers=shown).status_code == 401
    assert merchant.call("DELETE", "/session").status_code == 401
