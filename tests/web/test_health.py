from __future__ import annotations

from flask.testing import FlaskClient

from authsvc.web.flask_app import new_flask_app
from authsvc.web.health import health_routes
from tests.web.sample_api import told


def client_with(**pings: bool) -> FlaskClient:
    def ping(answers: bool) -> None:
        if not answers:
            raise ConnectionError("no route to postgresql://user:hunter2@db")

    app = new_flask_app()
    calls = {name: lambda answers=answers: ping(answers) for name, answers in pings.items()}
    app.register_blueprint(health_routes(calls).blueprint(lambda _: None))
    return app.test_client()


def test_a_process_that_lives_says_so_whatever_its_stores_do() -> None:
    answer = client_with(postgresql=False).get("/healthz")

    assert (answer.status_code, told(answer)) == (200, {"status": "ok"})


def test_ready_is_who_reaches_every_store() -> None:
    answer = client_with(postgresql=True, valkey=True).get("/readyz")

    assert (answer.status_code, told(answer)) == (200, {"status": "ok"})


def test_not_ready_names_the_store_that_is_silent_and_no_secret() -> None:
    answer = client_with(postgresql=False, valkey=True).get("/readyz")

    assert answer.status_code == 503
    assert told(answer)["additionalErrorData"] == [{"name": "postgresql", "value": "no answer"}]
    assert b"hunter2" not in answer.data
    assert "Retry-After" in answer.headers
