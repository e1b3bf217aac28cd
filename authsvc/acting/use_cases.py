"""Acting for shoppers, over its store; app.py takes it from here."""

from __future__ import annotations

from authsvc.accounts.service import Accounts
from authsvc.acting.service import ActingForShoppers
from authsvc.acting.store import ActingStore
from authsvc.infra.database import Database
from authsvc.sessions.arrivals import Arrivals
from authsvc.sessions.jwt import JwtTickets


def connect_acting(
    database: Database, accounts: Accounts, jwt: JwtTickets, arrivals: Arrivals
) -> ActingForShoppers:
    """Connect the use cases to their store."""
    return ActingForShoppers(
        ActingStore(database),
        accounts,
        accounts.sessions,
        arrivals.directory,
        jwt,
        database.transaction,
        arrivals.browser_sessions,
        arrivals,
    )
