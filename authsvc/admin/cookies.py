"""The two cookies of the admin pages: the staff session's token, and what binds a form before anybody has signed in.

Both are gone when the browser closes; `authsvc.web.cookies` says how they are kept.
"""

from __future__ import annotations

import secrets

from authsvc.web.cookies import drop, is_safe_transport, keep, read

__all__ = ["FORM", "SESSION", "drop", "is_safe_transport", "keep", "new_form_secret", "read"]

SESSION = "authsvc-staff"
FORM = "authsvc-staff-form"

_FORM_BYTES = 32


def new_form_secret() -> str:
    """Return what a browser is known by before anybody has signed in on it."""
    return secrets.token_urlsafe(_FORM_BYTES)
