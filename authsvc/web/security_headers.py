"""Headers that every answer carries unless the one who made it says otherwise.

No CORS headers and no answer to preflight requests: browsers call from the storefront's own origin, as the
vendor's SDK does ([K] A10), or through its server, and so no other site's script may read an answer.
`Strict-Transport-Security` is for whoever ends TLS and knows the domain.
"""

from __future__ import annotations

SECURITY_HEADERS = (
    # Tickets and personal data must not stay in a browser's or a proxy's cache.
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    # JSON opened as a page may load nothing and be framed by nobody. Pages bring their own policy.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)

_FOLDED = tuple((name.lower(), (name, value)) for name, value in SECURITY_HEADERS)


def with_security_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a new list with those of the headers above that `headers` lacks."""
    present = {name.lower() for name, _ in headers}
    return headers + [header for folded, header in _FOLDED if folded not in present]
