"""Application tickets over HTTP, in the form of today's clients and in the older one ([K] 3.5, 5.1, 5.2)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from authsvc.callers import Behavior
from tests.merchants import Merchant

TICKETS = "/api/platform/applications/authtickets"


@pytest.fixture(name="credentials")
def _credentials(merchant: Merchant) -> dict[str, str]:
    application, secret = merchant.services.applications.create(
        merchant.caller(), "Storefront", Behavior
    )
    return {"client_id": application.client_id, "client_secret": secret}


@pytest.mark.parametrize("grant", ["client_credentials", "client", None])
@pytest.mark.parametrize("kind", ["json", "data"])
def test_client_credentials_are_taken_as_json_and_as_a_form(
    client: FlaskClient, credentials: dict[str, str], kind: str, grant: str | None
) -> None:
    """[K] 5.1: accept JSON and form, on any host, and be lenient on the grant name."""
    sent: dict[str, Any] = {kind: credentials | ({"grant_type": grant} if grant else {})}
    answer = client.post(f"{TICKETS}/oauth", **sent)
    assert answer.status_code == 200
    ticket = answer.get_json()
    assert set(ticket) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (ticket["token_type"], ticket["expires_in"]) == ("bearer", 3600)


def test_a_refresh_is_the_same_call_with_the_refresh_token_added(
    client: FlaskClient, credentials: dict[str, str]
) -> None:
    first = client.post(f"{TICKETS}/oauth", json=credentials).get_json()
    for body in (
        credentials | {"refresh_token": first["refresh_token"]},
        {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]},
    ):
        answer = client.post(f"{TICKETS}/oauth", json=body)
        assert answer.status_code == 200
        assert answer.get_json()["refresh_token"] == first["refresh_token"]
        assert answer.get_json()["access_token"] != first["access_token"]


def test_bad_credentials_are_401_with_code_and_message(
    client: FlaskClient, credentials: dict[str, str]
) -> None:
    """[K] 5.1: a 401 must carry `errorCode` and `message`, or the client caches an undefined token."""
    for body in (
        credentials | {"client_secret": "wrong"},
        {"refresh_token": "stale"},
    ):
        answer = client.post(f"{TICKETS}/oauth", json=body)
        assert answer.status_code == 401
        assert answer.get_json()["errorCode"] == "INVALID_CREDENTIALS"
        assert answer.get_json()["message"]
        assert answer.get_json()["applicationName"] == "Platform"
    for empty in ({}, {"client_id": credentials["client_id"]}):
        assert client.post(f"{TICKETS}/oauth", json=empty).status_code == 400


def test_the_older_form_of_ticket(client: FlaskClient, credentials: dict[str, str]) -> None:
    """[K] 3.5: app ticket create / refresh / delete 201 / 200 / 200 (or 204); bad credentials 401; unknown 404."""
    body = {
        "applicationId": credentials["client_id"],
        "sharedSecret": credentials["client_secret"],
    }
    answer = client.post(f"{TICKETS}/", json=body)
    assert answer.status_code == 201
    ticket = answer.get_json()
    assert set(ticket) == {
        "accessToken",
        "accessTokenExpiration",
        "refreshToken",
        "refreshTokenExpiration",
    }
    renewed = client.put(f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert renewed.status_code == 200
    assert renewed.get_json()["accessToken"] != ticket["accessToken"]
    assert client.delete(f"{TICKETS}/{ticket['refreshToken']}").status_code == 204
    assert client.delete(f"{TICKETS}/{ticket['refreshToken']}").status_code == 404
    refused = client.put(f"{TICKETS}/refresh-ticket", json={"refreshToken": ticket["refreshToken"]})
    assert (refused.status_code, refused.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")
    refused = client.post(f"{TICKETS}/", json=body | {"sharedSecret": "wrong"})
    assert refused.status_code == 401


def test_an_application_that_lacks_a_behavior_is_refused(merchant: Merchant) -> None:
    application, secret = merchant.services.applications.create(
        merchant.caller(), "Reader", [Behavior.CUSTOMER_READ]
    )
    ticket = merchant.services.applications.authenticate(application.client_id, secret)
    reader = {"Authorization": f"Bearer {ticket.access_token}"}
    assert merchant.call("GET", "accounts", headers=reader).status_code == 200
    answer = merchant.call("GET", "customersets", headers=reader)
    assert (answer.status_code, answer.get_json()["errorCode"]) == (403, "FORBIDDEN")
    assert "customer-set-read" in answer.get_json()["message"]
