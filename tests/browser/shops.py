"""A served authsvc for browsers, and the merchants whose staff use it: each with a host name and people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from authsvc.admin.cookies import SESSION
from authsvc.app import create_app
from authsvc.demo.merchant import load_merchant
from authsvc.embedded.servers import EmbeddedServers
from authsvc.migrations import upgrade
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from authsvc.staff.rules import Role
from tests.browser.chromium import PATIENCE_MILLISECONDS
from tests.live.instances import Instance
from tests.merchants import Merchant, new_merchant
from tests.staff.people import hire, sign_in

# Cheap hashes and one worker: what is tested here are the pages.
VARIABLES = {"AUTHSVC_WORKERS": "1", "AUTHSVC_ARGON2_MEMORY_KIB": "64"}
DESKTOP = (1280, 800)
# The servers' own part of the folder that `serving` is given; a PostgreSQL that is there already is used.
DATA = "data"


@dataclass(frozen=True)
class Served:
    """A running `authsvc serve` with the demo merchant, and services of the test's own over the same stores."""

    services: Services
    app: Flask
    instance: Instance
    demo: dict[str, Any]

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.instance.port

    def new_shop(self) -> Shop:
        """Make a merchant that no other test knows of, whose staff come by a host name of its own."""
        merchant = new_merchant(self.services, self.app.test_client())
        host = f"{uuid4().hex[:8]}.localhost:{self.port}"
        self.services.customer_sets.set_domain(merchant.tenant_id, host)
        return Shop(merchant, f"http://{host}")


@dataclass(frozen=True)
class Shop:
    """A merchant with the documents' sets and sites, and the address its staff come to."""

    merchant: Merchant
    origin: str

    def structure(self) -> dict[str, str]:
        """Return which set each site is in, by name."""
        return {
            site.name: site.customer_set
            for site in self.merchant.services.customer_sets.sites(self.merchant.tenant_id)
        }

    def signed_in(
        self,
        chromium: Browser,
        role: Role = Role.ADMINISTRATOR,
        *,
        java_script: bool = True,
        width: int = DESKTOP[0],
    ) -> Page:
        """Return a new window of a staff user who has signed in."""
        user = hire(self.merchant.services, self.merchant.tenant_id, role)
        token, _ = sign_in(self.merchant.services, user)
        context = new_context(chromium, self.origin, java_script=java_script, width=width)
        context.add_cookies([{"name": SESSION, "value": token, "url": self.origin}])
        return context.new_page()


def new_context(
    chromium: Browser, origin: str, *, java_script: bool = True, width: int = DESKTOP[0]
) -> BrowserContext:
    """Return a browser that knows nothing yet, at an origin."""
    context = chromium.new_context(
        base_url=origin,
        java_script_enabled=java_script,
        viewport={"width": width, "height": DESKTOP[1]},
        locale="en-US",
        timezone_id="UTC",
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    return context


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve the demo merchant from `folder` until the block ends."""
    with ExitStack() as running:
        servers = running.enter_context(EmbeddedServers(folder / DATA))
        variables = {
            "DATABASE_URL": servers.database_url,
            "VALKEY_URL": servers.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            **VARIABLES,
        }
        services = connect_services(
            load_settings(
                database_url=servers.database_url,
                valkey_url=servers.valkey_url,
                encryption_keys=variables["AUTHSVC_ENCRYPTION_KEYS"],
                argon2_memory_kib=64,
            )
        )
        running.callback(services.close)
        upgrade(services.database.engine)
        services.key_rotation.ensure_one()
        instance = Instance(folder / "server.log", variables)
        running.callback(instance.put_away)
        instance.start()
        domain = f"127.0.0.1:{instance.port}"
        demo = load_merchant(services, f"http://{domain}", domain)
        instance.await_ready()
        yield Served(services, create_app(services), instance, demo)
