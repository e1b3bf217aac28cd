"""Versions of accounts in PostgreSQL: triggers count, see their migration."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import BigInteger, text

from authsvc.infra.line import Line
from authsvc.infra.statements import Statement
from authsvc.my_account.rules import AccountKey, Version

_VERSIONS = Statement(
    text("""
        SELECT asked.tenant_id, asked.account_id,
            CAST(CAST(accounts.xmin AS text) AS bigint) AS row_version,
            COALESCE(own.version, 0) AS own_version, COALESCE(shared.version, 0) AS shared_version
        FROM unnest(CAST(:tenant_ids AS bigint[]), CAST(:account_ids AS bigint[])) AS asked(tenant_id, account_id)
        JOIN accounts ON accounts.tenant_id = asked.tenant_id AND accounts.id = asked.account_id
        LEFT JOIN my_account_versions AS own
            ON own.tenant_id = asked.tenant_id AND own.account_id = asked.account_id
        LEFT JOIN my_account_versions AS shared
            ON shared.tenant_id = asked.tenant_id AND shared.account_id = 0
    """).columns(
        tenant_id=BigInteger,
        account_id=BigInteger,
        row_version=BigInteger,
        own_version=BigInteger,
        shared_version=BigInteger,
    )
)


class MyAccountStore:
    """Every query names the tenant of each account it asks for."""

    def __init__(self, line: Line) -> None:
        """Ask over `line`, one question at a time."""
        self._line = line

    def versions(self, accounts: Collection[AccountKey]) -> dict[AccountKey, Version]:
        """Return which state of each account is the committed one at this moment; unknown ones are left out."""
        tenant_ids, account_ids = zip(*accounts, strict=True)
        rows = self._line.run(_VERSIONS, tenant_ids=list(tenant_ids), account_ids=list(account_ids))
        return {
            (row.tenant_id, row.account_id): Version(
                row.row_version, row.own_version, row.shared_version
            )
            for row in rows
        }
