"""Customers for the tests of the search, written as its stores write them, and a plain Python filter over them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import text

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_search.rules import CustomerQuery
from tests.merchants import Merchant

LOGIN = text("""
    INSERT INTO credentials (tenant_id, account_id, username_key, password_hash, must_change_password,
        password_changed_at, created_at, updated_at)
    VALUES (:tenant_id, :account_id, :username_key, 'x', false, now(), now(), now())
""")
_ALL_OF_THEM = text("DELETE FROM accounts WHERE tenant_id = :tenant_id")


@dataclass(frozen=True)
class Person:
    """What a customer is made with."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    email: str | None = None
    customer_set: str = "b2c"
    is_locked: bool = False
    has_login: bool = True


def keep(shop: Merchant, person: Person, username: str | None = None) -> CustomerAccount:
    """Write a customer, locked or with a login afterwards, as it happens to real ones."""
    services, username = shop.services, username or f"u{uuid4().hex}"
    now = services.clock()
    stamp = {"created_at": now, "created_by": "tests", "updated_at": now, "updated_by": "tests"}
    with services.database.transaction():
        account = services.accounts.store.add(
            stamp
            | {
                "tenant_id": shop.tenant_id,
                "customer_set_code": person.customer_set,
                "user_id": uuid4().hex,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "company_or_organization": person.company,
                "email_address": person.email,
                "email_key": person.email,
                "username": username if person.has_login else None,
                "username_key": username if person.has_login else None,
                "account_type": "B2C",
                "tax_exempt": False,
                "accepts_marketing": False,
                "is_active": True,
                "is_locked": False,
                "customer_since": now,
                "visits_count": 0,
                "wishlist_count": 0,
            }
        )
        if person.is_locked:
            services.accounts.store.update(shop.tenant_id, account.id, {"is_locked": True})
        if person.has_login:
            with services.database.connection() as connection:
                ids = {"tenant_id": shop.tenant_id, "account_id": account.id}
                connection.execute(LOGIN, ids | {"username_key": username})
    kept = services.accounts.store.account(shop.tenant_id, account.id)
    assert kept is not None
    return kept


def forget_all(shop: Merchant) -> None:
    """Delete the merchant's customers."""
    with shop.services.database.connection() as connection:
        connection.execute(_ALL_OF_THEM, {"tenant_id": shop.tenant_id})


def folded(words: str) -> str:
    """Return text as it is compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).casefold())


def words_of(account: CustomerAccount) -> list[str]:
    """Return the words of a customer: what begins a name, or follows white space or a mark in it."""
    names = (account.first_name, account.last_name, account.company_or_organization)
    words = []
    for piece in (piece for name in names for piece in folded(name or "").split()):
        is_letter = [unicodedata.category(character)[0] in "LNM" for character in piece]
        words += [
            piece[at:]
            for at in range(len(piece))
            if at == 0 or (is_letter[at] and not is_letter[at - 1])
        ]
    for whole in (account.email_address, account.username):
        words += folded(whole or "").split()
    return words


def is_meant(account: CustomerAccount, query: CustomerQuery) -> bool:
    """Tell whether `query` means `account`."""
    filters = (
        (query.customer_set, account.customer_set),
        (query.is_locked, account.is_locked),
        (query.is_guest, not account.has_login),
    )
    its_words = words_of(account)
    return all(wanted is None or wanted == found for wanted, found in filters) and all(
        any(its.startswith(word) for its in its_words)
        or (word.isascii() and word.isdigit() and int(word) == account.id)
        for word in folded(query.text).split()
    )
