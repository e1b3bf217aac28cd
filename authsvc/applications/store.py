"""Applications and their tokens in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from authsvc.applications.rules import Application
from authsvc.callers import Behavior
from authsvc.infra.database import Database
from authsvc.infra.schema import application_tokens, applications
from authsvc.tokens import TokenReference


class ApplicationStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, application: Application) -> None:
        """Keep a new application."""
        with self._database.connection() as connection:
            connection.execute(
                insert(applications).values(
                    tenant_id=application.tenant_id,
                    client_id=application.client_id,
                    name=application.name,
                    secret_digest=application.secret_digest,
                    behaviors=sorted(application.behaviors),
                    is_active=application.is_active,
                    created_at=application.created_at,
                )
            )

    def application(self, tenant_id: int, client_id: str) -> Application | None:
        """Return the application, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(applications).where(
                    applications.c.tenant_id == tenant_id, applications.c.client_id == client_id
                )
            ).one_or_none()
        return None if row is None else _application(row)

    def applications(self, tenant_id: int) -> list[Application]:
        """Return the tenant's applications by name."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(applications)
                .where(applications.c.tenant_id == tenant_id)
                .order_by(applications.c.name, applications.c.client_id)
            ).all()
        return [_application(row) for row in rows]

    def remove(self, tenant_id: int, client_id: str) -> list[bytes]:
        """Delete an application with its tokens; returns the tokens' digests, which are void now."""
        with self._database.connection() as connection:
            digests = connection.scalars(
                delete(application_tokens)
                .where(
                    application_tokens.c.tenant_id == tenant_id,
                    application_tokens.c.client_id == client_id,
                )
                .returning(application_tokens.c.digest)
            ).all()
            connection.execute(
                delete(applications).where(
                    applications.c.tenant_id == tenant_id, applications.c.client_id == client_id
                )
            )
        return [bytes(digest) for digest in digests]

    def add_token(
        self,
        token: TokenReference,
        client_id: str,
        kind: str,
        issued_at: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep a token of an application."""
        with self._database.connection() as connection:
            connection.execute(
                insert(application_tokens).values(
                    tenant_id=token.tenant_id,
                    digest=token.digest,
                    client_id=client_id,
                    kind=kind,
                    issued_at=issued_at,
                    expires_at=expires_at,
                )
            )

    def application_of_token(
        self, token: TokenReference, kind: str
    ) -> tuple[Application, datetime] | None:
        """Return whose token this is and when it runs out, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(applications, application_tokens.c.expires_at)
                .join_from(
                    application_tokens,
                    applications,
                    (applications.c.tenant_id == application_tokens.c.tenant_id)
                    & (applications.c.client_id == application_tokens.c.client_id),
                )
                .where(
                    application_tokens.c.tenant_id == token.tenant_id,
                    application_tokens.c.digest == token.digest,
                    application_tokens.c.kind == kind,
                )
            ).one_or_none()
        return None if row is None else (_application(row), row.expires_at)

    def remove_token(self, token: TokenReference) -> bool:
        """Delete a token; tell whether there was one."""
        with self._database.connection() as connection:
            removed = connection.execute(
                delete(application_tokens).where(
                    application_tokens.c.tenant_id == token.tenant_id,
                    application_tokens.c.digest == token.digest,
                )
            )
        return removed.rowcount > 0

    def purge(self, before: datetime) -> int:
        """Delete tokens that ran out before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(application_tokens).where(application_tokens.c.expires_at < before)
            ).rowcount


def _application(row: Row[Any]) -> Application:
    return Application(
        row.tenant_id,
        row.client_id,
        row.name,
        bytes(row.secret_digest),
        frozenset(Behavior(name) for name in row.behaviors if name in set(Behavior)),
        row.is_active,
        row.created_at,
    )
