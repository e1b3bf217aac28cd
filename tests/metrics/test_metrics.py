"""Issue 4: `/metrics` shows the live staleness per worker; it is told to nobody who was not let in by a setting."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from authsvc.app import create_app
from authsvc.embedded.ports import free_port
from authsvc.infra.invalidation import TRUST_SECONDS
from authsvc.metrics.worker_figures import figures_of
from authsvc.services import Services
from authsvc.settings import Settings
from tests.live.instances import Instance, wait_until
from tests.live.storefronts import send
from tests.machines import machine
from tests.merchants import Merchant

TOKEN = "let-prometheus-in-please"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}

Samples = dict[str, list[tuple[dict[str, str], float]]]


@dataclass(frozen=True)
class Watched:
    """A server with two workers that tells metrics, and the port of their own."""

    instance: Instance
    port: int

    def metrics(self) -> Samples:
        """Return all samples by name, read by Prometheus' own parser."""
        text = self.asked(self.port)
        assert text is not None
        samples: Samples = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples.setdefault(sample.name, []).append((sample.labels, sample.value))
        return samples

    def await_answers(self, expected: dict[str, float]) -> None:
        """Return when just these workers answer; on a busy machine one may be late once."""
        wait_until(
            lambda: of(self.metrics(), "authsvc_worker_answers") == expected, "workers answer"
        )

    def asked(self, port: int, **headers: str) -> str | None:
        """Ask for the metrics with the token, or with other headers; returns them, or None if refused."""
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        answer = send(connection, "GET", "/metrics", None, headers or SHOWN)
        connection.close()
        assert answer.status in (200, 401)
        return answer.body.decode() if answer.status == 200 else None


@pytest.fixture(scope="module", name="watched")
def _watched(
    services: Services, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    # The database is migrated, and has a key.
    services.database.ensure_schema()
    port = free_port()
    database = settings.database_url.get_secret_value()
    instance = Instance(
        tmp_path_factory.mktemp("metrics") / "log",
        {
            "DATABASE_URL": database.replace("postgresql+psycopg://", "postgresql://"),
            "VALKEY_URL": settings.valkey_url.get_secret_value(),
            "AUTHSVC_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
            "AUTHSVC_WORKERS": "2",
            "AUTHSVC_METRICS_LISTEN": f"127.0.0.1:{port}",
            "AUTHSVC_METRICS_TOKEN": TOKEN,
        },
    )
    try:
        instance.start()
        instance.await_ready()
        yield Watched(instance, port)
    finally:
        instance.put_away()


def of(samples: Samples, name: str, **labels: str) -> dict[str, float]:
    """Return the value of a metric by worker."""
    return {
        its["worker"]: value
        for its, value in samples.get(name, [])
        if labels.items() <= its.items()
    }


def test_each_workers_figures_are_told(watched: Watched, merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    headers = {
        "Authorization": f"Bearer {ticket.tokens.access_token}",
        "x-vol-site": str(merchant.site("Mystic Kids")),
    }
    connections = watched.instance.connections()
    workers = {str(worker) for worker in connections}

    def check(status: int) -> None:
        for connection in connections.values():
            assert send(connection, "GET", "/session", None, headers).status == status

    def everywhere(source: str, outcome: str) -> int:
        found = of(watched.metrics(), "authsvc_checks_total", source=source, outcome=outcome)
        return int(sum(found.values()))

    # One worker asks PostgreSQL, the other finds the copy in Valkey, and then both remember.
    before = {each: everywhere(each, "good") for each in ("memory", "valkey", "postgresql")}
    for _ in range(5):
        check(200)
    after = {each: everywhere(each, "good") for each in before}
    assert sum(after.values()) - sum(before.values()) == 10
    assert after["postgresql"] > before["postgresql"]

    def remembered() -> bool:
        check(200)
        return everywhere("memory", "good") > before["memory"]

    wait_until(remembered, "memory answers")

    watched.await_answers(dict.fromkeys(workers, 1.0))
    samples = watched.metrics()
    for worker in workers:
        assert 0 <= of(samples, "authsvc_copies_age_seconds")[worker] < 10 * TRUST_SECONDS
        assert of(samples, "authsvc_copies", kind="sessions")[worker] >= 1
        assert of(samples, "authsvc_copies_bytes", kind="answers")[worker] > 100
        assert of(samples, "authsvc_hashing_lanes")[worker] == 1
        assert of(samples, "authsvc_hashing_waiting")[worker] == 0
        assert of(samples, "authsvc_pool_open", pool="follower")[worker] == 1
        answered = of(samples, "authsvc_requests_total", operation="GET /session", status="200")
        assert answered[worker] >= 5
        timed = of(samples, "authsvc_request_seconds_count", operation="GET /session")
        assert timed[worker] >= 1
        assert of(samples, "process_resident_memory_bytes")[worker] > 1e7

    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
    wait_until(
        lambda: (
            send(next(iter(connections.values())), "GET", "/session", None, headers).status == 401
        ),
        "the session has ended",
    )
    assert everywhere("postgresql", "session_ended") >= 1
    for connection in connections.values():
        connection.close()


def test_a_worker_that_is_stopped_is_told_of(watched: Watched) -> None:
    connections = watched.instance.connections()
    for connection in connections.values():
        connection.close()
    stopped, other = (str(each) for each in connections)
    os.kill(int(stopped), signal.SIGSTOP)
    try:
        watched.await_answers({stopped: 0.0, other: 1.0})
        assert stopped not in of(watched.metrics(), "authsvc_copies_age_seconds")
    finally:
        os.kill(int(stopped), signal.SIGCONT)
    watched.await_answers({stopped: 1.0, other: 1.0})


def test_nobody_is_told_without_the_token(watched: Watched) -> None:
    for port in (watched.port, watched.instance.port):
        assert watched.asked(port) is not None
        for wrong in ("", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"):
            assert watched.asked(port, Authorization=wrong) is None


def test_closed_unless_a_setting_opens_it(
    client: FlaskClient, services: Services, settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 404
    with machine(settings, metrics_listen="127.0.0.1:1") as told_elsewhere:
        # An address of its own opens nothing on the public port.
        assert create_app(told_elsewhere).test_client().get("/metrics").status_code == 404
    with machine(settings, metrics_token=SecretStr(TOKEN)) as with_token:
        opened = create_app(with_token).test_client()
        assert opened.get("/metrics").status_code == 401
        assert opened.get("/metrics", headers=SHOWN).status_code == 200


def test_before_the_first_look_copies_are_infinitely_old(settings: Settings) -> None:
    with machine(settings) as services:
        app = create_app(services)
        services.invalidation._trusted_until = float("-inf")
        assert figures_of(services, app)["authsvc_copies_age_seconds"] == [({}, float("inf"))]
