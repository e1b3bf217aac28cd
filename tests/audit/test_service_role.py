"""docs/audit.md: a role that owns nothing can serve, and cannot touch what is sealed, triggers or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from authsvc.services import connect_services
from authsvc.settings import Settings
from tests.isolation.fresh_database import fresh_database
from tests.merchants import new_merchant

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"
ROLE = "authsvc_service"


def documented_grants() -> str:
    """Return the SQL that the document shows."""
    found = re.search(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def test_a_role_that_owns_nothing_can_serve_and_cannot_touch_the_trail(
    settings: Settings, client: FlaskClient
) -> None:
    with fresh_database(settings, migrated=True) as database:
        with database.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'"))
            connection.execute(text(documented_grants()))
        try:
            url = make_url(database.engine.url).set(username=ROLE, password=ROLE)
            address = SecretStr(url.render_as_string(hide_password=False))
            own = connect_services(settings.model_copy(update={"database_url": address}))
            try:
                own.key_rotation.ensure_one()
                merchant = new_merchant(own, client)
                account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
                assert account is not None
                assert own.audit.sealing.run() > 0
                own.privacy.erase(merchant.caller(), account.id)
                assert own.audit.sealing.run() > 0
                assert len(list(own.audit.verification.run(merchant.tenant_id))) == 1
            finally:
                own.close()
            refused(url, "DELETE FROM audit_entries")
            refused(url, "UPDATE audit_entries SET actor = 'x'")
            refused(url, "DELETE FROM audit_links")
            refused(url, "UPDATE audit_links SET digest = digest")
            refused(url, "TRUNCATE audit_chains")
            refused(url, "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_are_final")
            refused(url, "SET session_replication_role = replica")
        finally:
            with database.engine.begin() as connection:
                connection.execute(text(f"DROP OWNED BY {ROLE}"))
                connection.execute(text(f"DROP ROLE {ROLE}"))


def refused(url: URL, statement: str) -> None:
    """See that PostgreSQL says no, before any trigger could."""
    engine = create_engine(url)
    try:
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            engine.begin() as connection,
        ):
            connection.execute(text(statement))
    finally:
        engine.dispose()
