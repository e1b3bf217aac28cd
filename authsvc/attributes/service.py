"""Defining attributes, and saying, reading and forgetting what an account has under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.attributes.rules import (
    DEFINITION_FIELDS,
    AccountAttribute,
    AttributeExists,
    Definition,
    EmptyAttribute,
    UnknownAttribute,
    changed,
    checked,
    refuse_to_shopper,
    values_to_keep,
)
from authsvc.audit.rules import Change, changes_between
from authsvc.callers import Caller
from authsvc.known_accounts import KnownAccounts

if TYPE_CHECKING:
    from authsvc.attributes.definition_store import DefinitionStore
    from authsvc.attributes.store import AttributeStore
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.listing.paging import Page


@dataclass(frozen=True, slots=True)
class Attributes:
    """The use cases; each is one transaction. A shopper knows of visible attributes only."""

    store: AttributeStore
    definitions: DefinitionStore
    accounts: KnownAccounts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def of_account(self, tenant_id: int, account_id: int) -> tuple[AccountAttribute, ...]:
        """Return everything of this feature that is held on an account, hidden from shoppers or not."""
        return self.store.of_accounts(tenant_id, [account_id]).get(account_id, ())

    def seen(
        self, caller: Caller, account_id: int, user_id: str | None = None
    ) -> tuple[AccountAttribute, ...]:
        """Return what this caller may see of an account; raises `UnknownAccount`."""
        self.accounts.known(caller.tenant_id, account_id, user_id)
        return tuple(
            each
            for each in self.of_account(caller.tenant_id, account_id)
            if not caller.is_shopper or each.definition.is_shown_to_shoppers
        )

    def attribute(
        self, caller: Caller, account_id: int, name: str, user_id: str | None = None
    ) -> AccountAttribute:
        """Return what an account has under one attribute; raises `UnknownAccount` or `UnknownAttribute`."""
        for each in self.seen(caller, account_id, user_id):
            if each.definition.fully_qualified_name.lower() == name.lower():
                return each
        raise UnknownAttribute(name)

    def add(
        self, caller: Caller, account_id: int, name: str | None, values: Sequence[Any] | None
    ) -> AccountAttribute:
        """Say what an account has under an attribute.

        Raises `UnknownAccount`, `UnknownAttribute`, `EmptyAttribute`, `AttributeExists`, `Invalid`, `Forbidden`.
        """
        if not name:
            raise EmptyAttribute
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            definition = self._to_say(caller, name)
            kept = values_to_keep(definition, values)
            if not self.store.add(
                caller.tenant_id, account_id, definition.id, kept, caller.name, self.clock()
            ):
                raise AttributeExists
            self._note(caller, account_id, "added", definition, None, kept)
            return self.attribute(caller, account_id, name)

    def update(
        self, caller: Caller, account_id: int, name: str, values: Sequence[Any] | None
    ) -> AccountAttribute:
        """Say it anew; raises as `add` does, `UnknownAttribute` also where the account has none."""
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            definition = self._to_say(caller, name)
            kept = values_to_keep(definition, values)
            old = self._held(caller, account_id, definition)
            if old != kept:
                self.store.update(
                    caller.tenant_id, account_id, definition.id, kept, caller.name, self.clock()
                )
                self._note(caller, account_id, "updated", definition, old, kept)
            return self.attribute(caller, account_id, name)

    def set(self, caller: Caller, account_id: int, name: str, values: Sequence[Any]) -> None:
        """Say it, for the first time or anew; sending back what is known already does no harm. Raises as `add` does."""
        with self.transaction():
            known = {
                each.definition.fully_qualified_name.lower(): each.values
                for each in self.seen(caller, account_id)
            }
            if name.lower() not in known:
                self.add(caller, account_id, name, values)
            elif known[name.lower()] != tuple(values):
                self.update(caller, account_id, name, values)

    def delete(self, caller: Caller, account_id: int, name: str) -> None:
        """Forget what an account has under an attribute; raises `UnknownAccount`, `UnknownAttribute`, `Forbidden`."""
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            definition = self._to_say(caller, name)
            old = self._held(caller, account_id, definition)
            self.store.remove(caller.tenant_id, account_id, definition.id)
            self._note(caller, account_id, "deleted", definition, old, None)

    def page_of_definitions(
        self, caller: Caller, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Definition], int]:
        """Return a page of the definitions this caller may see, and how many match; raises `Invalid`."""
        return self.definitions.page(
            caller.tenant_id, page, filter_text, sort_by, shown_to_shoppers=caller.is_shopper
        )

    def definition(self, caller: Caller, name: str) -> Definition:
        """Return a definition; raises `UnknownAttribute`."""
        found = self.definitions.definition(caller.tenant_id, name)
        if found is None or (caller.is_shopper and not found.is_shown_to_shoppers):
            raise UnknownAttribute(name)
        return found

    def define(self, caller: Caller, definition: Definition) -> Definition:
        """Keep a new definition; raises `AttributeExists` or `Invalid`."""
        with self.transaction():
            made = self.definitions.add(
                caller.tenant_id, checked(definition), caller.name, self.clock()
            )
            self._note_definition(caller, "attribute.created", None, made)
        return made

    def redefine(self, caller: Caller, name: str, wanted: Mapping[str, Any]) -> Definition:
        """Change a definition, all but its name and data type; raises `UnknownAttribute` or `Invalid`."""
        with self.transaction():
            old = self.definitions.definition(caller.tenant_id, name, for_update=True)
            if old is None:
                raise UnknownAttribute(name)
            new = changed(old, wanted)
            if new != old:
                self.definitions.update(caller.tenant_id, new, caller.name, self.clock())
                self._note_definition(caller, "attribute.updated", old, new)
            return self.definition(caller, name)

    def _to_say(self, caller: Caller, name: str) -> Definition:
        definition = self.definition(caller, name)
        if caller.is_shopper:
            refuse_to_shopper(definition)
        return definition

    def _held(self, caller: Caller, account_id: int, definition: Definition) -> tuple[Any, ...]:
        values = self.store.held(caller.tenant_id, account_id, definition.id)
        if values is None:
            raise UnknownAttribute(definition.fully_qualified_name)
        return values

    def _note(
        self,
        caller: Caller,
        account_id: int,
        action: str,
        definition: Definition,
        old: tuple[Any, ...] | None,
        new: tuple[Any, ...] | None,
    ) -> None:
        change = Change(f"attributes/{definition.fully_qualified_name}", old, new)
        self.trail.note(caller, f"account.attribute_{action}", f"account:{account_id}", [change])

    def _note_definition(
        self, caller: Caller, action: str, old: Definition | None, new: Definition
    ) -> None:
        before = {name: getattr(old, name) for name in DEFINITION_FIELDS} if old else {}
        after = {name: getattr(new, name) for name in DEFINITION_FIELDS}
        self.trail.note(caller, action, f"attribute:{new.id}", changes_between(before, after))
