"""What a guard before an application decides, whatever the application is written in. No framework in here.

As in a reverse proxy with `auth_request`: the application behind it believes the headers `X-Auth-…`, so those that the
caller sent are taken away from every request, and new ones are written only where a session was checked and found good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from authsvc.client.errors import CannotTell, ClientError, NoSession, UnknownSite
from authsvc.client.questions import COOKIE

# Names that begin so belong to the guard, however the caller spelled them: many programs read `_` as `-`.
OURS = "x-auth-"
# Of plain http on this machine itself, where browsers do not take the prefixed one.
_LOCAL_COOKIE = COOKIE.removeprefix("__Host-")
_LOOPBACK = re.compile(
    r"(localhost|([a-z0-9-]+\.)+localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?", re.IGNORECASE
)


def everything(_path: str) -> bool:
    """Protect all paths."""
    return True


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a request bears on a check; `header` returns a header by its name in lower case, or an empty text."""

    method: str
    path: str
    query: str
    header: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the guard answers itself."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules: which site a host is, which paths are protected, and where browsers are sent to sign in.

    `sites`: host name, without port and in lower case, → number of the site. `protects`: tells of a path, decoded,
    whether it is for sessions only. `sign_in`: a path, to which `?return_to=` is added; None answers 401 to browsers
    as to everybody.
    """

    sites: Mapping[str, int]
    protects: Callable[[str], bool] = everything
    sign_in: str | None = None

    def site(self, shown: Shown) -> int:
        """Return the site that a request is for; raises `UnknownSite`, so that no other site's session counts."""
        host = shown.header("host").lower()
        site_id = self.sites.get(re.sub(r":[0-9]*$", "", host))
        if site_id is None:
            raise UnknownSite
        return site_id

    def refusal(self, error: ClientError, shown: Shown) -> Answer:
        """Return what to answer in place of the application."""
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        content = {"error": "error"}
        if isinstance(error, NoSession):
            wants_page = shown.method == "GET" and "text/html" in shown.header("accept")
            if self.sign_in is not None and wants_page:
                where = shown.path + (f"?{shown.query}" if shown.query else "")
                location = f"{self.sign_in}?return_to={quote(where, safe='')}"
                return Answer(302, (("Location", location), ("Cache-Control", "no-store")), b"")
            headers.append(("WWW-Authenticate", "Bearer"))
            content = {"error": error.reason}
        elif isinstance(error, CannotTell):
            headers.append(("Retry-After", str(error.retry_after_seconds)))
            content = {"error": "unavailable"}
        elif isinstance(error, UnknownSite):
            content = {"error": "unknown_site"}
        return Answer(error.status, tuple(headers), json.dumps(content).encode())


def shown_token(shown: Shown, *, is_https: bool) -> str:
    """Return the token a request shows: in `Authorization`, else `x-vol-user-claims`, else a browser's cookie.

    An empty text if it shows none.
    """
    scheme, _, token = shown.header("authorization").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    claims = shown.header("x-vol-user-claims").strip()
    if claims:
        return claims
    cookies = _cookies(shown.header("cookie"))
    if not is_https and COOKIE not in cookies and _LOOPBACK.fullmatch(shown.header("host")):
        return cookies.get(_LOCAL_COOKIE, "")
    return cookies.get(COOKIE, "")


def is_ours(name: str) -> bool:
    """Tell whether a header's name is one that only the guard may send on."""
    return name.lower().replace("_", "-").startswith(OURS)


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in header.split(";"):
        name, _, value = each.partition("=")
        found.setdefault(name.strip(), value.strip().strip('"'))
    return found
