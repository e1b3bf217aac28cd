"""The storefronts' use cases, connected."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.customer_sets.service import CustomerSets
from authsvc.infra.database import Database
from authsvc.login.service import Login
from authsvc.regrouping.site_store import SiteStore
from authsvc.sessions.arrival_store import ArrivalStore
from authsvc.sessions.arrivals import Arrivals
from authsvc.sessions.browser import BrowserSessions
from authsvc.storefront.places import Places
from authsvc.storefront.signing_in import FormSignIn


@dataclass(frozen=True, slots=True)
class Storefront:
    """What the pages ask of."""

    places: Places
    sign_in: FormSignIn
    arrivals: Arrivals


def connect_storefront(
    database: Database, customer_sets: CustomerSets, login: Login, browser_sessions: BrowserSessions
) -> Storefront:
    """Connect the use cases over `database`."""
    return Storefront(
        Places(login.directory, customer_sets, SiteStore(database)),
        FormSignIn(login, browser_sessions),
        Arrivals(
            ArrivalStore(database),
            browser_sessions,
            login.directory,
            database.transaction,
            login.clock,
        ),
    )
