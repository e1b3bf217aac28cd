"""Eligible customers, eligibility and receipts as they stand on the wire."""

from __future__ import annotations

from authsvc.accounts.rules import CustomerAccount
from authsvc.login.wire import AccountAndAuthInfo
from authsvc.offline_orders.rules import Eligibility, RemedyAction
from authsvc.orders.receipts import Receipt
from authsvc.web.wire import Id, Wire, WireDateTime


class EligibleCustomer(Wire):
    """A customer to choose, by what tells them from others; a guest is anonymous."""

    id: Id
    user_name: str | None
    email_address: str | None
    first_name: str | None
    last_name: str | None
    company_or_organization: str | None
    is_anonymous: bool
    customer_set: str

    @classmethod
    def of(cls, account: CustomerAccount) -> EligibleCustomer:
        """Write a customer."""
        return cls(
            id=account.id,
            user_name=account.username,
            email_address=account.email_address,
            first_name=account.first_name,
            last_name=account.last_name,
            company_or_organization=account.company_or_organization,
            is_anonymous=not account.has_login,
            customer_set=account.customer_set,
        )


class EligibleCustomerPage(Wire):
    """Customers to choose from; `nextCursor` leads to the following ones."""

    items: list[EligibleCustomer]
    next_cursor: str | None


class RemedyModel(Wire):
    """What to do for a shopper who cannot be chosen; `customerAccountId`: whom to choose instead."""

    action: RemedyAction
    description: str
    customer_account_id: Id | None


class EligibilityModel(Wire):
    """Whether a customer may be put on an offline order of a site, why, and what to do if not."""

    is_eligible: bool
    reason: str
    site_id: Id
    customer_set_code: str
    customer: EligibleCustomer
    remedies: list[RemedyModel]

    @classmethod
    def of(cls, found: Eligibility) -> EligibilityModel:
        """Write what was found."""
        return cls(
            is_eligible=found.is_eligible,
            reason=found.reason,
            site_id=found.site.id,
            customer_set_code=found.site.customer_set,
            customer=EligibleCustomer.of(found.account),
            remedies=[
                RemedyModel(
                    action=remedy.action,
                    description=remedy.words,
                    customer_account_id=remedy.account_id,
                )
                for remedy in found.remedies
            ],
        )


class NewCustomerBody(AccountAndAuthInfo):
    """A new customer of the site's set, who signs in if there is a password.

    With `sendInvitation` the shopper chooses one, by a link that is mailed to their address.
    """

    send_invitation: bool = False


class ReceiptModel(Wire):
    """An eligibility receipt; `eligibilityReceipt` is its signed form, a JWT under the published keys."""

    eligibility_receipt: str
    id: str
    site_id: Id
    customer_account_id: Id
    customer_set_code: str
    issue_date: WireDateTime
    expiration_date: WireDateTime

    @classmethod
    def of(cls, receipt: Receipt, text: str) -> ReceiptModel:
        """Write a receipt."""
        return cls(
            eligibility_receipt=text,
            id=receipt.id,
            site_id=receipt.site_id,
            customer_account_id=receipt.account_id,
            customer_set_code=receipt.customer_set,
            issue_date=receipt.issued_at,
            expiration_date=receipt.expires_at,
        )
