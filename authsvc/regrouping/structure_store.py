"""Sites and sets changed, in a transaction that is the caller's; what each was is kept for rolling back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select, update

from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, customer_sets, sites, tenants
from authsvc.regrouping.set_policies import give_policies, policies_of

# The columns of a set that a roll-back brings back; its code is the key.
_KEPT = ("name", "description", "created_at", "created_by", "updated_at", "updated_by")
_MOMENTS = ("created_at", "updated_at")


class StructureChanges:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def hold_default(self, tenant_id: int) -> str | None:
        """Let no site be created until the transaction ends, as it would join the default set; returns that."""
        with self._database.connection() as connection:
            return connection.execute(
                select(tenants.c.default_customer_set_code)
                .where(tenants.c.id == tenant_id)
                .with_for_update(key_share=True)
            ).scalar_one_or_none()

    def hold_sites(
        self, tenant_id: int, site_ids: Sequence[int], of_sets: Sequence[str]
    ) -> list[int]:
        """Wait for the sign-ups under way on these sites, and those of these sets; later ones wait for us."""
        with self._database.connection() as connection:
            held = connection.scalars(
                select(sites.c.id)
                .where(
                    sites.c.tenant_id == tenant_id,
                    or_(sites.c.id.in_(site_ids), sites.c.customer_set_code.in_(of_sets)),
                )
                .order_by(sites.c.id)
                .with_for_update(key_share=True)
            )
            return list(held.all())

    def hold_sets(self, tenant_id: int, codes: Sequence[str]) -> list[str]:
        """Wait for whoever is putting an account or site into these sets; later ones find the sets gone."""
        with self._database.connection() as connection:
            held = connection.scalars(
                select(customer_sets.c.code)
                .where(customer_sets.c.tenant_id == tenant_id, customer_sets.c.code.in_(codes))
                .order_by(customer_sets.c.code)
                .with_for_update()
            )
            return list(held.all())

    def add_set(
        self, tenant_id: int, code: str, name: str, description: str, by: str, now: datetime
    ) -> None:
        """Create a set whose code is free."""
        self._run(
            insert(customer_sets).values(
                tenant_id=tenant_id,
                code=code,
                name=name,
                description=description,
                created_at=now,
                created_by=by,
                updated_at=now,
                updated_by=by,
            )
        )

    def label_set(
        self, tenant_id: int, code: str, name: str, description: str, by: str, now: datetime
    ) -> None:
        """Label a set anew."""
        self._run(
            update(customer_sets)
            .where(customer_sets.c.tenant_id == tenant_id, customer_sets.c.code == code)
            .values(name=name, description=description, updated_at=now, updated_by=by)
        )

    def remove_set(self, tenant_id: int, code: str) -> dict[str, Any]:
        """Delete a set that nothing is in any more; returns what `bring_back_set` takes."""
        with self._database.connection() as connection:
            policies = policies_of(connection, tenant_id, code)
            row = connection.execute(
                delete(customer_sets)
                .where(customer_sets.c.tenant_id == tenant_id, customer_sets.c.code == code)
                .returning(*(customer_sets.c[name] for name in _KEPT))
            ).one()
        kept = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's documented name for it
        moments = {name: kept[name].isoformat() for name in _MOMENTS}
        return kept | moments | {"policies": policies}

    def bring_back_set(self, tenant_id: int, code: str, kept: Mapping[str, Any]) -> None:
        """Create a set as it was before it was deleted, with what it asked of its shoppers."""
        moments = {name: datetime.fromisoformat(kept[name]) for name in _MOMENTS}
        values = {name: kept[name] for name in _KEPT} | moments
        with self._database.connection() as connection:
            connection.execute(
                insert(customer_sets).values(tenant_id=tenant_id, code=code, **values)
            )
            # Those deleted by an earlier release kept none.
            give_policies(connection, tenant_id, code, kept.get("policies", {}))

    def is_empty(self, tenant_id: int, code: str) -> bool:
        """Tell whether neither a site nor an account is in a set."""
        with self._database.connection() as connection:
            return not connection.execute(
                select(
                    or_(
                        exists().where(
                            sites.c.tenant_id == tenant_id, sites.c.customer_set_code == code
                        ),
                        exists().where(
                            accounts.c.tenant_id == tenant_id,
                            accounts.c.customer_set_code == code,
                        ),
                    )
                )
            ).scalar_one()

    def assign_sites(self, tenant_id: int, site_ids: Sequence[int], code: str) -> None:
        """Put sites into a set."""
        self._run(
            update(sites)
            .where(sites.c.tenant_id == tenant_id, sites.c.id.in_(site_ids))
            .values(customer_set_code=code)
        )

    def assign_new_sites_of(self, tenant_id: int, old: str, new: str) -> list[int]:
        """Put the sites that are still in one set into another; returns which."""
        with self._database.connection() as connection:
            return list(
                connection.scalars(
                    update(sites)
                    .where(sites.c.tenant_id == tenant_id, sites.c.customer_set_code == old)
                    .values(customer_set_code=new)
                    .returning(sites.c.id)
                ).all()
            )

    def make_default(self, tenant_id: int, code: str) -> None:
        """Move the default flag to a set."""
        self._run(
            update(tenants).where(tenants.c.id == tenant_id).values(default_customer_set_code=code)
        )

    def _run(self, statement: Any) -> None:  # noqa: ANN401  any statement
        with self._database.connection() as connection:
            connection.execute(statement)
