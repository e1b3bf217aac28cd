"""Where PostgreSQL and Valkey are, as settings say it: which forms an address may have, and what is made of it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

POSTGRESQL_FORM = "must be postgresql://user:password@host/database"
DRIVER = "postgresql+psycopg"
VALKEY_FORM = "must be redis://host:port, rediss://host:port, unix:///socket or redis+cluster://host:port,host:port"
VALKEY_SCHEMES = ("redis", "rediss", "valkey", "valkeys")
CLUSTER = "+cluster"


def postgresql_address(text: str) -> URL:
    """Return SQLAlchemy's form of an address of one server, or of several with commas between as libpq has them.

    Raises `ValueError` for anything else.
    """
    address = urlsplit(text)
    if address.scheme in {"postgresql", "postgres"}:
        address = address._replace(scheme=DRIVER)
    user, at, hosts = address.netloc.rpartition("@")
    if "," in hosts:
        several = "&".join(f"host={host}" for host in hosts.split(","))
        query = "&".join(part for part in (several, address.query) if part)
        address = address._replace(netloc=user + at, query=query)
    try:
        url = make_url(urlunsplit(address))
    except (ArgumentError, ValueError):
        raise ValueError(POSTGRESQL_FORM) from None
    if url.drivername != DRIVER:
        raise ValueError(POSTGRESQL_FORM)
    return url


def valkey_address(text: str) -> SplitResult:
    """Take an address apart; raises `ValueError` where it is neither one server's nor a cluster's."""
    try:
        url = urlsplit(text)
        is_whole = _is_whole(url)
    except ValueError:
        raise ValueError(VALKEY_FORM) from None
    if not is_whole:
        raise ValueError(VALKEY_FORM)
    return url


def _is_whole(url: SplitResult) -> bool:
    if url.scheme == "unix":
        return bool(url.path)
    if url.scheme.removesuffix(CLUSTER) not in VALKEY_SCHEMES:
        return False
    return bool(cluster_servers(url) if is_cluster(url) else url.hostname and url.port != 0)


def is_cluster(url: SplitResult) -> bool:
    """Tell whether this is the address of a cluster."""
    return url.scheme.endswith(CLUSTER)


def cluster_servers(url: SplitResult) -> list[tuple[str, int]]:
    """Return host and port of each server that a cluster's address names; raises `ValueError`."""
    found = [urlsplit(f"//{name}") for name in url.netloc.rpartition("@")[2].split(",")]
    if not all(each.hostname and each.port for each in found):
        raise ValueError(VALKEY_FORM)
    return [(each.hostname or "", each.port or 0) for each in found]


def cluster_server(url: SplitResult, host: str, port: int) -> str:
    """Return the address of one server of a cluster, reached as the cluster's address says."""
    credentials, at, _ = url.netloc.rpartition("@")
    name = f"[{host}]" if ":" in host else host
    scheme = url.scheme.removesuffix(CLUSTER)
    return url._replace(scheme=scheme, netloc=f"{credentials}{at}{name}:{port}").geturl()
