"""The audit log of a customer account, as the vendor gives it out: one entry for each field that changed ([K] 3.2)."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import UnknownAccount
from authsvc.accounts.service import Accounts
from authsvc.callers import Behavior, Caller, Requires
from authsvc.errors import NotOffered
from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.listing.paging import Page
from authsvc.regrouping.customer_history import CustomerHistory, HistoryEntry
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire, WireDateTime


class AuditLogQuery(Wire):
    """Which part of the log."""

    start_index: int | None = None
    page_size: int | None = None
    sort_by: Annotated[str, Field(max_length=500)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None
    response_fields: str | None = None

    def page(self) -> Page:
        """Return the page that is asked for; raises `Invalid`, or `NotOffered` for another order than newest first."""
        if self.sort_by or self.filter:
            raise NotOffered(
                "This release gives the log newest first and whole. Leave sortBy and filter out."
            )
        return Page.asked(self.start_index, self.page_size)


class CustomerAuditEntry(Wire):
    """One field that changed; the entries of one change share their id. Null: a plan that moved many customers."""

    customer_audit_entry_id: Id | None
    customer_account_id: Id
    application: str | None
    site: str | None
    entry_date: WireDateTime
    entry_user: str
    field_path: str | None
    old_value: str | None
    new_value: str | None
    description: str

    @classmethod
    def of(cls, account_id: int, entry: HistoryEntry) -> CustomerAuditEntry:
        """Show an entry that has one change, or none."""
        change = entry.changes[0] if entry.changes else None
        plan = f" (plan {entry.plan_id})" if entry.plan_id else ""
        return cls(
            customer_audit_entry_id=entry.entry_id,
            customer_account_id=account_id,
            application=entry.application,
            site=None if entry.site_id is None else str(entry.site_id),
            entry_date=entry.at,
            entry_user=entry.actor,
            field_path=change and _path(change.field),
            old_value=change and _text(change.old),
            new_value=change and _text(change.new),
            description=f"{entry.action}{plan}",
        )


def routes(accounts: Accounts, history: CustomerHistory) -> Routes:
    """Declare the operation over `history`."""
    part = Routes("audit_log", prefix="/api/commerce/customer/accounts", tag="Customer accounts")

    @part.get(
        "/<int:account_id>/auditlog/entries",
        requires=Requires(Behavior.CUSTOMER_READ),
        answers=Collection[CustomerAuditEntry],
        refuses=(UnknownAccount, NotOffered),
    )
    def get_audit_log(
        caller: Caller, account_id: int, query: AuditLogQuery
    ) -> Collection[CustomerAuditEntry]:
        """List what was changed of an account, by whom, from what to what, newest first."""
        page = query.page()
        account = accounts.account(caller.tenant_id, account_id)
        found, total = history.changed_fields(caller.tenant_id, account.id, page)
        return Collection[CustomerAuditEntry].page(
            [CustomerAuditEntry.of(account.id, entry) for entry in found],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    return part


def _path(field: str) -> str:
    """Return the vendor's form of a field's name: `/Customer/Contacts/1/FirstName` ([K] 3.2)."""
    return "/Customer/" + "/".join(_called(part) for part in field.removesuffix("_code").split("/"))


def _called(name: str) -> str:
    """Return a name as the vendor writes names; an attribute's own is left as the merchant gave it."""
    return name if "~" in name else "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
