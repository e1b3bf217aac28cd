"""What is asked of the server, and what its answers mean: the rules both clients share. No sockets in here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from authsvc.client.errors import (
    REFUSALS,
    CannotTell,
    ClientError,
    Misconfigured,
    NoSession,
    NotSignedIn,
    UnknownSite,
)
from authsvc.client.http1 import Request, Response
from authsvc.client.session import Session, read_session

# What `POST /sessions/check` takes at once; JWTs have about 1,100 characters, and it reads 1 MiB.
MOST_AT_ONCE = 1_000
MOST_CHARACTERS_AT_ONCE = 900_000
# Access tokens, cookies and JWTs are made of these. Anything else was never a token, and may not go into a header.
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,4096}", re.ASCII)
# How a browser's token is told from a ticket's, and the cookie it was in.
_BROWSER_TOKEN = re.compile(r"[0-9]+b~", re.ASCII)
COOKIE = "__Host-authsvc-session"
# Beside a session's own reasons.
_UNKNOWN_SITE, _UNAVAILABLE = "unknown_site", "unavailable"


@dataclass(frozen=True, slots=True)
class Application:
    """What the service proves itself with, to be told which answers to forget (behavior `session-follow`)."""

    client_id: str
    shared_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """An application's ticket, and for how many seconds it is good."""

    access_token: str = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class News:
    """What `GET /sessions/invalidations` tells: digests of tokens to forget; not `complete`: forget everything.

    `age_seconds`: so long before it was asked, nothing else had ended. `as_of`: that moment, by the server's clock.
    """

    position: str
    complete: bool
    digests: tuple[bytes, ...]
    age_seconds: float
    as_of: datetime


def about_session(token: str, site_id: int | None, tenant_id: int | None) -> Request:
    """Ask whose session a token shows; raises `NotSignedIn` for what cannot be a token."""
    if _TOKEN.fullmatch(token) is None:
        raise NotSignedIn
    shown = (
        {"Cookie": f"{COOKIE}={token}"}
        if _BROWSER_TOKEN.match(token)
        else {"Authorization": f"Bearer {token}"}
    )
    return Request("GET", "/session", shown | _place(site_id, tenant_id))


def session_told(response: Response) -> Session:
    """Read the answer to `about_session`; raises one of `ClientError`."""
    content = _content(response)
    if response.status == 401:
        raise _refusal(_reason(content))
    if response.status == 404 and "errorCode" in content:
        raise UnknownSite
    _ensure_ok(response)
    return _session(content)


def about_sessions(
    tokens: Sequence[str], site_id: int | None, tenant_id: int | None
) -> Iterator[tuple[Sequence[str], Request]]:
    """Ask about many tokens, all of which can be tokens, in as few calls as they fit into."""
    first, characters = 0, 0
    for at, token in enumerate(tokens):
        if at - first == MOST_AT_ONCE or characters + len(token) > MOST_CHARACTERS_AT_ONCE:
            yield _call(tokens[first:at], site_id, tenant_id)
            first, characters = at, 0
        characters += len(token) + len('{"token":""},')
    if first < len(tokens):
        yield _call(tokens[first:], site_id, tenant_id)


def can_be_token(text: str) -> bool:
    """Tell whether it is worth asking about a text."""
    return _TOKEN.fullmatch(text) is not None


def sessions_told(response: Response, number: int) -> list[Session | ClientError]:
    """Read the answer to a call about `number` tokens; raises one of `ClientError` if it is none."""
    content = _content(response)
    _ensure_ok(response)
    try:
        answers = [_one_of_many(each) for each in content["answers"]]
    except (KeyError, TypeError, ValueError):
        raise _other_service() from None
    if len(answers) != number:
        raise _other_service()
    return answers


def for_ticket(application: Application) -> Request:
    """Ask for an application's ticket."""
    body = {
        "client_id": application.client_id,
        "client_secret": application.shared_secret,
        "grant_type": "client_credentials",
    }
    target = "/api/platform/applications/authtickets/oauth"
    return Request("POST", target, _JSON, json.dumps(body).encode())


def ticket_told(response: Response) -> Ticket:
    """Read the answer to `for_ticket`; raises one of `ClientError`."""
    content = _content(response)
    _ensure_ok(response)
    try:
        return Ticket(str(content["access_token"]), float(content["expires_in"]))
    except (KeyError, TypeError, ValueError):
        raise _other_service() from None


def for_news(ticket: Ticket, position: str) -> Request:
    """Ask what has been ended behind a position."""
    return Request(
        "GET",
        f"/sessions/invalidations?after={quote(position, safe='')}",
        {"Authorization": f"Bearer {ticket.access_token}"},
    )


def news_told(response: Response) -> News:
    """Read the answer to `for_news`; raises one of `ClientError`."""
    content = _content(response)
    _ensure_ok(response)
    try:
        return News(
            str(content["position"]),
            content["complete"] is True,
            tuple(map(bytes.fromhex, content["tokens"])),
            max(0.0, content["ageMilliseconds"] / 1000),
            datetime.fromisoformat(content["asOf"]),
        )
    except (KeyError, TypeError, ValueError):
        raise _other_service() from None


_JSON = {"Content-Type": "application/json"}


def _call(
    tokens: Sequence[str], site_id: int | None, tenant_id: int | None
) -> tuple[Sequence[str], Request]:
    body = json.dumps({"checks": [{"token": token} for token in tokens]}).encode()
    return tokens, Request("POST", "/sessions/check", _JSON | _place(site_id, tenant_id), body)


def _place(site_id: int | None, tenant_id: int | None) -> dict[str, str]:
    site = {} if site_id is None else {"x-vol-site": str(int(site_id))}
    return site if tenant_id is None else site | {"x-vol-tenant": str(int(tenant_id))}


def _content(response: Response) -> dict[str, Any]:
    """Return the body; an error's may be a proxy's, and is then passed over."""
    try:
        content = json.loads(response.body.decode())
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def _ensure_ok(response: Response) -> None:
    status = response.status
    if status == 200:
        return
    if status == 429 or status >= 500:
        seconds = response.headers.get("retry-after", "")
        raise CannotTell(
            f"the server answered {status}",
            min(int(seconds), 60) if seconds.isascii() and seconds.isdigit() else 1,
        )
    content = _content(response)
    said = content.get("message")
    raise Misconfigured(f"The server answered {status}: {said if isinstance(said, str) else ''}")


def _reason(content: dict[str, Any]) -> str:
    data = content.get("additionalErrorData")
    for each in data if isinstance(data, list) else []:
        if isinstance(each, dict) and each.get("name") == "Reason":
            return str(each.get("value"))
    # A 401 that is not of the check: a proxy's own, for instance.
    raise _other_service()


def _refusal(reason: str) -> NoSession:
    # A reason that a later release knows is a refusal all the same.
    return REFUSALS.get(reason, NotSignedIn)()


def _one_of_many(answer: dict[str, Any]) -> Session | ClientError:
    if answer["session"] is not None:
        return read_session(answer["session"])
    reason = answer["reason"]
    if reason == _UNAVAILABLE:
        return CannotTell("the server could not look it up")
    return UnknownSite() if reason == _UNKNOWN_SITE else _refusal(reason)


def _session(content: dict[str, Any]) -> Session:
    try:
        return read_session(content)
    except (KeyError, TypeError, ValueError):
        raise _other_service() from None


def _other_service() -> Misconfigured:
    return Misconfigured("What answers at this address is not authsvc. Look at the address.")
