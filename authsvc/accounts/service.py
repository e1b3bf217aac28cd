"""Creating, reading, changing, moving and deleting customer accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from authsvc.accounts.rules import (
    NO_ACCOUNT,
    SIGNS_IN,
    CustomerAccount,
    EmailAddressTaken,
    UnknownAccount,
    UsernameTaken,
    asks_for_another_address,
    changes_to_apply,
    fields_of_new_account,
    refuse_if_changed,
)
from authsvc.accounts.usernames import EmailAddress, Username
from authsvc.audit.rules import Change, changes_between
from authsvc.callers import Caller, FreshSignIn
from authsvc.contacts.rules import Contact, new_contacts
from authsvc.customer_sets.rules import Site
from authsvc.errors import Forbidden, Invalid
from authsvc.guessing.rules import Door
from authsvc.sessions.rules import EndReason

if TYPE_CHECKING:
    from authsvc.accounts.store import AccountStore
    from authsvc.audit.store import AuditTrail
    from authsvc.contacts.store import ContactStore
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.guessing.service import Attempts
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.service import Sessions


@dataclass(frozen=True, slots=True)
class Accounts:
    """The use cases; each is one transaction."""

    store: AccountStore
    contacts: ContactStore
    customer_sets: CustomerSets
    sessions: Sessions
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    # (caller, account as it was): tells the holder of an address that it is the account's no longer.
    tell_old_address: Callable[[Caller, CustomerAccount], None]
    attempts: Attempts
    new_user_id: Callable[[], str] = lambda: uuid4().hex

    def create(
        self,
        caller: Caller,
        site_id: int,
        fields: Mapping[str, Any],
        contacts: Sequence[Contact] = (),
        user_id: str | None = None,
    ) -> CustomerAccount:
        """Create an account in the set the site is in at this moment (rule 7); it has no login yet.

        `fields`: those of `rules.APPLICATION_FIELDS` that are known; a username is claimed for the account.
        Raises `UnknownSite`, `Invalid`, `UsernameTaken` or `UserIdTaken`.
        """
        with self.transaction():
            site = self.customer_sets.site_for_enrolment(caller.tenant_id, site_id)
            return self.create_in(caller, site, fields, contacts, user_id)

    def create_in(
        self,
        caller: Caller,
        site: Site,
        fields: Mapping[str, Any],
        contacts: Sequence[Contact] = (),
        user_id: str | None = None,
    ) -> CustomerAccount:
        """Within a transaction that holds `site` in its set, create an account there; see `create`."""
        now = self.clock()
        given = fields_of_new_account(fields, by_shopper=caller.is_shopper)
        if user_id is not None and caller.is_shopper and not caller.is_anonymous_as(user_id):
            raise Forbidden(
                "A shopper cannot choose a userId; only an anonymous shopper's own stays."
            )
        columns = {"customer_since": now} | given | _keys(given)
        account = self.store.add(
            columns
            | {
                "tenant_id": site.tenant_id,
                "customer_set_code": site.customer_set,
                "user_id": user_id or self.new_user_id(),
                "is_active": True,
                "is_locked": False,
                "visits_count": 0,
                "wishlist_count": 0,
                "created_at": now,
                "created_by": caller.name,
                "updated_at": now,
                "updated_by": caller.name,
            }
        )
        self.contacts.add_all(site.tenant_id, account.id, new_contacts(contacts), caller.name, now)
        self.trail.note(
            caller,
            "account.created",
            f"account:{account.id}",
            [Change("customerSet", None, site.customer_set), *changes_between({}, given)],
        )
        return self.with_contacts([account])[0] if contacts else account

    def account(self, tenant_id: int, account_id: int) -> CustomerAccount:
        """Return an account with its contacts; raises `UnknownAccount`."""
        account = self.store.account(tenant_id, account_id)
        if account is None:
            raise UnknownAccount(account_id)
        return self.with_contacts([account])[0]

    def known(self, tenant_id: int, account_id: int, user_id: str | None = None) -> None:
        """Raise `UnknownAccount` unless the tenant has this account, with this user id if one is given."""
        found = self.store.user_id(tenant_id, account_id)
        if found is None or (user_id and user_id != found):
            raise UnknownAccount(account_id)

    def keep(self, tenant_id: int, account_id: int) -> None:
        """Within a transaction, see to it that an account is not deleted meanwhile; raises `UnknownAccount`."""
        if self.store.user_id(tenant_id, account_id, stays=True) is None:
            raise UnknownAccount(account_id)

    def with_contacts(self, accounts: Sequence[CustomerAccount]) -> list[CustomerAccount]:
        """Return accounts of one tenant together with their contacts."""
        if not accounts:
            return []
        found = self.contacts.of_accounts(
            accounts[0].tenant_id, [account.id for account in accounts]
        )
        return [replace(account, contacts=found.get(account.id, ())) for account in accounts]

    def held(self, tenant_id: int, account_id: int) -> CustomerAccount:
        """Within a transaction, return an account that nobody else can change meanwhile.

        Raises `UnknownAccount`, also for one that was erased: nothing is changed on it any more.
        """
        account = self.store.account(tenant_id, account_id, for_update=True)
        if account is None or account.erased_at is not None:
            raise UnknownAccount(account_id)
        return account

    def update(
        self,
        caller: Caller,
        account_id: int,
        wanted: Mapping[str, Any],
        expected: Mapping[str, Any] = MappingProxyType({}),
    ) -> CustomerAccount:
        """Change fields of an account; what is absent stays ([K] 3.3). Its set is changed by a plan (`regrouping`).

        `expected`: what fields were when the caller read them. Raises `ChangedMeanwhile` where one is not any more,
        `UnknownAccount`, `Invalid`, `Forbidden`, `UsernameTaken`, `EmailAddressTaken`, and where a
        shopper changes what they sign in with `FreshSignInRequired`, or `TooManyFailures` after too many addresses that
        are taken.
        """
        known = self.account(caller.tenant_id, account_id)
        if not (caller.is_shopper and asks_for_another_address(known, wanted)):
            return self._update(caller, account_id, wanted, expected)
        # A shopper who hears that an address is taken has learnt who exists, like somebody who signs up.
        with self.attempts.judged(caller, Door.SIGN_UP, EmailAddressTaken, UsernameTaken):
            return self._update(caller, account_id, wanted, expected)

    def _update(
        self,
        caller: Caller,
        account_id: int,
        wanted: Mapping[str, Any],
        expected: Mapping[str, Any],
    ) -> CustomerAccount:
        with self.transaction():
            account = self.held(caller.tenant_id, account_id)
            refuse_if_changed(account, expected)
            changed = changes_to_apply(account, wanted, by_shopper=caller.is_shopper)
            if caller.is_acted_for and changed.keys() & SIGNS_IN:
                raise Forbidden("Whoever acts for a shopper cannot change what they sign in with.")
            if changed.keys() & SIGNS_IN:
                self.sessions.freshness.ensure(caller, FreshSignIn.NEEDED_BEYOND_VENDOR)
            columns = changed | _keys(changed)
            if columns:
                self._ensure_free(account, columns)
                self._save(caller, account, columns, "account.updated")
                if (
                    caller.is_shopper
                    and columns.get("email_key", account.email_key) != account.email_key
                ):
                    self.tell_old_address(caller, account)
        return self.account(caller.tenant_id, account_id)

    def delete(self, caller: Caller, account_id: int) -> None:
        """Delete an account; its sessions end everywhere with it. Raises `UnknownAccount` or `AccountHasOrders`."""
        with self.transaction():
            account = self.held(caller.tenant_id, account_id)
            self.sessions.end_all(caller.tenant_id, account_id, EndReason.ACCOUNT_DELETED)
            self.store.remove(caller.tenant_id, account_id)
            self.trail.note(
                caller,
                "account.deleted",
                f"account:{account_id}",
                [
                    Change("customerSet", account.customer_set, None),
                    Change("userName", account.username, None),
                ],
            )

    def disable(self, caller: Caller, account_id: int) -> None:
        """Disable an account: it cannot sign in, and its sessions end. Raises `UnknownAccount`."""
        with self.transaction():
            account = self.held(caller.tenant_id, account_id)
            if account.is_active:
                self._save(caller, account, {"is_active": False}, "account.disabled")
                self.sessions.end_all(caller.tenant_id, account_id, EndReason.ACCOUNT_DISABLED)

    def set_locked(self, caller: Caller, account_id: int, *, locked: bool) -> None:
        """Lock or unlock an account; locking ends its sessions. Raises `UnknownAccount`."""
        with self.transaction():
            account = self.held(caller.tenant_id, account_id)
            if account.is_locked == locked:
                return
            # When it was last locked stays known after it is unlocked ([K] 3.2, lastLockedOn).
            columns: dict[str, Any] = {"is_locked": locked}
            if locked:
                columns["locked_at"] = self.clock()
                self.sessions.end_all(caller.tenant_id, account_id, EndReason.ACCOUNT_LOCKED)
            self._save(caller, account, columns, "account.locked" if locked else "account.unlocked")

    def ensure_identifiers_free(
        self,
        tenant_id: int,
        customer_set: str,
        username_key: str | None,
        email_key: str | None,
        *,
        besides: int = NO_ACCOUNT,
    ) -> None:
        """Refuse names that others in the set answer to; see `NamesTaken.refuse`."""
        names = {name for name in (username_key, email_key) if name is not None}
        self.store.names_taken(tenant_id, customer_set, names, besides=besides).refuse(
            username_key, email_key
        )

    def holders(
        self, tenant_id: int, customer_set: str, username: str | None, email_address: str | None
    ) -> tuple[int, ...]:
        """Return the accounts of a set that answer to either name, for staff; none for what is no name."""
        try:
            keys = _keys({"username": username or None, "email_address": email_address or None})
        except Invalid:
            return ()
        names = {key for key in (keys.get("username_key"), keys.get("email_key")) if key}
        return self.store.names_taken(tenant_id, customer_set, names).account_ids

    def _ensure_free(self, account: CustomerAccount, columns: Mapping[str, Any]) -> None:
        """Refuse what would make two logins of a set answer to one name."""
        new_username, new_email = columns.get("username_key"), columns.get("email_key")
        if account.has_login and (new_username or new_email):
            claimed = [key for key in (new_username, new_email) if key]
            tenant_id, customer_set = account.tenant_id, account.customer_set
            self.store.hold_names(tenant_id, customer_set, claimed)
            self.ensure_identifiers_free(
                tenant_id, customer_set, new_username, new_email, besides=account.id
            )

    def _save(
        self, caller: Caller, account: CustomerAccount, columns: Mapping[str, Any], action: str
    ) -> None:
        self.store.update(
            account.tenant_id,
            account.id,
            dict(columns) | {"updated_at": self.clock(), "updated_by": caller.name},
        )
        old = {name: getattr(account, name, None) for name in columns}
        self.trail.note(caller, action, f"account:{account.id}", changes_between(old, columns))


def _keys(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from a username or e-mail address; raises `Invalid` for what is neither."""
    columns: dict[str, Any] = {}
    if fields.get("username") is not None:
        username = Username.parse(fields["username"])
        columns |= {"username": username.as_typed, "username_key": username.key}
    if fields.get("email_address") is not None:
        email_address = EmailAddress.parse(fields["email_address"])
        columns |= {"email_address": email_address.as_typed, "email_key": email_address.key}
    return columns
