"""What every test may ask for: real PostgreSQL and Valkey, the services over them, and a merchant of its own."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from authsvc.app import create_app
from authsvc.embedded.servers import EmbeddedServers
from authsvc.services import Services, connect_services, start_follower
from authsvc.settings import Settings, load_settings
from authsvc.wsgi import GARBAGE_THRESHOLDS
from tests.made_once import MadeOnce, copied
from tests.merchants import Merchant, another_merchant, new_merchant

# A busy machine is no reason to fail (Hypothesis gives an example 200 ms, but not where CI is set), and a commit is
# judged by what it changed: the same examples every time. `TEST_ARGS=--hypothesis-profile=explore` tries others.
hypothesis_settings.register_profile("explore", deadline=None)
hypothesis_settings.register_profile("same", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("same")

# Nothing of what is loaded and collected is garbage, and there is so much of it that looking takes as long as loading.
gc.disable()

# Whose tests share servers that take long to start, the longest first, so that no process is left with one at the end.
SHARING_FOLDERS = ("live", "vendor_clients", "openapi", "browser", "demo", "embedded")

# What throws much at everything at once: which lines that runs is not measured, since measuring takes half as long
# again, and since a line that no feature's own test runs has no test that says what it is for.
UNMEASURED_FOLDERS = (
    "attacks",
    "browser",
    "isolation",
    "openapi",
    "state_machine",
    "vendor_clients",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first, and every test have an id of its own."""

    def place(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return SHARING_FOLDERS.index(folder) if folder in SHARING_FOLDERS else len(SHARING_FOLDERS)

    items.sort(key=place)
    for item in items:
        if item.path.parent.name in UNMEASURED_FOLDERS:
            item.add_marker("no_cover")
        if not item.nodeid.endswith(item.name) and item.parent is not None:
            # Schemathesis gives all operations of a test one id; pytest-xdist would run only one of them.
            item._id = item.parent.id.child(item.name)


def pytest_collection_finish() -> None:
    """Look for garbage from now on, among what tests make."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


class ByWhatTestsShare(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Keeps the tests of a file, or of a folder that shares servers, in one of several processes."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        folder = path.rpartition("/")[0]
        return folder if folder.rpartition("/")[2] in SHARING_FOLDERS else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Tell pytest-xdist how to share the tests out."""
    return ByWhatTestsShare(config, log)


@pytest.fixture(scope="session", name="made_once")
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """What all processes of the run copy their PostgreSQL from."""
    own = tmp_path_factory.getbasetemp()
    return MadeOnce.below(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(name="data_dir")
def _data_dir(made_once: MadeOnce, tmp_path: Path) -> Path:
    """A data folder whose PostgreSQL is made already and holds nothing."""
    return copied(made_once.bare, tmp_path / "data")


@pytest.fixture(scope="session", name="servers")
def _servers(
    made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedServers]:
    """PostgreSQL and Valkey for the whole run; tests keep apart by tenant."""
    folder = copied(made_once.migrated, tmp_path_factory.mktemp("servers"))
    with EmbeddedServers(folder) as servers:
        yield servers


@pytest.fixture(scope="session", name="settings")
def _settings(servers: EmbeddedServers) -> Settings:
    """Settings as in production, but with hashes that cost next to nothing."""
    return load_settings(
        database_url=servers.database_url,
        valkey_url=servers.valkey_url,
        encryption_keys=Fernet.generate_key().decode(),
        argon2_time_cost=1,
        argon2_memory_kib=64,
        # Nobody listens there: tests of mail hand it over to a server of their own.
        smtp_url="smtp://127.0.0.1:9",
        mail_from="no-reply@mystic.example",
    )


@pytest.fixture(scope="session", name="services")
def _services(settings: Settings) -> Iterator[Services]:
    """The services over a migrated database, following invalidations as a worker does."""
    services = connect_services(settings)
    services.key_rotation.ensure_one()
    follower = start_follower(services)
    yield services
    follower.stop()
    services.close()


@pytest.fixture(scope="session", name="counts")
def _counts(settings: Settings) -> Iterator[redis.Redis]:
    """The Valkey of `services`, where tries are counted by where they come from."""
    with redis.Redis.from_url(settings.valkey_url.get_secret_value()) as valkey:
        yield valkey


@pytest.fixture(autouse=True)
def _nobody_has_guessed(request: pytest.FixtureRequest) -> None:
    """All tests come from one address: what others failed at must not keep the next one out."""
    if "services" in request.fixturenames:
        valkey: redis.Redis = request.getfixturevalue("counts")
        if counted := valkey.keys("authsvc:guessing:*"):
            valkey.delete(*counted)


@pytest.fixture(autouse=True)
def _logs_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that has logs written somewhere leaves nobody writing there, to a file that is closed by then."""
    configure = structlog.configure

    def without_cache(**options: Any) -> None:  # noqa: ANN401  structlog's own
        configure(**{**options, "cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", without_cache)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.handlers != handlers or structlog.is_configured():
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()


@pytest.fixture(scope="session", name="app")
def _app(services: Services) -> Flask:
    """The application over the services."""
    return create_app(services)


@pytest.fixture(name="client")
def _client(app: Flask) -> FlaskClient:
    """A client that speaks to the application in this process."""
    return app.test_client()


@pytest.fixture(scope="session", name="first_merchant")
def _first_merchant(services: Services, app: Flask) -> Merchant:
    """What each test's merchants are copied from; no test calls it."""
    return new_merchant(services, app.test_client())


@pytest.fixture(name="merchant")
def _merchant(first_merchant: Merchant, client: FlaskClient) -> Merchant:
    """A merchant that no other test knows of."""
    return another_merchant(first_merchant, client)


@pytest.fixture(name="other_merchant")
def _other_merchant(first_merchant: Merchant, client: FlaskClient) -> Merchant:
    """A second merchant, who must see nothing of the first."""
    return another_merchant(first_merchant, client)
