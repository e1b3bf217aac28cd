"""The words customers are found by in PostgreSQL, written with the customer and in the same transaction."""

from __future__ import annotations

from sqlalchemy import text

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.search_words import found_by
from authsvc.infra.database import Database
from authsvc.infra.statements import Statement

#: The columns whose words a customer is found by.
SEARCHED = frozenset(
    {"first_name", "last_name", "company_or_organization", "email_address", "username"}
)

_FORGET = Statement(
    text("""
    DELETE FROM customer_search_words WHERE tenant_id = :tenant_id AND account_id = :account_id
""")
)
# Set, lock and login are the account's as they are now; from then on triggers keep them (migration 0009).
_KEEP = Statement(
    text("""
    INSERT INTO customer_search_words
        (tenant_id, account_id, word, other_words, is_listed, home_set_code, is_locked, is_guest)
    SELECT accounts.tenant_id, accounts.id, words.word, words.other_words, words.is_listed,
        accounts.customer_set_code, accounts.is_locked, NOT EXISTS (
            SELECT FROM credentials
            WHERE credentials.tenant_id = accounts.tenant_id AND credentials.account_id = accounts.id)
    FROM accounts, unnest(CAST(:words AS text[]), CAST(:others AS text[]), CAST(:listed AS boolean[]))
        AS words (word, other_words, is_listed)
    WHERE accounts.tenant_id = :tenant_id AND accounts.id = :account_id
""")
)


class SearchWordStore:
    """Every query names the tenant it asks for; whoever calls has written the account in the same transaction."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, account: CustomerAccount) -> None:
        """Write the words of a new account."""
        words = found_by(
            last_name=account.last_name,
            first_name=account.first_name,
            company_or_organization=account.company_or_organization,
            email_address=account.email_address,
            username=account.username,
        )
        self._database.run(
            _KEEP,
            tenant_id=account.tenant_id,
            account_id=account.id,
            words=[word.word for word in words],
            others=[word.other_words for word in words],
            listed=[word.is_listed for word in words],
        )

    def replace(self, account: CustomerAccount) -> None:
        """Write the words of an account anew."""
        self._database.run(_FORGET, tenant_id=account.tenant_id, account_id=account.id)
        self.add(account)
