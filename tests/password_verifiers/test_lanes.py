"""Questions wait in lanes: a full one says nothing of an endpoint, and one endpoint does not fill all of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Semaphore
from time import monotonic

import pytest

from authsvc.password_verifiers.breaker import MOST_FAILURES, Breaker
from authsvc.password_verifiers.rules import Question, Verifier
from authsvc.password_verifiers.service import (
    MOST_AT_ONE_ENDPOINT,
    Lanes,
    PasswordVerifiers,
)
from tests.merchants import Merchant

SLOW, QUICK = "https://slow.example/verify", "https://quick.example/verify"
QUESTION = Question("ann@mail.com", "typed", "kept")


@pytest.fixture(name="verifiers")
def _verifiers(merchant: Merchant) -> Iterator[PasswordVerifiers]:
    """As many questions to the slow endpoint under way as may be; it answers when the test is over."""
    begun, may_answer, lanes = Semaphore(0), Event(), Lanes()

    def call(verifier: Verifier, _: Question) -> bool:
        if verifier.url == SLOW:
            begun.release()
            may_answer.wait()
        return True

    usual = merchant.services.login.passwords.verifiers
    verifiers = replace(usual, call=call, lanes=lanes, breaker=Breaker(monotonic))
    with ThreadPoolExecutor(MOST_AT_ONE_ENDPOINT) as threads:
        for _ in range(MOST_AT_ONE_ENDPOINT):
            threads.submit(verifiers.verdict, verifier(SLOW), QUESTION)
            begun.acquire()
        yield verifiers
        may_answer.set()
    lanes.close()


def verifier(url: str) -> Verifier:
    """Return somebody's endpoint."""
    return Verifier(1, url, b"secret", False, None, datetime.now(UTC))


def test_a_slow_endpoint_leaves_places_to_the_others(verifiers: PasswordVerifiers) -> None:
    assert verifiers.verdict(verifier(SLOW), QUESTION) is None
    assert verifiers.verdict(verifier(QUICK), QUESTION) is True


def test_who_found_no_place_says_nothing_of_the_endpoint(verifiers: PasswordVerifiers) -> None:
    for _ in range(MOST_FAILURES):
        assert verifiers.verdict(verifier(SLOW), QUESTION) is None
    assert verifiers.breaker.may_ask(SLOW)
