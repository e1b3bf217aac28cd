"""Mailed links and requests for them, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select

from authsvc.infra.database import Database
from authsvc.infra.recovery_schema import account_links, reset_requests
from authsvc.recovery.rules import Link, Purpose, ResetRequest


class LinkStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, tenant_id: int, digest: bytes, link: Link) -> None:
        """Keep a link by its digest."""
        with self._database.connection() as connection:
            connection.execute(
                insert(account_links).values(
                    tenant_id=tenant_id,
                    digest=digest,
                    account_id=link.account_id,
                    purpose=link.purpose,
                    site_id=link.site_id,
                    email_address=link.email_address,
                    made_at=link.made_at,
                    expires_at=link.expires_at,
                )
            )

    def link(self, tenant_id: int, digest: bytes) -> Link | None:
        """Return a link, which stays."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(account_links).where(
                    account_links.c.tenant_id == tenant_id, account_links.c.digest == digest
                )
            ).one_or_none()
        return None if row is None else _link(row)

    def take(self, tenant_id: int, digest: bytes) -> Link | None:
        """Return a link and remove it: of several who ask at once, on whatever worker, one gets it."""
        with self._database.connection() as connection:
            row = connection.execute(
                delete(account_links)
                .where(account_links.c.tenant_id == tenant_id, account_links.c.digest == digest)
                .returning(account_links)
            ).one_or_none()
        return None if row is None else _link(row)

    def void(self, tenant_id: int, account_id: int, purposes: frozenset[Purpose]) -> None:
        """Remove an account's links for these purposes."""
        with self._database.connection() as connection:
            connection.execute(
                delete(account_links).where(
                    account_links.c.tenant_id == tenant_id,
                    account_links.c.account_id == account_id,
                    account_links.c.purpose.in_(purposes),
                )
            )

    def purge(self, before: datetime) -> int:
        """Delete links that ran out before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(account_links).where(account_links.c.expires_at < before)
            ).rowcount


class ResetRequestStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, request: ResetRequest) -> None:
        """Keep a request until the worker looks at it."""
        with self._database.connection() as connection:
            connection.execute(
                insert(reset_requests).values(
                    tenant_id=request.tenant_id,
                    id=request.id,
                    site_id=request.site_id,
                    customer_set_code=request.customer_set,
                    host=request.host,
                    login_key=request.login_key,
                    asked_by=request.asked_by,
                    application=request.application,
                    remote_address=request.remote_address,
                    correlation_id=request.correlation_id,
                    asked_at=request.asked_at,
                )
            )

    def take(self, tenant_id: int, request_id: UUID) -> ResetRequest | None:
        """Return a request and remove it: it is answered once."""
        with self._database.connection() as connection:
            row = connection.execute(
                delete(reset_requests)
                .where(reset_requests.c.tenant_id == tenant_id, reset_requests.c.id == request_id)
                .returning(reset_requests)
            ).one_or_none()
        return None if row is None else ResetRequest(*row)


def _link(row: Row[Any]) -> Link:
    return Link(
        row.account_id,
        Purpose(row.purpose),
        row.site_id,
        row.email_address,
        row.made_at,
        row.expires_at,
    )
