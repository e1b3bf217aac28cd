"""The storefronts' use cases, connected."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.credentials.service import Credentials
from authsvc.customer_sets.service import CustomerSets
from authsvc.infra.database import Database
from authsvc.login.service import Login
from authsvc.regrouping.site_store import SiteStore
from authsvc.sessions.arrival_store import ArrivalStore
from authsvc.sessions.arrivals import Arrivals
from authsvc.sessions.browser import BrowserSessions
from authsvc.sessions.proving import Proving
from authsvc.storefront.fresh_sign_in import FreshSignIns
from authsvc.storefront.places import Places
from authsvc.storefront.signing_in import FormSignIn


@dataclass(frozen=True, slots=True)
class Storefront:
    """What the pages ask of."""

    places: Places
    sign_in: FormSignIn
    arrivals: Arrivals
    fresh_sign_ins: FreshSignIns


def connect_storefront(
    database: Database,
    customer_sets: CustomerSets,
    login: Login,
    browser_sessions: BrowserSessions,
    credentials: Credentials,
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
        FreshSignIns(credentials, Proving(browser_sessions, login.sessions, database.transaction)),
    )
