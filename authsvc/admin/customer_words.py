"""A customer's history in words: who did what, which field was what before and is what now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import SECRET_FIELDS
from authsvc.regrouping.customer_history import MOVED, ROLLED_BACK, HistoryEntry

_ACTIONS: Mapping[str, str] = {
    "account.created": "Account created",
    "account.updated": "Account changed",
    "account.login_created": "Login created",
    "account.password_changed": "Password changed",
    "account.password_change_required": "Password change",
    "account.locked": "Locked",
    "account.unlocked": "Unlocked",
    "account.disabled": "Disabled",
    "account.session_ended": "Session ended",
    "account.signed_out_everywhere": "Signed out everywhere",
    "session.refresh_token_reused": "Session ended: a refresh token that was replaced was shown again",
    "account.segment_added": "Added to a segment",
    "account.segment_removed": "Removed from a segment",
    "account.eligibility_receipt_issued": "Eligibility receipt given out for an offline order",
    "account.acted_for": "Somebody began to act for the customer",
    "account.exported": "Everything that is held was given out",
    "account.erased": "Erased: kept as a number for its orders",
    MOVED: "Moved to another customer set",
    ROLLED_BACK: "Plan rolled back",
}
_FIELDS: Mapping[str, str] = {
    "first_name": "First Name",
    "last_name": "Last Name",
    "username": "Username",
    "userName": "Username",
    "email_address": "Email",
    "customerSet": "Customer Set",
    "customer_set": "Customer Set",
    "accepts_marketing": "Marketing Messages",
    "tax_exempt": "Tax Exempt",
    "tax_id": "Tax ID",
    "account_type": "Account Type",
    "company_or_organization": "Company",
    "locale_code": "Language",
    "external_id": "External ID",
    "customer_since": "Customer since",
    "is_locked": "Locked",
    "is_active": "Active",
    "isPasswordChangeRequired": "Required",
    "segments": "Segment",
    "receipt": "Receipt",
    "siteId": "Site",
    "session": "Session",
    "sessions": "Sessions",
    "password": "Password",
}
# Follow from other fields, and say nothing to a reader.
_DERIVED = frozenset({"username_key", "email_key", "locked_at"})


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One field of an entry; old and new are empty for a secret, of which only the change is known."""

    field: str
    old: str
    new: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry of the history, for a reader."""

    at: datetime
    who: str
    what: str
    changes: tuple[ToldChange, ...]
    plan_id: int | None


def told(account: CustomerAccount, entry: HistoryEntry) -> ToldEntry:
    """Put an entry of the account's history into words."""
    return ToldEntry(
        entry.at,
        who(account, entry.actor),
        _ACTIONS.get(entry.action, entry.action),
        tuple(
            ToldChange(
                field_name(change.field),
                value(change.old),
                value(change.new),
                change.field in SECRET_FIELDS,
            )
            for change in entry.changes
            if change.field not in _DERIVED
        ),
        entry.plan_id,
    )


def who(account: CustomerAccount, actor: str) -> str:
    """Say who acted: the customer, one of the staff, or an application."""
    if actor == f"shopper:{account.user_id}":
        return "the customer"
    if actor.endswith(f" as shopper:{account.user_id}"):
        return f"{who(account, actor.rpartition(' as ')[0])}, acting for the customer"
    kind, _, name = actor.partition(":")
    return f"{name} ({kind})" if name else kind


def field_name(field: str) -> str:
    """Return what a field is called on the page."""
    return _FIELDS.get(field, field.replace("_", " "))


def value(kept: object) -> str:
    """Return a field's value for a reader."""
    if kept is None or kept == "":
        return "empty"
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    return str(kept)
