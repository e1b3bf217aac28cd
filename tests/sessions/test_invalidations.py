"""`GET /sessions/invalidations`: what a service that keeps answers is told, and who is told it."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from authsvc.app import create_app
from authsvc.callers import Behavior
from authsvc.infra.barred_tokens import Position
from authsvc.infra.token_records import TokenRecords
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.tokens import digest
from tests.machines import machine
from tests.merchants import Merchant

PATH = "/sessions/invalidations"


def told(merchant: Merchant, after: str = "") -> dict[str, Any]:
    """Ask at a moment at which this process has looked."""
    merchant.services.invalidation.follow()
    answer = merchant.call("GET", f"{PATH}?after={after}")
    assert answer.status_code == 200, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    return dict(answer.json)


def test_a_service_is_told_which_of_its_tenants_tokens_to_forget(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Kids")
    ours, theirs = told(merchant), told(other_merchant)
    assert ours["complete"] is False
    assert 0 <= ours["ageMilliseconds"] < 1000
    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
    after = told(merchant, ours["position"])
    assert after["complete"] is True
    assert digest(ticket.tokens.access_token).hex() in after["tokens"]
    assert told(merchant, after["position"])["tokens"] == []
    # Nobody hears of another tenant's.
    others = told(other_merchant, theirs["position"])
    assert others["tokens"] == []


def test_only_applications_with_the_behavior_are_told(
    merchant: Merchant, services: Services
) -> None:
    without = set(Behavior) - {Behavior.SESSION_FOLLOW}
    for behaviors, status in ((without, 403), ({Behavior.SESSION_FOLLOW}, 200)):
        application, secret = services.applications.create(merchant.caller(), "Shop", behaviors)
        ticket = services.applications.authenticate(application.client_id, secret)
        services.invalidation.follow()
        shown = {"Authorization": f"Bearer {ticket.access_token}"}
        assert merchant.client.get(PATH, headers=shown).status_code == status
    assert merchant.client.get(PATH).status_code == 401


def test_a_process_that_has_not_looked_for_a_second_tells_nothing(
    merchant: Merchant, settings: Settings
) -> None:
    """Whoever asks must not take silence for news that nothing has happened."""
    with machine(settings) as idle:
        client = create_app(idle).test_client()
        shown = {"Authorization": f"Bearer {merchant.application_token}"}
        idle.invalidation.barred._look = None
        assert client.get(PATH, headers=shown).status_code == 503
        idle.invalidation.follow()
        assert client.get(PATH, headers=shown).status_code == 200


def test_what_could_not_be_listed_keeps_everybody_from_being_told_that_nothing_has_ended(
    merchant: Merchant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process itself has heard of it from PostgreSQL and goes on; services hear by the list alone."""

    def cannot(_records: TokenRecords, _tenant_id: int, _digests: object) -> None:
        raise redis.ConnectionError

    with machine(settings) as idle:
        barred = idle.invalidation.barred
        ticket = merchant.sign_up("john@mail.com", "Mystic Kids")
        before = told(merchant)["position"]
        monkeypatch.setattr(TokenRecords, "bar", cannot)
        idle.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
        barred._look = None
        idle.invalidation.follow()
        assert idle.invalidation.trusted()
        assert barred.last_look() is None
        monkeypatch.undo()
        idle.invalidation.follow()
        assert barred.last_look() is not None
        digests = barred.since(merchant.tenant_id, Position.read(before)).digests
        assert digest(ticket.tokens.access_token) in digests
