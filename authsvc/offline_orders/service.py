"""Choosing a customer for an offline order on a site, or making one, and proving later that it was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.customer_search.rules import CustomerQuery
from authsvc.customer_sets.rules import Site, UnknownSite
from authsvc.login.rules import Enrolment
from authsvc.offline_orders.rules import Eligibility, typed_phone
from authsvc.orders.receipts import Receipt
from authsvc.orders.rules import set_to_order_in

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_search.service import CustomerSearch
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction
    from authsvc.login.on_behalf import OnBehalf
    from authsvc.offline_orders.phone_store import PhoneStore
    from authsvc.orders.receipts import EligibilityReceipts
    from authsvc.orders.store import OrderStore
    from authsvc.recovery.invitations import Invitations


# Accounts proposed instead of one that cannot be chosen; guests share an address by the hundred.
MOST_NAMESAKES = 5


@dataclass(frozen=True, slots=True)
class EligibleCustomers:
    """Customers one may choose from, and where the next ones begin; None at the end."""

    items: tuple[CustomerAccount, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OfflineOrders:
    """The use cases. Which set a site is in is asked of PostgreSQL each time: no order is placed by an old answer."""

    search: CustomerSearch
    phones: PhoneStore
    orders: OrderStore
    receipts: EligibilityReceipts
    accounts: Accounts
    customer_sets: CustomerSets
    on_behalf: OnBehalf
    invitations: Invitations
    trail: AuditTrail
    transaction: Transaction

    def eligible(
        self, tenant_id: int, site_id: int, text: str, page_size: int, cursor: str | None = None
    ) -> EligibleCustomers:
        """Return customers of the site's set, guests too, whom `text` finds: words, a number, or a telephone number.

        Those found by telephone come first, and with the first page only. Raises `UnknownSite`, `Invalid` or
        `BadCursor`.
        """
        site = self._site(tenant_id, site_id)
        phone = None if cursor else typed_phone(text)
        called: Sequence[CustomerAccount] = ()
        if phone is not None:
            called = self.phones.customers(tenant_id, site.customer_set, phone, page_size)
            if not text.strip().isdigit():
                # Written as nothing else is; mere digits may be a customer number or begin an address.
                return EligibleCustomers(tuple(called), None)
        page = self.search.search(
            tenant_id,
            CustomerQuery(text, customer_set=site.customer_set, page_size=page_size, cursor=cursor),
        )
        every = tuple({each.id: each for each in _there((*called, *page.items))}.values())
        # Whoever sees a page that is full of more than one kind types on rather than turning it.
        return EligibleCustomers(
            every[:page_size], page.next_cursor if len(every) <= page_size else None
        )

    def eligibility(self, tenant_id: int, site_id: int, account_id: int) -> Eligibility:
        """Say whether a customer may be put on an order of the site, and what to do if not (rule 16).

        Raises `UnknownSite`, or `UnknownAccount`, also for one that was erased: it stays for the orders it has.
        """
        place = self.orders.place(tenant_id, site_id, account_id)
        if place.site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        if place.account_set is None:
            raise UnknownAccount(account_id)
        found = self.accounts.account(tenant_id, account_id)
        if found.erased_at is not None:
            raise UnknownAccount(account_id)
        # As both were at that one moment, should the account move between the two questions.
        account = replace(found, customer_set=place.account_set)
        if account.customer_set == place.site.customer_set:
            return Eligibility(place.site, account)
        return Eligibility(place.site, account, self._namesakes(account, place.site))

    def elsewhere(
        self, tenant_id: int, site_id: int, text: str, limit: int
    ) -> tuple[CustomerAccount, ...]:
        """Return up to `limit` customers whom `text` finds and whom no order of the site may name.

        For when nobody else is found: those of the site's set count towards the limit too. Raises `UnknownSite` or
        `Invalid`.
        """
        site = self._site(tenant_id, site_id)
        found = self.search.search(tenant_id, CustomerQuery(text, page_size=limit)).items
        return tuple(each for each in _there(found) if each.customer_set != site.customer_set)

    def create(
        self, caller: Caller, site_id: int, enrolment: Enrolment, *, invited: bool = False
    ) -> CustomerAccount:
        """Make a new unique account in the site's set for a shopper who has none there, and perhaps invite them.

        Raises as `OnBehalf.create`, or `Invitations.create_and_invite`.
        """
        if invited:
            return self.invitations.create_and_invite(caller, site_id, enrolment)
        return self.on_behalf.create(caller, site_id, enrolment)

    def receipt(self, caller: Caller, site_id: int, account_id: int) -> tuple[Receipt, str]:
        """Return a receipt that the customer can be put on an order of the site now, and its signed form.

        Raises `UnknownSite`, `UnknownAccount` or `NotOfTheSitesSet`.
        """
        with self.transaction():
            found = self.eligibility(caller.tenant_id, site_id, account_id)
            set_to_order_in(found.site, account_id, found.account.customer_set)
            receipt, text = self.receipts.issue(found.site, account_id)
            self.trail.note(
                caller,
                "account.eligibility_receipt_issued",
                f"account:{account_id}",
                [
                    Change("receipt", None, receipt.id),
                    Change("siteId", None, site_id),
                    Change("customerSet", None, receipt.customer_set),
                ],
            )
        return receipt, text

    def _namesakes(self, account: CustomerAccount, site: Site) -> tuple[int, ...]:
        """Return the accounts of the site's set, guests too, with the account's username or e-mail address."""
        keys = {account.username_key, account.email_key} - {None}
        found = {
            other.id
            for name in {account.username, account.email_address} - {None}
            for other in self.search.search(
                site.tenant_id,
                CustomerQuery(name or "", customer_set=site.customer_set, page_size=MOST_NAMESAKES),
            ).items
            if keys & {other.username_key, other.email_key}
        }
        return tuple(sorted(found)[:MOST_NAMESAKES])

    def _site(self, tenant_id: int, site_id: int) -> Site:
        site = self.customer_sets.structure.site(tenant_id, site_id)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        return site


def _there(found: Sequence[CustomerAccount]) -> list[CustomerAccount]:
    """Leave out who was erased and is still found by number: nobody is there to order."""
    return [account for account in found if account.erased_at is None]
