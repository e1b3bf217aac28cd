"""What shoppers do on the storefronts, over HTTP: sign up, log in, and try which sites their login opens."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.merchants import PASSWORD, Merchant
from tests.regrouping.answers import ok

ADDRESS = {
    "email": "john@mail.com",
    "firstName": "John",
    "lastNameOrSurname": "D.",
    "address": {"address1": "1 Main Street", "cityOrTown": "Austin", "countryCode": "US"},
    "types": [{"name": "Billing", "isPrimary": True}],
}


def sign_up(merchant: Merchant, username: str, site: str, **account: object) -> Any:  # noqa: ANN401  JSON
    """Create an account on a site as its shopper; returns the ticket."""
    enrolment = {"account": {"emailAddress": username, **account}, "password": PASSWORD}
    return ok(merchant.call("POST", "accounts/Add-Account-And-Login", enrolment, site=site), 201)


def sign_in(merchant: Merchant, username: str, site: str) -> TestResponse:
    """Log in on a site; the answer is the ticket, or the error."""
    asked = {"username": username, "password": PASSWORD}
    return merchant.call("POST", "authtickets", asked, site=site)


def sites_of(merchant: Merchant, username: str) -> set[str]:
    """Return the sites that a username and the documents' password open.

    They wait between tries where there were many: whoever answers for a site forgets those.
    """
    for site in merchant.sites:
        customer_set = merchant.services.directory.site(merchant.tenant_id, merchant.site(site))
        merchant.services.attempts.forget(merchant.tenant_id, customer_set.customer_set, username)
    answers = {site: sign_in(merchant, username, site).status_code for site in merchant.sites}
    assert set(answers.values()) <= {201, 401}
    return {site for site, status in answers.items() if status == 201}
