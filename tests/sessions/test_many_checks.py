"""`POST /sessions/check`: many tokens in one call, each answered as `GET /session` answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from authsvc.app import create_app
from authsvc.infra.valkey import Valkey
from authsvc.login.rules import Ticket
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.tokens import Audience, new_token
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant

Questions = list[tuple[str, str | None]]


@pytest.fixture(name="here")
def _here(settings: Settings, merchant: Merchant) -> Iterator[Merchant]:
    """A machine whose follower looks when the test says so, and whose time stands still meanwhile."""
    with machine(settings, HeldClock()) as services:
        yield replace(on(services, merchant), client=create_app(services).test_client())


@pytest.fixture(name="stacy")
def _stacy(here: Merchant) -> Ticket:
    return here.sign_up("stacy@mail.com", "Mystic Sports")


def look(services: Services) -> None:
    """Let a machine's follower look until all went well, however slowly Valkey answers on a busy machine."""
    services.invalidation.follow()
    while not services.invalidation.trusted():
        services.invalidation.follow()


def ask(
    here: Merchant, questions: Questions, path: str = "/sessions/check", **headers: str
) -> list[dict[str, Any]]:
    """Ask about tokens on sites; return the answers."""
    checks = [
        {"token": token} | ({} if site is None else {"siteId": here.site(site)})
        for token, site in questions
    ]
    answer = here.client.post(path, json={"checks": checks}, headers=headers)
    assert answer.status_code == 200, answer.get_json()
    answers: list[dict[str, Any]] = answer.get_json()["answers"]
    return answers


def singly(here: Merchant, token: str, site: str) -> dict[str, Any]:
    """Ask `GET /session` and return what an answer in a list would be."""
    answer = here.check(token, site)
    shown = answer.get_json()
    if answer.status_code == 200:
        return {"session": shown, "reason": None}
    return {"session": None, "reason": shown["additionalErrorData"][0]["value"]}


