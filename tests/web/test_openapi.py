from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from authsvc.web.health import health_routes
from authsvc.web.openapi import document
from authsvc.web.operations import Routes
from tests.web.sample_api import (
    SECURITY_SCHEMES,
    TICKET,
    account_routes,
    other_routes,
    sample_app,
    sample_routes,
)

CONTEXT = [{"name": "x-vol-tenant", "in": "header", "schema": {"type": "integer"}}]


def described(routes: list[Routes] | None = None) -> dict[str, Any]:
    return document(
        routes or [*sample_routes(), health_routes({})],
        title="Sample",
        version="1.0",
        security_schemes=SECURITY_SCHEMES,
        context_parameters=CONTEXT,
    )


def test_the_description_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(described()).validate()


def test_an_operation_is_described_by_its_function() -> None:
    operation = described()["paths"]["/api/accounts"]["get"]

    assert operation["operationId"] == "accounts.accounts"
    assert operation["tags"] == ["Accounts"]
    assert operation["summary"] == "List accounts."
    assert operation["description"] == (
        "The one account is called like the caller.\n\nNeeds a ticket."
    )
    assert operation["security"] == [{"bearerTicket": ()}]


def test_parameters_are_named_as_on_the_wire() -> None:
    document = described()
    listing = document["paths"]["/api/accounts"]["get"]["parameters"]

    assert {parameter["name"] for parameter in listing} == {
        "startIndex",
        "pageSize",
        "isAnonymous",
        "filter",
        "responseFields",
        "x-vol-tenant",
    }
    size = next(parameter for parameter in listing if parameter["name"] == "pageSize")
    assert size["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 20}
    anonymous = next(parameter for parameter in listing if parameter["name"] == "isAnonymous")
    assert anonymous["schema"] == {"type": "boolean"}
    clauses = next(parameter for parameter in listing if parameter["name"] == "filter")
    assert clauses["description"] == "Which accounts: `field op value`."
    (account_id,) = document["paths"]["/api/accounts/{accountId}"]["get"]["parameters"]
    assert (account_id["name"], account_id["in"]) == ("accountId", "path")


def test_bodies_say_whether_they_are_needed_and_in_which_forms() -> None:
    paths = described()["paths"]

    assert paths["/api/accounts"]["post"]["requestBody"]["required"] is True
    assert paths["/api/accounts/bulk"]["post"]["requestBody"]["required"] is False
    assert set(paths["/api/accounts/oauth"]["post"]["requestBody"]["content"]) == {
        "application/json",
        "application/x-www-form-urlencoded",
    }


def test_every_refusal_is_described_with_the_envelope() -> None:
    responses = described()["paths"]["/api/accounts"]["post"]["responses"]

    assert set(responses) == {"201", "400", "401", "403", "409", "413", "500", "503"}
    for status, response in responses.items():
        assert "x-vol-correlation" in response["headers"]
        if status != "201":
            schema = response["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Error"}
    assert responses["409"]["description"] == (
        "`VALIDATION_CONFLICT`: The customer set already has an account with this username."
    )


def test_a_collection_is_named_after_what_it_holds() -> None:
    assert "AccountCollection" in described()["components"]["schemas"]


def test_nothing_is_required_of_an_answer_that_the_caller_may_trim() -> None:
    schemas = described()["components"]["schemas"]

    assert "required" not in schemas["AccountCollection"]
    assert "required" not in schemas["Account-Output"]
    assert schemas["Error"]["required"]
    assert schemas["Account-Input"]["required"] == ["userName"]


def test_an_id_or_an_address_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        described([account_routes(), account_routes()])


SCHEMA = schemathesis.openapi.from_dict(
    described([account_routes(), other_routes(), health_routes({})]),
    config=SchemathesisConfig.discover(),
)
SCHEMA.app = sample_app()


@SCHEMA.include(path_regex="^/api/accounts").parametrize()
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_what_is_answered_is_what_is_described(case: schemathesis.Case[Any]) -> None:
    """A schemathesis run finds no 500 and no undocumented answer."""
    case.call_and_validate(
        headers={"Authorization": f"Bearer {TICKET}"},
        excluded_checks=[
            # On purpose we read "12" as a number, and take an empty form value for an absent one.
            negative_data_rejection,
            positive_data_acceptance,
        ],
    )
