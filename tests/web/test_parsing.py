from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from authsvc.errors import Invalid
from authsvc.web.parsing import DEEPEST_NESTING, LARGEST_BODY_BYTES, MOST_PAIRS, Reader
from authsvc.web.wire import LARGEST_INTEGER
from tests.web.sample_api import TICKET, Account, AccountQuery, sample_app, told

ACCOUNT = Reader[Account](Account, "account")
QUERY = Reader[AccountQuery](AccountQuery, "query")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
).map(lambda value: json.dumps(value).encode())


def refusal(reader: Reader[Any], body: bytes) -> Invalid:
    with pytest.raises(Invalid) as refused:
        reader.json(body)
    return refused.value


@pytest.mark.parametrize("body", [b"", b"  \n", b"null", b"\xef\xbb\xbf"])
def test_an_empty_or_null_body_is_refused_by_the_name_of_the_body(body: bytes) -> None:
    assert refusal(ACCOUNT, body).message == (
        "Missing or invalid parameter: account must not be empty"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"NaN",
        b'{"userName": Infinity}',
        b'{"userName": "\xff"}',
        b'{"userName": "\\ud800"}',
        b'{"luckyNumber": 1e400}',
        b"[" * 100_000,
        "{}".encode("utf-16"),
        b"user_name=stacy",
    ],
)
def test_what_is_not_json_in_utf_8_is_refused(body: bytes) -> None:
    assert "is not valid JSON in UTF-8" in refusal(ACCOUNT, body).message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "userName is required"),
        ([], "account must be an object"),
        ("x", "account must be an object"),
        ({"user_name": "stacy"}, "userName is required"),
        ({"userName": 5}, "userName must be a string"),
        ({"userName": ""}, "userName must have at least 1 characters"),
        ({"userName": "a", "contacts": [{}]}, "contacts[0].email is required"),
        ({"userName": "a", "contacts": {}}, "contacts must be an array"),
        ({"userName": "a", "id": -1}, "id must be at least 0"),
        ({"userName": "a", "id": LARGEST_INTEGER + 1}, f"id must be at most {LARGEST_INTEGER}"),
        ({"userName": "a", "id": "x"}, "id must be a whole number"),
        ({"userName": "a", "requires2FA": "perhaps"}, "requires2FA must be true or false"),
        (
            {"userName": "a", "customerSinceDate": 5},
            "customerSinceDate must be an ISO 8601 date and time",
        ),
        ({"userName": "a", "totalOrderAmount": "x"}, "totalOrderAmount must be a number"),
        (
            {"userName": "a", "totalOrderAmount": 0.00001},
            "totalOrderAmount must have at most 4 decimals",
        ),
    ],
)
def test_a_refusal_names_the_parameter_and_says_what_would_be_right(
    body: object, message: str
) -> None:
    refused = refusal(ACCOUNT, json.dumps(body).encode())

    assert refused.message == f"Missing or invalid parameter: {message}"
    assert refused.data == (("ParameterName", message.partition(" ")[0]),)


def test_several_findings_are_all_told() -> None:
    refused = refusal(ACCOUNT, b'{"id": -1, "emailAddress": []}')

    assert [item.message.partition(": ")[2] for item in refused.items] == [
        "id must be at least 0",
        "userName is required",
        "emailAddress must be a string",
    ]


def test_a_refusal_never_repeats_what_was_sent() -> None:
    body = b'{"userName": ["hunter2"], "hunter2": 1, "contacts": "hunter2", "id": "hunter2"}'
    refused = refusal(ACCOUNT, body)

    assert "hunter2" not in repr([refused, *refused.items])


def test_a_key_of_the_callers_making_is_not_repeated() -> None:
    refused = refusal(Reader[dict[str, int]](dict[str, int], "body"), b'{"my secret": "x"}')

    assert refused.message == "Missing or invalid parameter: body must be a whole number"


@pytest.mark.parametrize("place", ['"userName": "%s"', '"userName": "a", "values": [{"%s": 1}]'])
def test_a_nul_character_is_refused_wherever_it_is(place: str) -> None:
    escaped = place % "a\\u0000b"

    assert "U+0000" in refusal(ACCOUNT, f"{{{escaped}}}".encode()).message


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert ACCOUNT.json(b'{"userName": "a\\\\u0000"}').user_name == "a\\u0000"


