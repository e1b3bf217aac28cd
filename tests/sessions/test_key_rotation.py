"""Issue 4: a documented rotation lets services verify the JWT alone, and no token is ever refused because of one.

Days of rotations in held time: two machines sign, a balancer sends whoever asks for the keys to either, finished keys
are retired at the earliest moment, and services verify tokens old and new by the rules of their own libraries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from flask import Flask
from pydantic import SecretStr

from authsvc.customer_sets.rules import Site
from authsvc.services import Services
from authsvc.sessions.jwt import JwtTickets
from authsvc.sessions.key_ring import KeyLife, KeyState
from authsvc.sessions.routes import routes
from authsvc.sessions.rules import Holder, IssuedTokens
from authsvc.sessions.signing_keys import LOOKS_APART_SECONDS, REREAD_SECONDS
from authsvc.settings import Settings
from authsvc.tokens import Audience, new_token
from authsvc.web.flask_app import new_flask_app
from tests.clock import HeldClock
from tests.isolation.fresh_database import fresh_database
from tests.machines import machine
from tests.sessions.verifiers import Seldom, Verifier, WithPyJwt, jose, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SITE = Site(1001, 101, "Mystic Sports", "b2c")
AUDIENCE = f"tenant:{SITE.tenant_id}"
# Some steps fall between two looks of a machine, some are longer than a library keeps the keys.
STEPS = (timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2))
NUMBER_OF_STEPS = 120
# What docs/session_checks.md promises: to who keeps the keys for less than an hour, and for tokens of up to a day.
KEPT_FOR = timedelta(minutes=59)
LONGEST = timedelta(days=1)
KEYS = "/.well-known/jwks.json"


@dataclass(frozen=True)
class Signed:
    """A ticket's JWT, whose it is, and when it runs out."""

    text: str
    user_id: str
    expires_at: datetime


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="machines")
def _machines(settings: Settings, clock: HeldClock) -> Iterator[list[Services]]:
    """Two machines on a database of their own: keys belong to the whole installation."""
    with fresh_database(settings, migrated=True) as database, ExitStack() as running:
        url = SecretStr(database.engine.url.render_as_string(hide_password=False))
        services = [
            running.enter_context(machine(settings, clock, database_url=url)) for _ in range(2)
        ]
        services[0].key_rotation.ensure_one()
        yield services


@pytest.fixture(name="address")
def _address(machines: list[Services]) -> Iterator[str]:
    """Where the published keys are, said by either machine."""
    apps: list[Flask] = []
    for services in machines:
        apps.append(new_flask_app())
        part = routes(services.sessions, services.signing_keys, pytest.fail)
        apps[-1].register_blueprint(part.blueprint(pytest.fail))
    chance = Random(7)

    def balanced(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return chance.choice(apps)(environ, start)

    with serving(balanced) as address:
        yield address + KEYS


def signed_by(services: Services, clock: HeldClock, lasts: timedelta) -> Signed:
    user_id, now = uuid4().hex, clock.now()
    token = new_token(SITE.tenant_id, Audience.SHOPPER)
    issued = IssuedTokens(uuid4().hex, token, now + lasts, token, now + lasts)
    tickets = JwtTickets(services.signing_keys, clock.now)
    expires_at = issued.access_expires_at.replace(microsecond=0)
    return Signed(tickets.sign(SITE, Holder(1, user_id), issued, None), user_id, expires_at)


def test_no_token_is_refused_because_of_a_rotation(
    machines: list[Services], address: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(20261122)
    rotation = machines[0].key_rotation
    seen = Counter[str]()
    with jose(address, clock) as with_jose:
        verifiers: list[Verifier] = [
            WithPyJwt(address, clock, monkeypatch),
            with_jose,
            Seldom(address, clock, KEPT_FOR),
        ]
        good: list[Signed] = []
        for _ in range(NUMBER_OF_STEPS):
            seen["retired"] += rotation.retire_finished(clock.now())
            ring = rotation.ring()
            states = {ring.state(key, clock.now()) for key in ring.keys}
            seen.update(states)
            if KeyState.WAITING not in states and chance.random() < 0.2:
                rotation.rotate()
                seen["rotated"] += 1
            for services in machines:
                lasts = chance.choice((timedelta(minutes=15), LONGEST))
                good.append(signed_by(services, clock, lasts))
            good = [each for each in good if each.expires_at > clock.now()]
            # The newest of each machine and those that run out next, which the oldest keys have signed.
            for each in {*good[-2:], *sorted(good, key=lambda its: its.expires_at)[:2]}:
                for verify in verifiers:
                    assert verify(each.text, AUDIENCE) == each.user_id, verify
                for services in machines:
                    assert services.identification.jwt.reference(each.text) is not None
            clock.pass_time(seconds=chance.choice(STEPS).total_seconds())
    assert min(seen[each] for each in ("rotated", "retired", *KeyState)) >= 3, seen


def test_a_stolen_key_is_believed_by_nobody_within_a_minute(
    machines: list[Services], address: str, clock: HeldClock
) -> None:
    here, there = machines
    stolen = signed_by(there, clock, LONGEST)
    (key,) = here.key_rotation.ring().keys
    clock.pass_time(seconds=LOOKS_APART_SECONDS)
    successor = here.key_rotation.rotate(at_once=True)
    # A machine that has not looked since is shown the new key's work, and looks.
    assert here.signing_keys.signing_key().kid == successor.kid
    fresh = signed_by(here, clock, LONGEST)
    assert there.identification.jwt.reference(fresh.text) is not None

    here.key_rotation.retire(key.kid, at_once=True)
    clock.pass_time(seconds=REREAD_SECONDS)
    seldom = Seldom(address, clock, timedelta(0))
    for services in machines:
        assert services.identification.jwt.reference(stolen.text) is None
        assert services.identification.jwt.reference(fresh.text) is not None
    assert seldom(stolen.text, AUDIENCE) is None
    assert seldom(fresh.text, AUDIENCE) == fresh.user_id


def test_keys_change_by_schedule_once_on_all_machines_and_without_a_gap(
    machines: list[Services], clock: HeldClock
) -> None:
    """Issue 6: keys for JWTs rotate by schedule."""
    period = timedelta(days=30)
    first = machines[0].key_rotation.ring().signing(clock.now())
    made: list[KeyLife] = []
    while len(made) < 3:
        made += [key for each in machines if (key := each.key_rotation.rotate_if_due(period))]
        clock.pass_time(hours=6)
    signing = [first.signs_from, *(key.signs_from for key in made)]
    lasted = [later - earlier for earlier, later in pairwise(signing)]
    # In time, but for what lies between two looks.
    assert all(period <= each <= period + timedelta(hours=6) for each in lasted)
    assert machines[0].key_rotation.rotate_if_due(timedelta()) is None
    assert len(machines[0].key_rotation.ring().keys) == len(made) + 1
