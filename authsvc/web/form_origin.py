"""Which page sent a request that changes something: what browsers say of it, and scripts cannot forge."""

from __future__ import annotations

from collections.abc import Collection

SAME_ORIGIN = "same-origin"


def comes_from(origin: str, fetch_site: str, allowed: Collection[str]) -> bool:
    """Tell whether a request was sent by a page of one of the `allowed` origins.

    `origin`, `fetch_site`: the headers Origin and Sec-Fetch-Site, empty where there is none. Origin decides where it
    says something; pages that ask for `no-referrer` make browsers write `null` there, and then only our own page may
    have sent it. Who says neither proves nothing: every browser in use sends Origin with a form (Fetch §3.2).
    """
    if origin and origin != "null":
        return origin.lower() in allowed
    return fetch_site == SAME_ORIGIN
