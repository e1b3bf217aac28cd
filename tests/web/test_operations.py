from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from authsvc.web.operations import Routes
from tests.web.sample_api import TICKET, Account, Requires, told

WITH_TICKET = {"Authorization": f"Bearer {TICKET}"}


def test_an_operation_gets_its_caller_and_its_query(client: FlaskClient) -> None:
    answer = client.get("/api/accounts?startIndex=3&pageSize=10", headers=WITH_TICKET)

    assert answer.status_code == 200
    assert answer.content_type == "application/json; charset=utf-8"
    assert told(answer)["items"][0]["userName"] == "the caller"
    assert told(answer)["startIndex"] == 3
    assert (told(answer)["pageSize"], told(answer)["pageCount"]) == (10, 5)


def test_a_caller_is_judged_before_anything_it_sent(client: FlaskClient) -> None:
    assert client.post("/api/accounts", data="{").status_code == 401
    forged = {"Authorization": "Bearer no"}
    assert client.post("/api/accounts", data="{", headers=forged).status_code == 403
    assert client.post("/api/accounts", data="{", headers=WITH_TICKET).status_code == 400


def test_an_operation_answers_with_the_status_it_declared(client: FlaskClient) -> None:
    answer = client.post("/api/accounts", json={"userName": "stacy"}, headers=WITH_TICKET)

    assert answer.status_code == 201
    assert told(answer)["userName"] == "stacy"


def test_a_call_without_an_answer_is_empty_and_names_no_content_type(client: FlaskClient) -> None:
    """A3: void operations may be 204 or empty."""
    deleted = client.delete("/api/accounts/5")
    locked = client.post("/api/accounts/5/set-login-locked", data=b"true")

    assert (deleted.status_code, locked.status_code) == (204, 200)
    for answer in (deleted, locked):
        assert answer.data == b""
        assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[]", b'"perhaps"', b"2"])
def test_a_bare_boolean_is_demanded_where_one_is_declared(client: FlaskClient, body: bytes) -> None:
    assert client.post("/api/accounts/5/set-login-locked", data=body).status_code == 400


def test_a_body_may_be_left_out_where_null_is_declared(client: FlaskClient) -> None:
    assert client.post("/api/accounts/bulk").json == {"given": {"accounts": None}}
    two = [{"userName": "a"}, {"userName": "b"}]
    assert client.post("/api/accounts/bulk", json=two).json == {"given": {"accounts": 2}}


def test_an_entry_of_an_array_is_named_by_its_place(client: FlaskClient) -> None:
    answer = client.post("/api/accounts/bulk", json=[{"userName": "a"}, {}])

    assert told(answer)["additionalErrorData"] == [
        {"name": "ParameterName", "value": "[1].userName"}
    ]


def test_an_operation_can_tell_absent_from_null(client: FlaskClient) -> None:
    body = {"username": "a", "EMAILADDRESS": None}

    answer = client.patch("/api/accounts/1", json=body)

    assert told(answer) == {"given": {"user_name": "a", "email_address": None}}


def test_the_name_of_a_body_is_the_vendors(client: FlaskClient) -> None:
    """JTEST: the message on an empty body names the vendor's parameter ([K] 3.3)."""
    message = told(client.patch("/api/accounts/1"))["message"]

    assert message == "Missing or invalid parameter: account must not be empty"


def test_a_form_is_taken_where_it_is_declared(client: FlaskClient) -> None:
    """Vendor load tests send the OAuth call form-encoded, the SDK as JSON ([K] 5.1)."""
    fields = {"client_id": "an app", "client_secret": "x"}

    for answer in (
        client.post("/api/accounts/oauth", data=fields),
        client.post("/api/accounts/oauth", json=fields),
    ):
        assert told(answer) == {"given": {"client": "an app"}}
    assert client.post("/api/accounts/oauth", data={"client_id": "a"}).status_code == 400


def test_request_info_tells_host_and_correlation(client: FlaskClient) -> None:
    answer = client.get("/api/accounts/current", base_url="http://t1-s2.example")

    assert told(answer)["userName"] == "t1-s2.example"
    assert told(answer)["values"] == [answer.headers["x-vol-correlation"]]


@pytest.mark.parametrize("account", ["x", "-1", "1.5", str(2**63), "9" * 5000, "١"])
def test_an_id_that_cannot_be_is_not_found(client: FlaskClient, account: str) -> None:
    for method in ("GET", "DELETE", "PATCH"):
        answer = client.open(f"/api/accounts/{account}", method=method)

        assert answer.status_code == 404
        assert told(answer)["errorCode"] == "ITEM_NOT_FOUND"


def test_a_name_with_a_nul_character_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/accounts/tokens/a%00b").status_code == 404


def test_response_fields_trim_what_is_answered(client: FlaskClient) -> None:
    answer = client.get(
        "/api/accounts?responseFields=totalCount,ITEMS(id,contacts(Email),shoeSize)",
        headers=WITH_TICKET,
    )

    assert told(answer) == {
        "items": [{"id": 1, "contacts": [{"email": "a@b.c"}]}],
        "totalCount": 41,
    }


def test_malformed_response_fields_are_refused_before_anything_is_done(client: FlaskClient) -> None:
    answer = client.post(
        "/api/accounts?responseFields=items(", json={"userName": "a"}, headers=WITH_TICKET
    )

    assert answer.status_code == 400


def test_a_response_of_ones_own_passes_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/api/trouble/own-response")

    assert (answer.status_code, answer.data, answer.headers["X-Own"]) == (202, b"own", "1")


def test_a_function_whose_arguments_are_not_its_paths_is_refused_when_declared() -> None:
    routes = Routes("x", prefix="/api/x", tag="X")

    with pytest.raises(TypeError, match="differ"):

        @routes.get("/<code>", requires=None)
        def other(name: str) -> None: ...


def test_a_function_that_takes_a_caller_must_require_one() -> None:
    routes = Routes("x", prefix="/api/x", tag="X")

    with pytest.raises(TypeError, match="requires none"):

        @routes.get("", requires=None)
        def view(caller: str) -> None: ...


def test_a_declaration_can_be_read_back() -> None:
    routes = Routes("x", prefix="/api/x", tag="X")

    @routes.get("/<int:account_id>/<code>/", requires=Requires(), answers=Account)
    def view(account_id: int, code: str) -> Account:
        """Do a thing.

        In a way.
        """
        return Account(id=account_id, user_name=code)

    (operation,) = routes.operations
    assert operation.rule == "/api/x/<int:account_id>/<code>"
    assert operation.path_parameters == [("account_id", "int"), ("code", "default")]
    assert (operation.summary, operation.description) == ("Do a thing.", "In a way.")
    assert operation.status == 200
