"""Several PostgreSQL hosts in one address: whichever of them takes writes is the one that is used."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from authsvc.embedded.postgres import DATABASE, PORT, USER
from authsvc.embedded.servers import EmbeddedServers
from authsvc.infra.database import Database
from authsvc.settings import Settings
from authsvc.store_addresses import postgresql_address


def test_a_host_that_is_not_there_is_passed_over(
    servers: EmbeddedServers, settings: Settings, tmp_path: Path
) -> None:
    password = postgresql_address(settings.database_url.get_secret_value()).password
    hosts = "&".join(
        f"host={quote(str(folder), safe='/')}:{PORT}"
        for folder in (tmp_path, servers.postgres.socket.parent)
    )
    address = f"postgresql://{USER}:{password}@/{DATABASE}?{hosts}&target_session_attrs=read-write"
    url = postgresql_address(address).render_as_string(hide_password=False)
    with closing(Database(url)) as database:
        database.ping()
