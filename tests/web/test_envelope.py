from __future__ import annotations

import pytest
from flask import Response, redirect
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.exceptions import (
    Gone,
    HTTPException,
    InternalServerError,
    RequestHeaderFieldsTooLarge,
)
from werkzeug.test import TestResponse

from authsvc import errors
from authsvc.web.envelope import DEFAULT_RETRY_AFTER_SECONDS, Error, status_of
from authsvc.web.flask_app import new_flask_app
from tests.web.sample_api import UsernameTaken, told


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("invalid", 400, "MISSING_OR_INVALID_PARAMETER"),
        ("not-authenticated", 401, "UNAUTHORIZED"),
        ("forbidden", 403, "FORBIDDEN"),
        ("not-found", 404, "ITEM_NOT_FOUND"),
        ("conflict", 409, "VALIDATION_CONFLICT"),
        ("too-many", 429, "EXCEEDED_MAX_RETRIES"),
        ("not-offered", 501, "NOT_IMPLEMENTED"),
        ("unavailable", 503, "SYSTEM_MAINTENANCE"),
    ],
)
def test_every_kind_of_error_has_its_status_and_the_one_envelope(
    client: FlaskClient, kind: str, status: int, code: str
) -> None:
    """A2: every non-2xx answer is a JSON object with `errorCode`, `message`, `correlationId`, `items`."""
    answer = client.get(f"/api/trouble/refusal/{kind}")
    body = told(answer)

    assert answer.status_code == status
    assert answer.content_type == "application/json; charset=utf-8"
    assert Error.model_validate(body).model_dump(by_alias=True) == body
    assert body["errorCode"] == code
    assert body["applicationName"] == "Trouble"
    assert body["correlationId"] == answer.headers["x-vol-correlation"]
    assert "exceptionDetail" not in body


def test_every_kind_in_the_errors_module_has_a_status() -> None:
    kinds = errors.AuthsvcError.__subclasses__()

    assert all(status_of(kind) != 500 for kind in kinds if kind.__module__ == errors.__name__)


def test_a_parameter_error_is_the_vendors_letter_by_letter(client: FlaskClient) -> None:
    """Themes compare `Missing or invalid parameter: …` as text ([K] 1.5, 7)."""
    body = told(client.get("/api/trouble/refusal/invalid"))

    assert body["message"] == (
        "Missing or invalid parameter: EmailAddress EmailAddress already associated with a login"
    )
    assert body["additionalErrorData"] == [{"name": "ParameterName", "value": "EmailAddress"}]


def test_the_refusals_of_parts_are_items(client: FlaskClient) -> None:
    items = told(client.get("/api/trouble/refusal/invalid"))["items"]

    assert items[1] == {
        "applicationName": "Trouble",
        "errorCode": "MISSING_OR_INVALID_PARAMETER",
        "message": "Missing or invalid parameter: username ",
        "additionalErrorData": [{"name": "ParameterName", "value": "username"}],
    }


def test_who_is_not_authenticated_is_told_how_to_be(client: FlaskClient) -> None:
    answer = client.get("/api/trouble/refusal/not-authenticated")

    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("kind", "seconds"), [("too-many", 7), ("unavailable", DEFAULT_RETRY_AFTER_SECONDS)]
)
def test_who_has_to_wait_is_told_how_long(client: FlaskClient, kind: str, seconds: int) -> None:
    answer = client.get(f"/api/trouble/refusal/{kind}")

    assert answer.headers["Retry-After"] == str(seconds)


def test_a_bug_tells_the_log_everything_and_the_caller_nothing(client: FlaskClient) -> None:
    body = {"client_id": "x", "client_secret": "opensesame"}
    with capture_logs() as lines:
        answer = client.post("/api/trouble/bug", json=body)

    assert answer.status_code == 500
    assert told(answer)["errorCode"] == "UNEXPECTED_ERROR"
    assert b"hunter2" not in answer.data
    (error,) = [line for line in lines if line["log_level"] == "error"]
    assert "hunter2" in str(error["exc_info"])
    assert error["correlation_id"] == told(answer)["correlationId"]
    assert "opensesame" not in str(lines)


def answer_to(raised: Exception) -> TestResponse:
    app = new_flask_app()

    @app.get("/raises")
    def raises() -> str:
        raise raised

    return app.test_client().get("/raises")


@pytest.mark.parametrize("raised", [errors.AuthsvcError("of no kind"), InternalServerError()])
def test_an_error_without_a_kind_is_a_bug(raised: Exception) -> None:
    answer = answer_to(raised)

    assert (answer.status_code, told(answer)["errorCode"]) == (500, "UNEXPECTED_ERROR")
    assert b"of no kind" not in answer.data


def test_a_failure_while_an_answer_is_finished_is_answered_in_the_envelope() -> None:
    app = new_flask_app()

    @app.after_request
    def fail(_response: Response) -> Response:
        raise RuntimeError("hunter2")

    answer = app.test_client().get("/none")

    assert (answer.status_code, told(answer)["errorCode"]) == (500, "UNEXPECTED_ERROR")


def test_any_other_refusal_of_http_gets_a_code_after_its_name() -> None:
    answer = answer_to(RequestHeaderFieldsTooLarge())

    assert (answer.status_code, told(answer)["errorCode"]) == (
        431,
        "REQUEST_HEADER_FIELDS_TOO_LARGE",
    )


def test_a_redirect_that_a_page_raises_is_left_alone() -> None:
    answer = answer_to(HTTPException(response=redirect("/login")))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_a_refusal_that_brings_its_own_page_keeps_it() -> None:
    answer = answer_to(Gone(response=Response("This shop is closed.", 410)))

    assert (answer.status_code, answer.text) == (410, "This shop is closed.")


def test_an_unknown_address_is_answered_in_the_envelope(client: FlaskClient) -> None:
    answer = client.get("/api/no/such/thing")

    assert (answer.status_code, told(answer)["errorCode"]) == (404, "ITEM_NOT_FOUND")
    assert told(answer)["applicationName"] == "Customer"


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE"])
def test_a_method_that_an_address_does_not_know_is_answered_405(
    client: FlaskClient, method: str
) -> None:
    answer = client.open("/api/accounts/oauth", method=method)

    assert (answer.status_code, told(answer)["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "POST"


def test_an_answer_to_head_has_no_body(client: FlaskClient) -> None:
    for path in ("/api/accounts/1", "/api/trouble/refusal/conflict", "/api/none"):
        answer = client.head(path)
        assert answer.data == b""
        assert answer.status_code == client.get(path).status_code


def test_a_derived_error_has_the_status_of_its_kind() -> None:
    assert status_of(UsernameTaken) == 409
