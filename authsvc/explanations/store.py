"""The facts of an explanation, in one question to PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, select

from authsvc.accounts.store import ACCOUNT, LOGIN, WITH_LOGIN, account_of
from authsvc.customer_sets.rules import Site
from authsvc.explanations.rules import Facts
from authsvc.infra.database import Database
from authsvc.infra.schema import (
    accounts,
    credentials,
    customer_sets,
    session_tokens,
    sessions,
    sites,
    structure_changes,
)


class ExplanationStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def facts(self, tenant_id: int, account_id: int, site_id: int, now: datetime) -> Facts | None:
        """Return how a customer and a site stand at `now`; None if the tenant lacks one of them."""
        with self._database.connection() as connection:
            row = connection.execute(_facts(tenant_id, account_id, site_id, now)).one_or_none()
        if row is None:
            return None
        return Facts(
            account=account_of(row),
            site=Site(tenant_id, site_id, row.site_name, row.site_set),
            site_set_name=row.site_set_name,
            account_set_name=row.account_set_name,
            must_change_password=bool(row.must_change_password),
            open_sessions=row.open_sessions,
            namesake_id=row.namesake_id,
            refused_for=None,
            pushed_at=row.pushed_at,
            now=now,
            awaits_verification=bool(row.awaits_verification),
        )

    def has_site(self, tenant_id: int, site_id: int) -> bool:
        """Tell whether the tenant has this site."""
        with self._database.connection() as connection:
            return (
                connection.execute(
                    select(sites.c.id).where(sites.c.tenant_id == tenant_id, sites.c.id == site_id)
                ).one_or_none()
                is not None
            )


def _facts(tenant_id: int, account_id: int, site_id: int, now: datetime) -> Select[Any]:
    account_sets, site_sets = customer_sets.alias("account_sets"), customer_sets.alias("site_sets")
    namesakes = accounts.alias("namesakes")
    namesake = (
        select(namesakes.c.id)
        .where(
            namesakes.c.tenant_id == tenant_id,
            namesakes.c.customer_set_code == sites.c.customer_set_code,
            namesakes.c.username_key == accounts.c.username_key,
            namesakes.c.id != account_id,
        )
        .scalar_subquery()
    )
    live_token = (
        select(literal(1))
        .where(
            session_tokens.c.tenant_id == tenant_id,
            session_tokens.c.session_id == sessions.c.id,
            session_tokens.c.expires_at > now,
            session_tokens.c.replaced_at.is_(None),
        )
        .exists()
    )
    open_sessions = (
        select(func.count())
        .select_from(sessions)
        .where(
            sessions.c.tenant_id == tenant_id,
            sessions.c.account_id == account_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            live_token,
        )
        .scalar_subquery()
    )
    return (
        select(
            *ACCOUNT,
            *LOGIN,
            credentials.c.must_change_password,
            credentials.c.awaits_verification,
            sites.c.name.label("site_name"),
            sites.c.customer_set_code.label("site_set"),
            site_sets.c.name.label("site_set_name"),
            account_sets.c.name.label("account_set_name"),
            namesake.label("namesake_id"),
            open_sessions.label("open_sessions"),
            structure_changes.c.pushed_at,
        )
        .select_from(
            WITH_LOGIN.join(
                sites, and_(sites.c.tenant_id == accounts.c.tenant_id, sites.c.id == site_id)
            )
            .join(site_sets, _is_set(site_sets, sites.c.customer_set_code, tenant_id))
            .join(account_sets, _is_set(account_sets, accounts.c.customer_set_code, tenant_id))
            .outerjoin(structure_changes, structure_changes.c.tenant_id == tenant_id)
        )
        .where(accounts.c.tenant_id == tenant_id, accounts.c.id == account_id)
    )


def _is_set(table: FromClause, code: ColumnElement[Any], tenant_id: int) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == tenant_id, table.c.code == code)
