"""Where a form may lead to, and in which words it is refused to a storefront's own page."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit, urlunsplit

# Longer ones do not fit every proxy's buffers once they stand in our own address.
LONGEST_ADDRESS = 2_000

# Only what RFC 3986 lets stand in an address: no white space, no control character, no backslash, which browsers read
# as a slash, and nothing beyond ASCII, which may look like something else. A path has no second slash in front.
_REST = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*"
_OWN = re.compile(rf"/(?![/\\]){_REST}", re.ASCII)
# No user information: the host ends where path, query or fragment begin.
_ABSOLUTE = re.compile(
    rf"(?P<origin>https?://[a-z0-9.-]+(:[0-9]{{1,5}})?)(?P<rest>([/?#]{_REST})?)", re.ASCII
)


def return_address(text: str | None, origins: Collection[str], own: str | None) -> str | None:
    """Return the address that a browser may be sent on to, with its origin, or None for any other text.

    It is a path on `own` (an origin; None: there is none to be relative to), or an address at one of `origins`, which
    are in lower case and without default ports, as browsers write them.
    """
    if not text or len(text) > LONGEST_ADDRESS:
        return None
    if own is not None and _OWN.fullmatch(text):
        return own + text
    found = _ABSOLUTE.fullmatch(text)
    if found is None or found["origin"] not in origins:
        return None
    return text


def origin_of(address: str) -> str:
    """Return the origin of an address that `return_address` has let through."""
    found = urlsplit(address)
    return f"{found.scheme}://{found.netloc}"


def with_error(address: str, code: str) -> str:
    """Return an address with `error` in its query: a short code, and nothing that anybody has typed."""
    parts = urlsplit(address)
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("error=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"error={code}"])))
