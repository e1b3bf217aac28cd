"""`authsvc demo`: the servers, the merchant and the production server, on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from authsvc.demo.merchant import SITES, load_merchant
from authsvc.demo.supervisor import Demo, run_demo
from authsvc.infra.logging import configure_logging
from authsvc.migrations import upgrade
from authsvc.services import connect_services
from authsvc.settings import load_settings

ENCRYPTION_KEYS = "AUTHSVC_ENCRYPTION_KEYS"


def run(port: int, data_dir: Path, *, tls: bool) -> None:
    """Run the demo on `port` with its data in `data_dir` until it is stopped; see `supervisor.run_demo`."""
    configure_logging(as_json=False, level="WARNING")
    run_demo(
        port=port,
        data_dir=data_dir,
        prepare=_prepare,
        say=click.echo,
        secret_variables=[ENCRYPTION_KEYS],
        tls_hosts=["*.mystic.localhost"] if tls else None,
    )


def _prepare(demo: Demo) -> Mapping[str, object]:
    """Migrate, load the merchant, and return what `demo.json` tells."""
    services = connect_services(
        load_settings(
            database_url=demo.database_url,
            valkey_url=demo.valkey_url,
            encryption_keys=demo.secrets[ENCRYPTION_KEYS],
        )
    )
    try:
        upgrade(services.database.engine)
        services.key_rotation.ensure_one()
        described = load_merchant(services, demo.base_url, demo.base_url.partition("://")[2])
    finally:
        services.close()
    click.echo(f"what is mailed comes to {demo.mailbox.address} and goes nowhere else")
    click.echo(f"staff sign in at {demo.base_url}/admin; demo.json has their names and passwords")
    click.echo(
        f"shoppers sign up at {_storefront(demo)}/signup, and are then known on its sister sites"
    )
    described["mailbox"] = demo.mailbox.address
    if demo.certificate is not None:
        described["certificateAuthority"] = str(demo.certificate.authority)
    return described


def _storefront(demo: Demo) -> str:
    """Return where the first site of the merchant answers."""
    scheme = "http" if demo.certificate is None else "https"
    return f"{scheme}://{SITES[0][1]}:{demo.port}"
