"""For services in Python: whose session a token shows, on which site, at this moment (docs/client.md).

It needs nothing but Python's standard library. `flask`, `wsgi` and `asgi` beside it guard whole applications.
"""

from authsvc.client.async_client import AsyncClient
from authsvc.client.client import Client
from authsvc.client.errors import (
    CannotTell,
    ClientError,
    Misconfigured,
    NoSession,
    NotSignedIn,
    OtherCustomerSet,
    SessionEnded,
    SessionExpired,
    UnknownSite,
)
from authsvc.client.kept_answers import Bounds
from authsvc.client.questions import Application
from authsvc.client.session import Session

__all__ = [
    "Application",
    "AsyncClient",
    "Bounds",
    "CannotTell",
    "Client",
    "ClientError",
    "Misconfigured",
    "NoSession",
    "NotSignedIn",
    "OtherCustomerSet",
    "Session",
    "SessionEnded",
    "SessionExpired",
    "UnknownSite",
]
