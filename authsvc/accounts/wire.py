"""Customer accounts as they travel: the vendor's field names ([K] 3.2) to and from `rules.CustomerAccount`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from authsvc.accounts.rules import LONGEST_USER_ID, CustomerAccount, user_id
from authsvc.accounts.whole_accounts import Beside, Said
from authsvc.attributes.rules import MOST_VALUES
from authsvc.attributes.wire import AttributeBody, CustomerAttribute
from authsvc.contacts.rules import Contact
from authsvc.contacts.wire import ContactBody, CustomerContact, Text
from authsvc.notes.rules import MOST_NOTES
from authsvc.notes.wire import CustomerNote, NoteBody
from authsvc.segments.wire import CustomerSegment
from authsvc.web.audit_info import AuditInfo
from authsvc.web.wire import Count, Id, Sum, Wire, WireDateTime

# That a new account begins with; more can be added to it.
MOST_CONTACTS = 100

NOTES_GROUP = "customeraccountnotes"

# The account's fields that are plain text, truth or choice on both sides: (Python name, column).
_PLAIN = (
    "email_address",
    "first_name",
    "last_name",
    "locale_code",
    "accepts_marketing",
    "account_type",
    "company_or_organization",
    "external_id",
    "tax_exempt",
    "tax_id",
)


class Amount(Wire):
    """A sum of money."""

    amount: Sum
    currency_code: str | None = None


class CommerceSummary(Wire):
    """What an account has bought."""

    last_order_date: WireDateTime | None = None
    order_count: Count
    total_order_amount: Amount
    visits_count: Count
    wishlist_count: Count


class AccountBody(Wire):
    """An account as a caller sends it. What the service decides itself (`id`, `isLocked`, `segments`, …) is ignored."""

    user_id: Annotated[str, Field(max_length=LONGEST_USER_ID)] | None = None
    user_name: Text | None = None
    email_address: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    locale_code: Text | None = None
    accepts_marketing: bool | None = None
    account_type: Literal["B2C", "B2B"] | None = None
    company_or_organization: Text | None = None
    customer_set: Annotated[str, Field(max_length=50)] | None = None
    customer_since_date: WireDateTime | None = None
    external_id: Text | None = None
    tax_exempt: bool | None = None
    tax_id: Text | None = None
    contacts: Annotated[list[ContactBody], Field(max_length=MOST_CONTACTS)] | None = None
    attributes: Annotated[list[AttributeBody], Field(max_length=MOST_VALUES)] | None = None
    notes: Annotated[list[NoteBody], Field(max_length=MOST_NOTES)] | None = None

    def fields(self) -> dict[str, Any]:
        """Return what was sent, by the names of `rules.APPLICATION_FIELDS`; what is absent is left out."""
        sent_names = self.model_fields_set
        fields = {name: getattr(self, name) for name in _PLAIN if name in sent_names}
        if "user_name" in sent_names and self.user_name is not None:
            fields["username"] = self.user_name
        if self.customer_since_date is not None:
            fields["customer_since"] = self.customer_since_date
        # Truth and choice have no third state: null leaves them as they are.
        return {
            name: value
            for name, value in fields.items()
            if value is not None or name not in ("accepts_marketing", "tax_exempt", "account_type")
        }

    def said(self) -> list[Said]:
        """Return what is said of the account under attributes."""
        return [
            Said(each.fully_qualified_name or "", each.values or ())
            for each in self.attributes or ()
        ]

    def new_notes(self) -> list[str | None]:
        """Return the notes to keep with a new account."""
        return [note.content for note in self.notes or ()]

    def new_contacts(self) -> list[Contact]:
        """Return the contacts to keep with a new account."""
        return [contact.contact() for contact in self.contacts or ()]

    def wanted_user_id(self) -> str | None:
        """Return the user id the caller brings along, if any; raises `Invalid`."""
        return user_id(self.user_id) if self.user_id else None


class Account(Wire):
    """A customer account."""

    id: Id
    user_id: str
    user_name: str | None
    email_address: str | None
    first_name: str | None
    last_name: str | None
    locale_code: str | None
    accepts_marketing: bool
    account_type: Literal["B2C", "B2B"]
    # Not looked up for a ticket, and then null; so are segments.
    attributes: list[CustomerAttribute] | None
    audit_info: AuditInfo
    commerce_summary: CommerceSummary | None
    company_or_organization: str | None
    contacts: list[CustomerContact] | None
    customer_set: str
    customer_since_date: WireDateTime
    external_id: str | None
    has_external_password: bool
    is_active: bool
    is_anonymous: bool
    is_locked: bool
    last2_fa_date: Annotated[WireDateTime | None, Field(alias="last2FaDate")] = None
    migration_required: bool = False
    # Never for shoppers.
    notes: list[CustomerNote] | None
    segments: list[CustomerSegment] | None
    tax_exempt: bool
    tax_id: str | None

    @classmethod
    def of(
        cls,
        account: CustomerAccount,
        groups: frozenset[str] = frozenset(),
        beside: Beside | None = None,
    ) -> Account:
        """Show an account; `groups`: the response groups asked for; `beside`: what was looked up beside it, if so."""

        def wanted(group: str) -> bool:
            return is_wanted(group, groups)

        notes = beside.notes if beside and wanted(NOTES_GROUP) else None
        return cls(
            id=account.id,
            user_id=account.user_id,
            user_name=account.username,
            email_address=account.email_address,
            first_name=account.first_name,
            last_name=account.last_name,
            locale_code=account.locale_code,
            accepts_marketing=account.accepts_marketing,
            account_type=account.account_type.value,
            audit_info=AuditInfo.of(account),
            commerce_summary=_summary(account) if wanted("ordersummary") else None,
            company_or_organization=account.company_or_organization,
            contacts=[CustomerContact.of(account.id, contact) for contact in account.contacts]
            if wanted("contacts")
            else None,
            customer_set=account.customer_set,
            customer_since_date=account.customer_since,
            external_id=account.external_id,
            has_external_password=account.has_external_password,
            last2_fa_date=account.last_second_factor_at,
            is_active=account.is_active,
            is_anonymous=not account.has_login,
            is_locked=account.is_locked,
            attributes=[CustomerAttribute.of(each) for each in beside.attributes]
            if beside
            else None,
            notes=None if notes is None else [CustomerNote.of(note) for note in notes],
            segments=[CustomerSegment.of(each) for each in beside.segments] if beside else None,
            tax_exempt=account.tax_exempt,
            tax_id=account.tax_id,
        )


def is_wanted(group: str, groups: frozenset[str]) -> bool:
    """Tell whether a group is asked for, by name or because none is named ([K] 3.4)."""
    return not groups or group in groups


def response_groups(text: str | None) -> frozenset[str]:
    """Read `responseGroups`: names separated by commas, in any case."""
    return frozenset(name.strip().lower() for name in (text or "").split(",") if name.strip())


def _summary(account: CustomerAccount) -> CommerceSummary:
    return CommerceSummary(
        last_order_date=account.last_order_at,
        order_count=account.order_count,
        total_order_amount=Amount(
            amount=account.total_order_amount, currency_code=account.order_currency
        ),
        visits_count=account.visits_count,
        wishlist_count=account.wishlist_count,
    )
