"""Contacts of customer accounts in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Row, any_, bindparam, insert, select

from authsvc.accounts.rules import Contact
from authsvc.infra.database import Database
from authsvc.infra.schema import contacts
from authsvc.infra.statements import Statement

_OF_ACCOUNTS = Statement(
    select(contacts)
    .where(
        contacts.c.tenant_id == bindparam("tenant_id"),
        contacts.c.account_id == any_(bindparam("account_ids", type_=ARRAY(BigInteger))),
    )
    .order_by(contacts.c.account_id, contacts.c.id)
)


class ContactStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add_all(
        self, tenant_id: int, account_id: int, new: Sequence[Contact], by: str, now: datetime
    ) -> None:
        """Keep new contacts of an account; each gets an id."""
        if not new:
            return
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            connection.execute(
                insert(contacts),
                [
                    _columns(contact) | {"tenant_id": tenant_id, "account_id": account_id} | stamp
                    for contact in new
                ],
            )

    def of_accounts(
        self, tenant_id: int, account_ids: Sequence[int]
    ) -> dict[int, tuple[Contact, ...]]:
        """Return the contacts of these accounts, oldest first."""
        if not account_ids:
            return {}
        rows = self._database.run(_OF_ACCOUNTS, tenant_id=tenant_id, account_ids=list(account_ids))
        found: defaultdict[int, list[Contact]] = defaultdict(list)
        for row in rows:
            found[row.account_id].append(_contact(row))
        return {account_id: tuple(its) for account_id, its in found.items()}


def _columns(contact: Contact) -> dict[str, Any]:
    columns = asdict(contact)
    del columns["id"]
    columns["address"] = dict(contact.address)
    columns["types"] = [dict(kind) for kind in contact.types]
    return columns


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        row.id,
        row.email,
        row.first_name,
        row.middle_name_or_initial,
        row.last_name_or_surname,
        row.company_or_organization,
        row.fax_number,
        row.label,
        row.phone_home,
        row.phone_mobile,
        row.phone_work,
        row.address,
        tuple(row.types),
        row.created_at,
        row.created_by,
        row.updated_at,
        row.updated_by,
    )
