"""How a process follows the news: what it asks next, and when."""

from __future__ import annotations

import pytest

from authsvc.client.errors import CannotTell
from authsvc.client.following import ASK_EVERY_SECONDS, Following
from authsvc.client.http1 import Response
from authsvc.client.kept_answers import Bounds, KeptAnswers
from authsvc.client.questions import Application
from tests.client.answers import Ticks

TICKET = Response(200, {}, b'{"access_token": "1001a~ticket", "expires_in": 3600}', reusable=True)


@pytest.fixture(name="following")
def _following() -> Following:
    ticks = Ticks()
    return Following(KeptAnswers(ticks, Bounds()), Application("1001.pos", "secret"), ticks)


def told(following: Following, response: Response) -> float:
    """Ask what there is to ask, and answer; return how long is waited then."""
    _, asked_at = following.question()
    try:
        return following.hear(response, asked_at)
    except CannotTell as failure:
        return following.fail(failure)


def test_who_asked_for_too_many_tickets_waits_for_as_long_as_the_server_says(
    following: Following,
) -> None:
    assert told(following, Response(429, {"retry-after": "30"}, b"", reusable=True)) == 30.0
    assert told(following, TICKET) == 0.0


def test_news_that_fails_is_asked_for_again_before_trust_runs_out(following: Following) -> None:
    told(following, TICKET)
    assert (
        told(following, Response(503, {"retry-after": "2"}, b"", reusable=True))
        == ASK_EVERY_SECONDS
    )
    # So is another ticket, when this one is not good any more.
    assert told(following, Response(401, {}, b"{}", reusable=True)) == ASK_EVERY_SECONDS
