"""Applications and their tokens in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, insert, nulls_first, select, update

from authsvc.applications.rules import Application, ApplicationSecret
from authsvc.callers import Behavior
from authsvc.infra.applications_schema import application_secrets, application_tokens, applications
from authsvc.infra.database import Database
from authsvc.infra.schema import sites
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
                    behaviors=sorted(application.behaviors),
                    is_active=application.is_active,
                    site_ids=_listed(application.site_ids),
                    created_at=application.created_at,
                )
            )
        for secret in application.secrets:
            self.add_secret(application.tenant_id, application.client_id, secret)

    def application(
        self, tenant_id: int, client_id: str, *, for_update: bool = False
    ) -> Application | None:
        """Return the application with its secrets, or None.

        `for_update`: within a transaction, nobody else changes it meanwhile.
        """
        query = select(applications).where(
            applications.c.tenant_id == tenant_id, applications.c.client_id == client_id
        )
        with self._database.connection() as connection:
            row = connection.execute(
                query.with_for_update(key_share=True) if for_update else query
            ).one_or_none()
        if row is None:
            return None
        return _application(row, self._secrets(tenant_id, client_id).get(client_id, ()))

    def _secrets(
        self, tenant_id: int, client_id: str | None = None
    ) -> dict[str, tuple[ApplicationSecret, ...]]:
        query = (
            select(application_secrets)
            .where(application_secrets.c.tenant_id == tenant_id)
            .order_by(
                nulls_first(application_secrets.c.expires_at.desc()),
                application_secrets.c.created_at.desc(),
            )
        )
        if client_id is not None:
            query = query.where(application_secrets.c.client_id == client_id)
        found: dict[str, tuple[ApplicationSecret, ...]] = {}
        with self._database.connection() as connection:
            for row in connection.execute(query):
                secret = ApplicationSecret(
                    bytes(row.digest), row.created_at, row.expires_at, row.last_used_at
                )
                found[row.client_id] = (*found.get(row.client_id, ()), secret)
        return found

    def add_secret(self, tenant_id: int, client_id: str, secret: ApplicationSecret) -> None:
        """Keep a new secret of an application."""
        with self._database.connection() as connection:
            connection.execute(
                insert(application_secrets).values(
                    tenant_id=tenant_id,
                    client_id=client_id,
                    digest=secret.digest,
                    created_at=secret.created_at,
                    expires_at=secret.expires_at,
                    last_used_at=secret.last_used_at,
                )
            )

    def use_secret(self, tenant_id: int, client_id: str, digest: bytes, now: datetime) -> bool:
        """Within a transaction, note that a secret is used, so that it stays meanwhile; tell whether it is there."""
        with self._database.connection() as connection:
            used = connection.execute(
                update(application_secrets)
                .where(_is(tenant_id, client_id, digest))
                .values(last_used_at=now)
            )
        return used.rowcount > 0

    def _hold(self, secrets: ColumnElement[bool]) -> None:
        """Let whoever is handing out tickets for these secrets end first, and nobody begin."""
        digest = application_secrets.c.digest
        with self._database.connection() as connection:
            connection.execute(select(digest).where(secrets).order_by(digest).with_for_update())

    def end_secret(
        self, tenant_id: int, client_id: str, digest: bytes, expires_at: datetime
    ) -> None:
        """Say until when a secret is good."""
        with self._database.connection() as connection:
            connection.execute(
                update(application_secrets)
                .where(_is(tenant_id, client_id, digest))
                .values(expires_at=expires_at)
            )

    def remove_secret(self, tenant_id: int, client_id: str, digest: bytes) -> list[bytes]:
        """Within a transaction, delete a secret with its tokens; returns the tokens' digests, which are void now."""
        its_tokens = (
            delete(application_tokens)
            .where(
                application_tokens.c.tenant_id == tenant_id,
                application_tokens.c.client_id == client_id,
                application_tokens.c.secret_digest == digest,
            )
            .returning(application_tokens.c.digest)
        )
        is_it = _is(tenant_id, client_id, digest)
        self._hold(is_it)
        with self._database.connection() as connection:
            digests = connection.scalars(its_tokens).all()
            connection.execute(delete(application_secrets).where(is_it))
        return [bytes(each) for each in digests]

    def applications(self, tenant_id: int) -> list[Application]:
        """Return the tenant's applications by name."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(applications)
                .where(applications.c.tenant_id == tenant_id)
                .order_by(applications.c.name, applications.c.client_id)
            ).all()
        secrets = self._secrets(tenant_id)
        return [_application(row, secrets.get(row.client_id, ())) for row in rows]

    def bind(self, tenant_id: int, client_id: str, site_ids: frozenset[int] | None) -> list[bytes]:
        """Within a transaction, say which sites it acts on; returns its tokens' digests: copies know it as it was."""
        self._hold(_of(application_secrets, tenant_id, client_id))
        with self._database.connection() as connection:
            connection.execute(
                update(applications)
                .where(applications.c.tenant_id == tenant_id, applications.c.client_id == client_id)
                .values(site_ids=_listed(site_ids))
            )
            digests = connection.scalars(
                select(application_tokens.c.digest).where(
                    _of(application_tokens, tenant_id, client_id)
                )
            ).all()
        return [bytes(each) for each in digests]

    def sites_among(self, tenant_id: int, site_ids: frozenset[int]) -> frozenset[int]:
        """Return those of some numbers that are the tenant's sites."""
        query = select(sites.c.id).where(
            sites.c.tenant_id == tenant_id, sites.c.id.in_(sorted(site_ids))
        )
        with self._database.connection() as connection:
            return frozenset(connection.scalars(query))

    def remove(self, tenant_id: int, client_id: str) -> list[bytes]:
        """Within a transaction, delete an application; returns its tokens' digests, which are void now."""
        self._hold(_of(application_secrets, tenant_id, client_id))
        with self._database.connection() as connection:
            digests = connection.scalars(
                delete(application_tokens)
                .where(_of(application_tokens, tenant_id, client_id))
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
        secret_digest: bytes,
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
                    secret_digest=secret_digest,
                    kind=kind,
                    issued_at=issued_at,
                    expires_at=expires_at,
                )
            )

    def application_of_token(
        self, token: TokenReference, kind: str
    ) -> tuple[Application, datetime] | None:
        """Return whose token this is, with the secret it was handed out for, and when it runs out; or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(
                    applications,
                    application_tokens.c.expires_at,
                    application_secrets.c.digest.label("secret_digest"),
                    application_secrets.c.created_at.label("secret_created_at"),
                    application_secrets.c.expires_at.label("secret_expires_at"),
                )
                .join_from(
                    application_tokens,
                    applications,
                    (applications.c.tenant_id == application_tokens.c.tenant_id)
                    & (applications.c.client_id == application_tokens.c.client_id),
                )
                .join(
                    application_secrets,
                    (application_secrets.c.tenant_id == application_tokens.c.tenant_id)
                    & (application_secrets.c.client_id == application_tokens.c.client_id)
                    & (application_secrets.c.digest == application_tokens.c.secret_digest),
                )
                .where(
                    application_tokens.c.tenant_id == token.tenant_id,
                    application_tokens.c.digest == token.digest,
                    application_tokens.c.kind == kind,
                )
            ).one_or_none()
        if row is None:
            return None
        secret = ApplicationSecret(
            bytes(row.secret_digest), row.secret_created_at, row.secret_expires_at
        )
        return _application(row, (secret,)), row.expires_at

    def remove_token(self, token: TokenReference, kind: str) -> bool:
        """Delete a token of this kind; tell whether there was one."""
        with self._database.connection() as connection:
            removed = connection.execute(
                delete(application_tokens).where(
                    application_tokens.c.tenant_id == token.tenant_id,
                    application_tokens.c.digest == token.digest,
                    application_tokens.c.kind == kind,
                )
            )
        return removed.rowcount > 0

    def purge(self, before: datetime) -> int:
        """Delete secrets and tokens that ran out before that moment, of whichever tenant; returns how many tokens."""
        with self._database.connection() as connection:
            connection.execute(
                delete(application_secrets).where(application_secrets.c.expires_at < before)
            )
            return connection.execute(
                delete(application_tokens).where(application_tokens.c.expires_at < before)
            ).rowcount


def _of(table: Table, tenant_id: int, client_id: str) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == tenant_id, table.c.client_id == client_id)


def _is(tenant_id: int, client_id: str, digest: bytes) -> ColumnElement[bool]:
    return and_(
        _of(application_secrets, tenant_id, client_id), application_secrets.c.digest == digest
    )


def _listed(site_ids: frozenset[int] | None) -> list[int] | None:
    return None if site_ids is None else sorted(site_ids)


def _application(row: Row[Any], secrets: tuple[ApplicationSecret, ...]) -> Application:
    return Application(
        row.tenant_id,
        row.client_id,
        row.name,
        secrets,
        frozenset(Behavior(name) for name in row.behaviors if name in set(Behavior)),
        row.is_active,
        row.created_at,
        None if row.site_ids is None else frozenset(row.site_ids),
    )
