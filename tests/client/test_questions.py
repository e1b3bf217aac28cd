"""What the server's answers mean, a proxy's among them: never a session by mistake."""

from __future__ import annotations

import json

import pytest

from authsvc.client.errors import (
    CannotTell,
    ClientError,
    Misconfigured,
    NoSession,
    NotSignedIn,
    SessionEnded,
    UnknownSite,
)
from authsvc.client.http1 import Response
from authsvc.client.questions import (
    COOKIE,
    about_session,
    about_sessions,
    news_told,
    session_told,
    sessions_told,
)
from tests.client.answers import STACY


def answer(status: int, content: object = None, **headers: str) -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, body, reusable=True)


def refused(reason: str) -> dict[str, object]:
    return {"errorCode": "X", "additionalErrorData": [{"name": "Reason", "value": reason}]}


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401, refused("session_ended")), SessionEnded),
        # Of a later release: a refusal all the same.
        (answer(401, refused("something_new")), NotSignedIn),
        (answer(401, b"<html>"), Misconfigured),
        (answer(404, {"errorCode": "ITEM_NOT_FOUND"}), UnknownSite),
        (answer(404, b"<html>"), Misconfigured),
        (answer(302, b"", location="/login"), Misconfigured),
        (answer(200, b"<html>"), Misconfigured),
        (answer(200, {"accountId": 1}), Misconfigured),
        (answer(200, [1]), Misconfigured),
        (answer(400, {"message": "No."}), Misconfigured),
        (answer(429, None), CannotTell),
        (answer(500, None), CannotTell),
        (answer(502, b"<html>"), CannotTell),
        (answer(503, {}), CannotTell),
    ],
)
def test_whatever_is_no_session_is_an_error(response: Response, error: type[ClientError]) -> None:
    with pytest.raises(ClientError) as raised:
        session_told(response)
    assert type(raised.value) is error
    with pytest.raises(ClientError):
        news_told(response)
    with pytest.raises(ClientError):
        sessions_told(response, 1)


def test_the_server_says_when_to_ask_again() -> None:
    for text, seconds in (("5", 5), ("soon", 1), ("86400", 60)):
        with pytest.raises(CannotTell) as raised:
            session_told(answer(503, {}, retry_after=text))
        assert raised.value.retry_after_seconds == seconds


def test_each_refusal_has_the_status_and_the_reason_that_the_service_gives() -> None:
    for reason in ("no_session", "session_expired", "session_ended", "other_customer_set"):
        with pytest.raises(NoSession) as raised:
            session_told(answer(401, refused(reason)))
        assert (raised.value.reason, raised.value.status) == (reason, 401)


def test_a_browsers_token_is_shown_as_its_cookie() -> None:
    assert about_session(STACY, 7, None).headers == {
        "Authorization": f"Bearer {STACY}",
        "x-vol-site": "7",
    }
    cookie = STACY.replace("s~", "b~", 1)
    assert about_session(cookie, None, 1001).headers == {
        "Cookie": f"{COOKIE}={cookie}",
        "x-vol-tenant": "1001",
    }
    assert STACY not in repr(about_session(STACY, 7, None))


def test_many_are_asked_about_in_calls_that_the_server_takes() -> None:
    for token, number, calls in ((STACY, 2_500, 3), ("j" * 1_100, 1_000, 2)):
        asked = list(about_sessions([token] * number, 7, None))
        assert len(asked) == calls
        assert sum(len(some) for some, _ in asked) == number
        assert all(len(request.body) < 1024 * 1024 for _, request in asked)
    assert list(about_sessions([], 7, None)) == []
