"""Contacts of customer accounts in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    and_,
    any_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from authsvc.contacts.list_fields import CONTACT_LIST, CONTACT_LIST_COLUMNS
from authsvc.contacts.rules import CONTACT_FIELDS, Contact
from authsvc.infra import account_locks
from authsvc.infra.database import Database
from authsvc.infra.schema import contacts
from authsvc.infra.statements import Statement
from authsvc.listing.filter_sql import filter_condition
from authsvc.listing.filters import parse_filter
from authsvc.listing.paging import Page
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort

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
    ) -> list[int]:
        """Keep new contacts of an account; returns the ids they get, in their order."""
        if not new:
            return []
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            added = connection.execute(
                insert(contacts).returning(contacts.c.id, sort_by_parameter_order=True),
                [
                    _columns(contact) | {"tenant_id": tenant_id, "account_id": account_id} | stamp
                    for contact in new
                ],
            )
            return list(added.scalars())

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

    def held(self, tenant_id: int, account_id: int) -> tuple[Contact, ...]:
        """Within a transaction, return an account's contacts, which nobody else changes meanwhile."""
        account_locks.hold(self._database, "contacts", tenant_id, account_id)
        return self.of_accounts(tenant_id, [account_id]).get(account_id, ())

    def page(
        self, tenant_id: int, account_id: int, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Contact], int]:
        """Return a page of an account's contacts and how many match in all; raises `Invalid`.

        `filter_text`, `sort_by`: in the grammar of [K] 3.4.
        """
        wanted = and_(
            contacts.c.tenant_id == tenant_id,
            contacts.c.account_id == account_id,
            filter_condition(parse_filter(filter_text, CONTACT_LIST), CONTACT_LIST_COLUMNS),
        )
        order = order_by(parse_sort(sort_by, CONTACT_LIST), CONTACT_LIST_COLUMNS)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(contacts).where(wanted)
            ).scalar_one()
            rows = connection.execute(
                select(contacts)
                .where(wanted)
                .order_by(*order)
                .offset(page.start_index)
                .limit(page.size)
            ).all()
        return [_contact(row) for row in rows], total

    def update(
        self, tenant_id: int, account_id: int, contact: Contact, by: str, now: datetime
    ) -> None:
        """Keep a contact as it is now."""
        with self._database.connection() as connection:
            connection.execute(
                update(contacts)
                .where(_is(tenant_id, account_id, contact.id))
                .values(**_columns(contact), updated_at=now, updated_by=by)
            )

    def remove(self, tenant_id: int, account_id: int, contact_id: int) -> None:
        """Delete a contact; cards that name it name none any more."""
        with self._database.connection() as connection:
            connection.execute(delete(contacts).where(_is(tenant_id, account_id, contact_id)))


def _is(tenant_id: int, account_id: int, contact_id: int) -> ColumnElement[bool]:
    return and_(
        contacts.c.tenant_id == tenant_id,
        contacts.c.account_id == account_id,
        contacts.c.id == contact_id,
    )


def _columns(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in CONTACT_FIELDS} | {
        "address": dict(contact.address)
    }


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        id=row.id,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        **{name: getattr(row, name) for name in CONTACT_FIELDS},
    )