def test_nesting_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        return b'{"userName": "a", "values": ' + b"[" * levels + b"]" * levels + b"}"

    assert ACCOUNT.json(nested(DEEPEST_NESTING - 1)).values
    for levels in (DEEPEST_NESTING + 1, 1000):
        assert "nested" in refusal(ACCOUNT, nested(levels)).message


def test_many_objects_side_by_side_are_not_deep() -> None:
    contacts = [{"email": "a@b.c"}] * 100

    body = orjson.dumps({"userName": "a", "contacts": contacts})

    assert len(ACCOUNT.json(body).contacts) == 100


def test_query_keys_match_without_case_and_an_empty_value_is_absent() -> None:
    """NODE expands its URL templates with empty parameters: empty must equal absent ([K] 3.4)."""
    query = QUERY.pairs("STARTINDEX=5&pageSize=&filter=&isAnonymous=&unknown=1")

    assert query == AccountQuery(start_index=5)
    assert query.model_fields_set == {"start_index"}


def test_of_a_repeated_query_key_the_first_value_counts() -> None:
    assert QUERY.pairs("startIndex=1&startindex=2").start_index == 1


def test_query_values_are_decoded() -> None:
    assert QUERY.pairs("filter=userName+eq%20a%2Bb").filter == "userName eq a+b"


@pytest.mark.parametrize("encoded", ["pageSize=many", "pageSize=201", "filter=%00", "=&" * 300])
def test_a_malformed_query_is_refused(encoded: str) -> None:
    with pytest.raises(Invalid):
        QUERY.pairs(encoded if "=&" not in encoded else "a=1&" * (MOST_PAIRS + 1))


@given(st.binary(max_size=200) | JSON)
def test_any_bytes_are_an_account_or_a_refusal(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert ACCOUNT.json(body).model_dump_json()


@given(st.text(st.characters(codec="latin-1"), max_size=200))
def test_any_query_is_read_or_refused(encoded: str) -> None:
    with contextlib.suppress(Invalid):
        QUERY.pairs(encoded)


APP = sample_app()
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
PATHS = st.sampled_from(
    ["", "/1", "/bulk", "/oauth", "/current", "/1/contacts", "/1/set-login-locked", "/tokens/x"]
)


@given(
    method=METHODS,
    path=PATHS,
    query=st.text(st.characters(codec="ascii", exclude_characters="#\r\n\t"), max_size=50),
    body=st.binary(max_size=100) | JSON,
    content_type=st.sampled_from(
        ["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
    ),
)
def test_no_request_is_answered_500(
    method: str, path: str, query: str, body: bytes, content_type: str
) -> None:
    answer = APP.test_client().open(
        f"/api/accounts{path}",
        method=method,
        query_string=query,
        data=body,
        content_type=content_type,
        headers={"Authorization": f"Bearer {TICKET}"},
    )

    assert answer.status_code < 500
    if answer.status_code >= 400 and method != "HEAD":
        assert told(answer)["errorCode"]


def test_a_body_past_the_limit_is_refused_in_the_envelope(client: FlaskClient) -> None:
    answer = client.put("/api/accounts/1/contacts", data=b" " * (LARGEST_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert told(answer)["errorCode"] == "REQUEST_TOO_LARGE"


@pytest.mark.parametrize(("bytes_more", "status"), [(-1, 200), (1, 413)])
def test_a_body_whose_length_nobody_announced_is_limited_too(
    client: FlaskClient, bytes_more: int, status: int
) -> None:
    body = b"[]".ljust(LARGEST_BODY_BYTES + bytes_more)
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

    answer = client.put(
        "/api/accounts/1/contacts", input_stream=io.BytesIO(body), environ_overrides=chunked
    )

    assert answer.status_code == status


def test_a_body_of_just_the_limit_is_read(client: FlaskClient) -> None:
    body = b"[]".ljust(LARGEST_BODY_BYTES)

    assert client.put("/api/accounts/1/contacts", data=body).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "text/json; x=y"])
def test_a_body_is_json_whatever_its_content_type_says(app: Flask, content_type: str) -> None:
    answer = app.test_client().put(
        "/api/accounts/1/contacts", data=b'[{"email": "a@b.c"}]', content_type=content_type
    )

    assert told(answer) == [{"email": "a@b.c", "types": []}]
