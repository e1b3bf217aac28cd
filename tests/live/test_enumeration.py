"""Rule 11: a username unknown, a wrong password, another set's account and a guest are one and the same failure."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from http.client import HTTPConnection
from statistics import median
from uuid import uuid4

import pytest

from authsvc.guessing.rules import FREE_FROM_ONE_ORIGIN
from tests.live.storefronts import Answer, Storefronts

ROUNDS = 20
# Two samples of 20 from one distribution have an AUC of 0.5 with a standard error of 0.092: three of those to each
# side. Without the decoy hash a failure takes a tenth of the time, and the AUC is 0 or 1.
AUC_LOW, AUC_HIGH = 0.22, 0.78
# One comparison in 400 lies outside by chance, or because the machine was busy elsewhere; two times in a row none.
TRIES = 3
REPORTED_ANEW = {"date", "x-vol-correlation"}
WRONG = "Not-The-Password-1"


def same_for_everyone(answer: Answer) -> tuple[object, ...]:
    """Return all that a stranger can read of an answer."""
    body = answer.json
    assert body.pop("correlationId") == answer.header("x-vol-correlation")
    headers = [
        (name.lower(), None if name.lower() in REPORTED_ANEW else value)
        for name, value in answer.headers
    ]
    return answer.status, body, headers


def likelihood_of_longer(ones: list[float], others: list[float]) -> float:
    """Return the AUC (Mann-Whitney's U by the number of pairs): how often one of `ones` took longer."""
    wins = sum((one > other) + (one == other) / 2 for one in ones for other in others)
    return wins / (len(ones) * len(others))


def failures(storefronts: Storefronts) -> dict[str, str]:
    """Return a username for each way to fail, which has not failed yet; the first has an account on the site."""
    shopper = storefronts.new_shopper("Mystic Sports")
    elsewhere = storefronts.new_shopper("Mystic Business")
    guest, nobody = (f"{who}-{uuid4().hex[:8]}@mail.com" for who in ("guest", "nobody"))
    storefronts.call("POST", "accounts", {"emailAddress": guest}, site="Mystic Sports")
    return {
        "wrong password": shopper.username,
        "unknown username": nobody,
        "another set's account": elsewhere.username,
        "guest account": guest,
    }


def test_every_failure_reads_the_same(storefronts: Storefronts) -> None:
    answers = {
        why: same_for_everyone(storefronts.sign_in(username, password=WRONG))
        for why, username in failures(storefronts).items()
    }
    assert answers["wrong password"][0] == 401
    for why, answer in answers.items():
        assert answer == answers["wrong password"], why


def test_every_failure_takes_the_same_time(storefronts: Storefronts) -> None:
    told = []
    with closing(storefronts.instances[0].connect()) as connection:
        for _ in range(TRIES):
            times = measured(storefronts, connection)
            wrong = times.pop("wrong password")
            aucs = {why: likelihood_of_longer(took, wrong) for why, took in times.items()}
            if all(AUC_LOW < auc < AUC_HIGH for auc in aucs.values()):
                return
            told.append((aucs, f"wrong password: {median(wrong) * 1000:.1f} ms"))
    pytest.fail(f"time tells: {told}")


def measured(storefronts: Storefronts, connection: HTTPConnection) -> dict[str, list[float]]:
    """Return how many seconds each failure took; they take turns, so that the machine's moods hit all alike."""
    usernames: dict[str, str] = {}
    times: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        if number % FREE_FROM_ONE_ORIGIN == 0:
            # Who fails more often would have to wait.
            usernames = failures(storefronts)
        for why, username in usernames.items():
            answer = storefronts.sign_in(username, password=WRONG, at=connection)
            assert answer.status == 401
            times[why].append(answer.seconds)
    return times
