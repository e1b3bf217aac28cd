"""A request's headers as they stand in WSGI's environment, without making a request of it first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class EnvironHeaders:
    """Headers by name without regard to case; PEP 3333 names `Content-Type` and `Content-Length` otherwise."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def get(self, key: str, default: str) -> str:
        """Return a header's value."""
        value: str = self._environ.get(_name(key), default)
        return value


@cache
def _name(header: str) -> str:
    # Asked with the few names that stand in our own code.
    return f"HTTP_{header.upper().replace('-', '_')}"
