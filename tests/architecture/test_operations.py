"""Deny by default: every address of the service either asks who is calling, or is on this list."""

from __future__ import annotations

from flask import Flask

from authsvc.callers import Requires
from authsvc.web.running import Endpoint

OPEN_TO_ANYBODY = {
    # How applications prove who they are.
    "applications.authenticate_oauth",
    "applications.authenticate",
    "applications.refresh",
    "applications.delete",
    # Judges the session that is shown, and answers 401 without one.
    "sessions.check_session",
    # The same for many: whoever asks must have the tokens.
    "session_checks.check_sessions",
    # Asks for HTTP Basic or an application's ticket by itself: RFC 7662 has refusals of its own.
    "introspection.introspect",
    # Which pages may ask for a domain's passkeys: browsers ask, without anybody.
    "related_origins.related_origins",
    # Public keys.
    "sessions.get_keys",
    "sessions.get_keys_of_all_times",
    # For whoever watches the process.
    "health.alive",
    "health.ready",
}

# Pages and files beside the operations; tests/admin/test_frame.py asks the same of the admin pages.
ADMIN_PAGES = "admin."
# Of shoppers, who sign in by them; tests/storefront asks the same of those.
STOREFRONT_PAGES = "storefront."
NO_OPERATIONS = {"api_docs.docs", "api_docs.openapi"}


def test_every_address_asks_who_is_calling_or_is_open_on_purpose(app: Flask) -> None:
    asks_nobody, others = set(), set()
    for name, view in app.view_functions.items():
        if name.startswith((ADMIN_PAGES, STOREFRONT_PAGES)):
            continue
        if not isinstance(view, Endpoint):
            others.add(name)
        elif view._requires is None:
            asks_nobody.add(name)
        else:
            assert isinstance(view._requires, Requires), name
    assert asks_nobody == OPEN_TO_ANYBODY
    assert others == NO_OPERATIONS


def test_every_operation_says_what_it_does(app: Flask) -> None:
    for name, view in app.view_functions.items():
        if isinstance(view, Endpoint):
            assert (view._view.__doc__ or "").strip().endswith("."), name


def test_no_two_operations_share_an_address(app: Flask) -> None:
    addresses = [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    ]
    assert len(addresses) == len(set(addresses))
