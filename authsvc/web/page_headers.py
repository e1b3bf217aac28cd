"""What every page is sent with: nothing runs, nothing is framed, nothing comes from another host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def page_headers(
    *, script: bool = False, form_targets: Iterable[str] = (), address_is_secret: bool = False
) -> Mapping[str, str]:
    """Return the headers of a page whose style and images are files of ours.

    `script`: it has one, also a file of ours, which asks our own host only. `form_targets`: other origins that a form
    of the page may end up at; browsers judge where its answer redirects to as well (CSP 3 §6.4.1). `form-action`
    keeps a form from being sent elsewhere even if markup were ever injected. `address_is_secret`: a token stands in it,
    and no other page, not even of ours, is told where the browser was; our own form is then known by `Sec-Fetch-Site`.
    """
    scripts = "script-src 'self'; connect-src 'self'; " if script else ""
    targets = " ".join(("'self'", *form_targets))
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; {scripts}style-src 'self'; img-src 'self'; "
            f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
        ),
        # Elsewhere not `no-referrer`, with which browsers hide the origin of our own forms too.
        "Referrer-Policy": "no-referrer" if address_is_secret else "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
