"""Where a sign-in leads back to: an admin page of ours or nowhere, whoever wrote the link."""

from __future__ import annotations

import re

# Path and query of plain characters below /admin: no scheme, no host, no backslash, no dots that climb.
_OWN = re.compile(
    r"/admin(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)*/?(?:\?[A-Za-z0-9_~%.&=+-]*)?", re.ASCII
)
_LONGEST = 2000


def own_page(address: str | None) -> str | None:
    """Return an address that is one of our pages, or None."""
    if address and len(address) <= _LONGEST and _OWN.fullmatch(address):
        return address
    return None
