"""The API's description is valid, and true of whatever is thrown at the API."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from authsvc.login.rules import Ticket
from tests.merchants import Merchant
from tests.openapi.description import DESCRIPTION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXAMPLES_PER_OPERATION = 2
# The test's own headers say who calls, whatever is generated for them: nothing is, or each request would be sent anew
# for every value that none of them carries.
GIVEN_HEADERS = {"x-vol-tenant", "x-vol-site"}
# A method that no operation knows shows what the others do on a path that does not know them.
UNEXPECTED_METHODS = {"patch"}

LENIENT_ON_PURPOSE = [
    # "12" is read as a number, an empty value as an absent one, names without case ([K] A5).
    negative_data_rejection,
    # What fits a schema may still break a rule: a weak password, an unknown customer set.
    positive_data_acceptance,
    # The test's own headers say who calls, whatever the generated ones say.
    ignored_auth,
    missing_required_header,
    # 501 is a documented answer here; a 500 is looked for below.
    not_a_server_error,
    # `/authtickets/{refreshToken}` matches the words beside it too, so Allow names its method there.
    allow_header_conformance,
]


def without_given_headers(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description of which nothing is generated that the test gives itself."""
    left: dict[str, Any] = deepcopy(description)
    for operations in left["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [
                parameter
                for parameter in operation.get("parameters", [])
                if parameter["name"] not in GIVEN_HEADERS
            ]
    return left


# At length what is wrong with a request; what is right is in the examples, and in every feature's own tests.
CONFIG = SchemathesisConfig.from_dict(
    {
        "phases": {
            "coverage": {
                "unexpected-methods": sorted(UNEXPECTED_METHODS),
                "generation": {"mode": "negative"},
            }
        }
    }
)
SCHEMA = schemathesis.openapi.from_dict(without_given_headers(DESCRIPTION), config=CONFIG)
# What is wrong with a request is judged the same way for whoever sends it: each way once is enough.
SHORT = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": False}}})
SHORT_SCHEMA = schemathesis.openapi.from_dict(without_given_headers(DESCRIPTION), config=SHORT)
# They take the body of another operation that is asked at length: an account, contacts, an attribute's definition.
OF_ANOTHERS_BODY = [
    "POST /api/commerce/customer/accounts/bulk",
    "POST /api/commerce/customer/accounts/add-account-and-login",
    "POST /api/commerce/customer/sites/{siteId}/eligiblecustomers",
    "PUT /api/commerce/customer/accounts/{accountId}/contacts",
    "PUT /api/commerce/customer/attributedefinition/attributes/{name}",
]


class ApplicationUnderTest:
    """Stands where the tests are collected for the application that exists when they run."""

    wsgi: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Pass a request on."""
        return self.wsgi(environ, start)


UNDER_TEST = ApplicationUnderTest()
SCHEMA.app = UNDER_TEST
SHORT_SCHEMA.app = UNDER_TEST


@pytest.fixture(autouse=True)
def _real_application(app: Flask) -> None:
    UNDER_TEST.wsgi = app


def test_the_description_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DESCRIPTION).validate()
    assert DESCRIPTION["openapi"].startswith("3.1")


def test_the_page_for_people_loads_nothing_from_other_hosts(client: FlaskClient) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "src=" not in answer.text
    assert 'href="http' not in answer.text


def call_and_judge(case: schemathesis.Case[Any], headers: dict[str, str]) -> None:
    """Send a generated request; a 500 or an answer that the description does not know fails the test."""
    answer = case.call_and_validate(headers=headers, excluded_checks=LENIENT_ON_PURPOSE)
    assert answer.status_code != 500


def headers_of(merchant: Merchant) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {merchant.application_token}",
        "x-vol-tenant": str(merchant.tenant_id),
        "x-vol-site": str(merchant.site("Mystic Sports")),
    }


@SCHEMA.exclude(name=OF_ANOTHERS_BODY).parametrize()
@settings(
    max_examples=EXAMPLES_PER_OPERATION,
    # The merchant lives through all examples, on purpose.
    suppress_health_check=list(HealthCheck),
)
def test_an_application_gets_documented_answers_only(
    case: schemathesis.Case[Any], merchant: Merchant
) -> None:
    call_and_judge(case, headers_of(merchant))


@SHORT_SCHEMA.include(name=OF_ANOTHERS_BODY).parametrize()
@settings(max_examples=10 * EXAMPLES_PER_OPERATION, suppress_health_check=list(HealthCheck))
def test_so_it_does_where_the_body_is_judged_elsewhere(
    case: schemathesis.Case[Any], merchant: Merchant
) -> None:
    call_and_judge(case, headers_of(merchant))


@pytest.fixture(name="shopper")
def _shopper(merchant: Merchant) -> Ticket:
    return merchant.sign_up("john@mail.com", "Mystic Sports")


@SHORT_SCHEMA.include(
    path_regex="accounts/(current|{accountId})$|change-password$|/session$"
).parametrize()
@settings(
    max_examples=EXAMPLES_PER_OPERATION,
    suppress_health_check=list(HealthCheck),
)
def test_a_shopper_gets_documented_answers_only(
    case: schemathesis.Case[Any], merchant: Merchant, shopper: Ticket
) -> None:
    assert shopper.account is not None
    if "accountId" in case.path_parameters:
        case.path_parameters["accountId"] = shopper.account.id
    call_and_judge(
        case,
        {
            "Authorization": f"Bearer {shopper.tokens.access_token}",
            "x-vol-site": str(merchant.site("Mystic Sports")),
        },
    )
