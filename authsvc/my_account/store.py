"""Versions of accounts in PostgreSQL: triggers count, see their migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, text

from authsvc.infra.database import Database
from authsvc.infra.statements import Statement
from authsvc.my_account.rules import Version

_VERSION = Statement(
    text("""
        SELECT CAST(CAST(accounts.xmin AS text) AS bigint) AS row_version,
            COALESCE(own.version, 0) AS own_version, COALESCE(shared.version, 0) AS shared_version
        FROM accounts
        LEFT JOIN my_account_versions AS own
            ON own.tenant_id = accounts.tenant_id AND own.account_id = accounts.id
        LEFT JOIN my_account_versions AS shared
            ON shared.tenant_id = accounts.tenant_id AND shared.account_id = 0
        WHERE accounts.tenant_id = :tenant_id AND accounts.id = :account_id
    """).columns(row_version=BigInteger, own_version=BigInteger, shared_version=BigInteger)
)


class MyAccountStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def version(self, tenant_id: int, account_id: int) -> Version | None:
        """Return which state of an account is the committed one at this moment, or None without such an account."""
        rows = self._database.run(_VERSION, tenant_id=tenant_id, account_id=account_id)
        if not rows:
            return None
        (row,) = rows
        return Version(row.row_version, row.own_version, row.shared_version)
