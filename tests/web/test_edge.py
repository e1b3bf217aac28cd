from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from authsvc.web.access_log import note_tenant
from authsvc.web.edge import Edge
from tests.web.sample_api import TICKET


def test_every_answer_carries_a_correlation_id(client: FlaskClient) -> None:
    """A4: header `x-vol-correlation` on every response."""
    for path in ("/api/accounts/1", "/api/none", "/api/trouble/refusal/conflict"):
        assert re.fullmatch("[0-9a-f]{32}", client.get(path).headers["x-vol-correlation"])


def test_two_requests_have_two_ids(client: FlaskClient) -> None:
    ids = {client.get("/api/accounts/1").headers["x-vol-correlation"] for _ in range(5)}

    assert len(ids) == 5


def test_a_well_formed_id_of_the_callers_is_kept(client: FlaskClient) -> None:
    sent = "order-4711_from-Shop"
    answer = client.get("/api/accounts/1", headers={"X-Vol-Correlation": sent})

    assert answer.headers["x-vol-correlation"] == sent


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "<script>alert", "with space", "ä" * 10])
def test_any_other_id_is_replaced(client: FlaskClient, sent: str) -> None:
    answer = client.get("/api/accounts/1", headers={"x-vol-correlation": sent})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-vol-correlation"])


def test_answers_are_not_kept_sniffed_or_framed(client: FlaskClient) -> None:
    headers = client.get("/api/accounts/1").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Set-Cookie" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_an_answer_that_says_how_long_it_keeps_is_believed(client: FlaskClient) -> None:
    headers = client.get("/api/trouble/own-response").headers

    assert headers.getlist("Cache-Control") == ["max-age=5"]


def lines_of(client: FlaskClient, path: str, **request: Any) -> list[Any]:  # noqa: ANN401
    with capture_logs(processors=[merge_contextvars]) as lines:
        client.open(path, **request)
    return [line for line in lines if line["event"] == "request"]


def test_a_request_is_one_line_in_the_log(client: FlaskClient) -> None:
    answer_id = "a-well-formed-id"
    (line,) = lines_of(client, "/api/Accounts/5", headers={"x-vol-correlation": answer_id})

    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/api/accounts/<int:account_id>",
        "status": 200,
        "correlation_id": answer_id,
    }


def test_the_log_never_holds_what_may_be_secret(client: FlaskClient) -> None:
    lines = lines_of(
        client,
        "/api/accounts/tokens/hunter2?refreshToken=hunter2",
        headers={"Authorization": "Bearer hunter2", "Cookie": "session=hunter2"},
        data="hunter2",
    ) + lines_of(client, "/api/hunter2/none")

    assert len(lines) == 2
    assert "hunter2" not in str(lines)


def test_the_log_names_the_tenant_of_its_own_request_only(client: FlaskClient) -> None:
    note_tenant(7)

    (line,) = lines_of(client, "/api/accounts/5")

    assert "tenant_id" not in line


def test_a_tenant_that_was_noted_is_in_the_log() -> None:
    def answer(_environ: Any, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        note_tenant(7)
        start_response("204 No Content", [])
        return []

    edge = Edge(answer, list)
    with capture_logs(processors=[merge_contextvars]) as lines:
        edge({"REQUEST_METHOD": "GET", "PATH_INFO": "/x"}, lambda *_: lambda _: None)

    assert (lines[0]["tenant_id"], lines[0]["status"], lines[0]["route"]) == (7, 204, "-")


def test_a_failure_outside_of_flask_is_logged_as_500_and_not_swallowed() -> None:
    def answer(_environ: object, _start_response: object) -> Iterable[bytes]:
        raise KeyboardInterrupt

    with capture_logs() as lines, pytest.raises(KeyboardInterrupt):
        Edge(answer, list)({"REQUEST_METHOD": "GET"}, lambda *_: lambda _: None)

    assert lines[0]["status"] == 500


def test_flask_gets_no_session_and_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get(
        "/api/accounts", headers={"Authorization": f"Bearer {TICKET}", "Cookie": "session=x"}
    )

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
