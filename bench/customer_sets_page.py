"""The page of customer sets with 1,000 sets and 5,000 sites: the table, a row opened, a site looked for."""

from __future__ import annotations

import gc
import re
import time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from uuid import uuid4

from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from sqlalchemy import text

from authsvc.app import create_app
from authsvc.callers import Caller
from authsvc.embedded.servers import EmbeddedServers
from authsvc.migrations import upgrade
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from authsvc.staff.rules import Role
from bench.figures import table

SETS = 1_000
SITES = 5_000
TIMES = 60
WARMING = 5
ORIGIN = "https://localhost"
PAGES = {
    "the table": "/admin/customer-sets",
    "its last page": f"/admin/customer-sets?start={SETS - 50}",
    "a new set, with the sites to choose": "/admin/customer-sets?new=1",
    "a row opened": "/admin/customer-sets?edit=set-500&open=sites",
    "the row of the default set opened": "/admin/customer-sets?edit=default&open=sites",
}

_SETS = text("""
    INSERT INTO customer_sets (tenant_id, code, name, description, created_at, created_by, updated_at, updated_by)
    SELECT :tenant, 'set-' || n, 'Set ' || n, 'The customers of brand ' || n, now(), 'bench', now(), 'bench'
    FROM generate_series(1, :sets - 1) AS n
""")
_SITES = text("""
    INSERT INTO sites (tenant_id, name, customer_set_code, created_at)
    SELECT :tenant, 'Mystic Site ' || n, 'set-' || (1 + n % (:sets - 1)), now() FROM generate_series(1, :sites) AS n
""")
_HOSTS = text("""
    INSERT INTO site_hosts (host, tenant_id, site_id)
    SELECT 'site-' || id || '.example.com', tenant_id, id FROM sites WHERE tenant_id = :tenant
""")


def main() -> None:
    with (
        TemporaryDirectory(prefix="authsvc-bench-") as folder,
        EmbeddedServers(Path(folder)) as both,
    ):
        services = connect_services(
            load_settings(
                database_url=both.database_url,
                valkey_url=both.valkey_url,
                encryption_keys=Fernet.generate_key().decode(),
            )
        )
        upgrade(services.database.engine)
        services.key_rotation.ensure_one()
        client = _signed_in(services)
        gc.freeze()  # as a worker does
        rows = []
        for what, path in PAGES.items():
            took = [_milliseconds(client, path) for _ in range(WARMING + TIMES)][WARMING:]
            p99 = quantiles(took, n=100, method="inclusive")[98]
            size = len(client.get(path, base_url=ORIGIN).data) / 1000
            figures = (min(took), median(took), p99, size)
            rows.append([what, *(f"{figure:.1f}" for figure in figures)])
        print(table(["page", "fastest ms", "p50 ms", "p99 ms", "kB"], rows))
        services.close()


def _signed_in(services: Services) -> FlaskClient:
    """Return a browser that an administrator of the large tenant has signed in on."""
    tenant = services.customer_sets.create_tenant("Many brands")
    username, password = "anna@example.com", uuid4().hex
    services.staff.users.create(Caller(tenant.id), username, Role.ADMINISTRATOR, password)
    with services.database.connection() as connection:
        values = {"tenant": tenant.id, "sets": SETS, "sites": SITES}
        for statement in (_SETS, _SITES, _HOSTS):
            connection.execute(statement, values)
        connection.execute(text("ANALYZE"))
    client = create_app(services).test_client()
    page = client.get("/admin/sign-in", base_url=ORIGIN)
    token = re.search(r'name="form_token" value="([^"]+)"', page.get_data(as_text=True))
    form = {"form_token": token[1]} if token else {}
    form |= {"tenant": str(tenant.id), "username": username, "password": password}
    client.post("/admin/sign-in", data=form, base_url=ORIGIN, headers={"Origin": ORIGIN})
    return client


def _milliseconds(client: FlaskClient, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path, base_url=ORIGIN)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, (answer.status_code, answer.location)
    return took


if __name__ == "__main__":
    main()