def without_moment(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for answer in answers:
        if answer["session"]:
            assert answer["session"].pop("asOf")
    return answers


def test_each_is_answered_in_order_as_it_would_be_alone(here: Merchant, stacy: Ticket) -> None:
    look(here.services)
    ended = here.sign_in("stacy@mail.com", "Mystic Sports")
    here.services.sessions.sign_out(here.caller(), ended.tokens.session_id)
    john = here.sign_up("john@mail.com", "Mystic Parts")
    questions: Questions = [
        (stacy.tokens.access_token, "Mystic Kids"),
        ("rubbish", "Mystic Kids"),
        (ended.tokens.access_token, "Mystic Kids"),
        (stacy.jwt, "Mystic Sports"),
        (john.tokens.access_token, "Mystic Kids"),
        (stacy.tokens.access_token, "Mystic Parts"),
        (new_token(here.tenant_id, Audience.SHOPPER), "Mystic Kids"),
        (stacy.tokens.refresh_token, "Mystic Kids"),
        (stacy.tokens.access_token, "Mystic Kids"),
    ]
    alone = without_moment([singly(here, token, site or "") for token, site in questions])
    # With a slash behind it Flask answers; twice, so that what stands is answered too.
    for path in ("/sessions/check/", "/sessions/check", "/sessions/check"):
        assert without_moment(ask(here, questions, path)) == alone
    assert [answer["reason"] for answer in alone] == [
        *(None, "no_session", "session_ended", None, "other_customer_set"),
        *("other_customer_set", "no_session", "no_session", None),
    ]


def test_the_site_is_the_tokens_own_the_calls_or_the_headers(here: Merchant, stacy: Ticket) -> None:
    token = stacy.tokens.access_token
    parts = str(here.site("Mystic Parts"))
    assert ask(here, [(token, None)])[0]["session"]["siteId"] == here.site("Mystic Sports")
    assert ask(here, [(token, None)], **{"x-vol-site": parts})[0]["reason"] == "other_customer_set"
    assert ask(here, [(token, "Mystic Kids")], **{"x-vol-site": parts})[0]["session"]
    body = {"siteId": parts, "checks": [{"token": token}]}
    shown = here.client.post("/sessions/check", json=body).get_json()["answers"]
    assert shown[0]["reason"] == "other_customer_set"


def test_another_tenants_tokens_and_sites_are_not_there(
    here: Merchant, other_merchant: Merchant, stacy: Ticket
) -> None:
    token = stacy.tokens.access_token
    theirs = {"x-vol-tenant": str(other_merchant.tenant_id)}
    for _ in range(2):
        assert ask(here, [(token, "Mystic Kids")])[0]["session"]
        assert ask(here, [(token, "Mystic Kids")], **theirs)[0]["reason"] == "no_session"
    body = {"checks": [{"token": token, "siteId": other_merchant.site("Mystic Kids")}]}
    shown = here.client.post("/sessions/check", json=body).get_json()["answers"]
    assert shown == [{"session": None, "reason": "unknown_site"}]


def test_what_is_not_remembered_is_asked_of_each_store_once(here: Merchant) -> None:
    tokens = [
        here.sign_in("stacy@mail.com", "Mystic Kids").tokens.access_token
        if number
        else here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
        for number in range(5)
    ]
    questions: Questions = [(token, "Mystic Kids") for token in tokens]
    statements: list[str] = []
    event.listen(
        here.services.database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    look(here.services)
    assert all(answer["session"] for answer in ask(here, questions))
    assert sum("session_tokens" in each for each in statements) == 1
    # They are remembered now: neither store is asked.
    statements.clear()
    valkey = here.services.valkey
    assert isinstance(valkey, Valkey)
    valkey.close()
    valkey.pool.away_until = float("inf")
    here.services.database.close()
    assert all(answer["session"] for answer in ask(here, questions))
    assert statements == []


@pytest.fixture(name="statements")
def _statements(here: Merchant) -> list[str]:
    """What is asked of PostgreSQL from now on."""
    statements: list[str] = []
    event.listen(
        here.services.database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    return statements


def test_a_thousand_sites_that_nobody_knows_are_asked_for_once(
    here: Merchant, stacy: Ticket, statements: list[str]
) -> None:
    token = stacy.tokens.access_token
    look(here.services)
    assert ask(here, [(token, "Mystic Kids")])[0]["session"]
    statements.clear()
    first = max(site.id for site in here.sites.values()) + 1_000_000
    checks = [{"token": token, "siteId": first + number} for number in range(1_000)]
    answers = here.client.post("/sessions/check", json={"checks": checks}).get_json()["answers"]
    assert [answer["reason"] for answer in answers] == ["unknown_site"] * 1_000
    assert len(statements) == 1


def test_those_of_another_set_take_three_journeys_together(
    here: Merchant, stacy: Ticket, statements: list[str]
) -> None:
    """Both sides as they are now, and the sites once more, for whoever was moved between."""
    others = [here.sign_in("stacy@mail.com", "Mystic Kids") for _ in range(5)]
    tokens = [each.tokens.access_token for each in (stacy, *others)]
    look(here.services)
    assert all(
        answer["session"] for answer in ask(here, [(each, "Mystic Kids") for each in tokens])
    )
    statements.clear()
    answers = ask(here, [(each, "Mystic Parts") for each in tokens])
    assert [answer["reason"] for answer in answers] == ["other_customer_set"] * 6
    assert len(statements) <= 3


def test_what_was_remembered_goes_with_the_next_look(
    here: Merchant, merchant: Merchant, stacy: Ticket
) -> None:
    look(here.services)
    questions: Questions = [(stacy.tokens.access_token, "Mystic Kids")] * 2
    assert all(answer["session"] for answer in ask(here, questions))
    merchant.services.sessions.sign_out(merchant.caller(), stacy.tokens.session_id)
    look(here.services)
    assert [answer["reason"] for answer in ask(here, questions)] == ["session_ended"] * 2


def test_without_a_look_within_a_second_nothing_remembered_is_believed(
    here: Merchant, merchant: Merchant, stacy: Ticket
) -> None:
    look(here.services)
    questions: Questions = [(stacy.tokens.access_token, "Mystic Kids")]
    assert ask(here, questions)[0]["session"]
    merchant.services.sessions.sign_out(merchant.caller(), stacy.tokens.session_id)
    here.services.invalidation._trusted_until = float("-inf")
    assert ask(here, questions)[0]["reason"] == "session_ended"


def test_what_cannot_be_told_is_unavailable_and_spares_the_others(
    settings: Settings, here: Merchant, stacy: Ticket
) -> None:
    """Design §4: fail closed on a check."""
    token = stacy.tokens.access_token
    unknown = new_token(here.tenant_id, Audience.SHOPPER)
    look(here.services)
    assert ask(here, [(token, "Mystic Kids")])[0]["session"]

    def away(*_: object) -> None:
        raise psycopg.OperationalError("nobody answers")

    with machine(settings, HeldClock()) as services:
        look(services)
        side = replace(on(services, here), client=create_app(services).test_client())
        assert ask(side, [(token, "Mystic Kids")])[0]["session"]
        # What is remembered is believed for a second from here.
        look(services)
        services.database.engine.dispose()
        services.database.engine.pool._creator = away  # type: ignore[assignment]  # what connects
        answers = ask(side, [(unknown, "Mystic Kids"), (token, "Mystic Kids")])
    assert [answer["reason"] for answer in answers] == ["unavailable", None]


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"checks": [{}]},
        {"checks": [{"token": 7}]},
        {"checks": [{"token": "x" * 5_000}]},
        {"checks": [{"token": "x"}] * 1_001},
    ],
)
def test_what_is_no_list_of_tokens_is_refused_as_everywhere(here: Merchant, body: object) -> None:
    answer = here.client.post("/sessions/check", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["errorCode"] == "MISSING_OR_INVALID_PARAMETER"


def test_a_thousand_may_be_asked_at_once(here: Merchant) -> None:
    unknown = [(new_token(here.tenant_id, Audience.SHOPPER), None) for _ in range(1_000)]
    assert {answer["reason"] for answer in ask(here, list(unknown))} == {"no_session"}
