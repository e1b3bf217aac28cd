"""How long sessions last: from the settings to the rules."""

from __future__ import annotations

from datetime import timedelta

from authsvc.sessions.browser import BrowserTerms
from authsvc.sessions.rules import BrowserLifetimes, Lifetimes
from authsvc.settings import Settings


def ticket_lifetimes(settings: Settings) -> Lifetimes:
    """Return how long what is in a ticket lasts."""
    return Lifetimes(
        timedelta(seconds=settings.access_token_seconds),
        timedelta(seconds=settings.refresh_token_seconds),
        timedelta(seconds=settings.refresh_grace_seconds),
        timedelta(seconds=settings.session_seconds),
    )


def browser_terms(settings: Settings) -> BrowserTerms:
    """Return how long a browser stays signed in, plainly and remembered."""
    return BrowserTerms(
        BrowserLifetimes(
            timedelta(seconds=settings.cookie_idle_seconds),
            timedelta(seconds=settings.cookie_seconds),
        ),
        BrowserLifetimes(
            timedelta(seconds=settings.remembered_idle_seconds),
            timedelta(seconds=settings.remembered_seconds),
        ),
    )
