"""Two instances of two workers each over real stores, for tests that stop, kill, pause and race them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from authsvc.embedded.servers import EmbeddedServers
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from tests.demos import AUTHSVC
from tests.live.commands import Run, running_here
from tests.live.instances import Instance
from tests.live.storefronts import Storefronts, new_storefronts
from tests.made_once import MadeOnce, copied

WORKERS = 2
INSTANCES = 2
# What is logged for a 500, and for a follower's look that failed for another reason than a store being away.
BUGS = ("unexpected error", "invalidation_look_failed")


@dataclass(frozen=True)
class House:
    """PostgreSQL, Valkey, two instances over them, and services of the test's own to prepare tenants with."""

    folder: Path
    servers: EmbeddedServers
    variables: dict[str, str]
    instances: tuple[Instance, ...]
    services: Services

    def new_instance(
        self, name: str, program: Sequence[str] = (AUTHSVC,), **variables: str
    ) -> Instance:
        """Return one more instance over the same stores, not started; `program` in place of the command's own."""
        return Instance(self.folder / f"{name}.log", {**self.variables, **variables}, program)

    def mend(self) -> None:
        """Start whatever a test left dead."""
        self.servers.valkey.start()
        self.servers.postgres.start()
        for instance in self.instances:
            if not instance.is_running():
                instance.start()
        for instance in self.instances:
            instance.await_ready()

    def unexpected(self) -> list[str]:
        """Return the log lines that tell of a bug: a 500, or a traceback outside of a log line."""
        return [
            line[:3000]
            for instance in self.instances
            for line in instance.log.read_text().splitlines()
            if line.startswith("Traceback") or any(bug in line for bug in BUGS)
        ]


@pytest.fixture(scope="session", name="whole_house")
def _whole_house(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house, for all live tests; hashes cost what they cost in production."""
    folder = tmp_path_factory.mktemp("live")
    with ExitStack() as running:
        servers = running.enter_context(
            EmbeddedServers(copied(made_once.migrated, folder / "data"))
        )
        secret = Fernet.generate_key().decode()
        settings = load_settings(
            database_url=servers.database_url, valkey_url=servers.valkey_url, encryption_keys=secret
        )
        services = connect_services(settings)
        running.callback(services.close)
        variables = {
            "DATABASE_URL": servers.database_url,
            "VALKEY_URL": servers.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": secret,
            "AUTHSVC_WORKERS": str(WORKERS),
        }
        instances = tuple(
            Instance(folder / f"instance-{number}.log", variables) for number in range(INSTANCES)
        )
        for instance in instances:
            running.callback(instance.put_away)
            instance.start()
        yield House(folder, servers, variables, instances, services)


@pytest.fixture(name="house")
def _house(whole_house: House) -> Iterator[House]:
    """The house with everything running; afterwards, nothing unexpected was logged."""
    whole_house.mend()
    before = len(whole_house.unexpected())
    yield whole_house
    assert whole_house.unexpected()[before:] == []


@pytest.fixture(name="storefronts")
def _storefronts(house: House) -> Storefronts:
    """A merchant that no other test knows of."""
    return new_storefronts(house.services, house.instances)


@pytest.fixture(name="run")
def _run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command in this process, which spares it a start that takes longer than most commands."""
    with running_here(monkeypatch) as run:
        yield run
