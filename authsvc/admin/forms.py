"""Forms that nobody else can send: a token bound to the browser's own cookie, and a look at where they came from."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from flask import Request

from authsvc.errors import Forbidden

FIELD = "form_token"
_PURPOSE = b"authsvc admin form"


class ForgedForm(Forbidden):
    """A form was sent by another page than ours, or by ours before the session changed."""

    def __init__(self) -> None:
        """Say what an honest user does now."""
        super().__init__(
            "This form is no longer valid; nothing was changed. Go back, reload the page and try again."
        )


def form_token(secret: str) -> str:
    """Return the token of all forms of a browser whose cookie holds `secret`.

    Made from the cookie and telling nothing about it, so it changes whenever the session's token does.
    """
    mac = hmac.digest(secret.encode("utf-8", "surrogateescape"), _PURPOSE, hashlib.sha256)
    return urlsafe_b64encode(mac).decode()


def refuse_forged(request: Request, secret: str) -> None:
    """Raise `ForgedForm` unless the form comes from our own pages and holds this browser's token.

    Browsers say where a form came from, in `Sec-Fetch-Site` or `Origin`; what says nothing is judged by the token.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.host}"
    sent = request.form.get(FIELD, "").encode("utf-8", "surrogateescape")
    if (
        (site is not None and site != "same-origin")
        or (origin is not None and origin != own)
        or not secret
        or not hmac.compare_digest(sent, form_token(secret).encode())
    ):
        raise ForgedForm
