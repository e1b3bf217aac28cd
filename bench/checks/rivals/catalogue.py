"""The rivals, each in its fastest form that its documentation knows, and how a shopper signs in there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from http.client import HTTPResponse
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

from bench.checks.rivals.rival import Rival, node_folder
from bench.stack import Server

PASSWORD = "Mystic-2026-Sports"  # noqa: S105  of accounts that live for minutes
# Threads for whoever waits for its stores in between.
GRANIAN = ("-m", "granian", "--interface", "wsgi", "--blocking-threads", "4", "--no-log")
NOTHING: Mapping[str, str] = MappingProxyType({})


def _on_node(at: Path) -> list[str]:
    return [str(node_folder() / "node"), str(at / "server.mjs"), "{port}"]


def _on_bun(at: Path) -> list[str]:
    return [str(at / "node_modules/@oven/bun-linux-x64/bin/bun"), str(at / "server.mjs"), "{port}"]


def _on_granian(at: Path) -> list[str]:
    where = ("--port", "{port}", "--working-dir", str(at))
    return [str(at / ".venv/bin/python"), *GRANIAN, *where, "application:application"]


def _on_uvicorn(at: Path) -> list[str]:
    return [
        *(str(at / ".venv/bin/python"), "-m", "uvicorn", "--port", "{port}", "--no-access-log"),
        *("--log-level", "warning", "--app-dir", str(at), "application:application"),
    ]


def _post(
    server: Server, path: str, body: str | Mapping[str, str], headers: Mapping[str, str] = NOTHING
) -> HTTPResponse:
    connection = server.connect()
    kind, text = (
        ("application/json", body)
        if isinstance(body, str)
        else ("application/x-www-form-urlencoded", urlencode(body))
    )
    connection.request("POST", path, text, {"Content-Type": kind, **headers})
    answer = connection.getresponse()
    assert answer.status < 300, (path, answer.status, answer.read()[:500])
    return answer


def _cookie(answer: HTTPResponse) -> dict[str, str]:
    cookies = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]
    assert cookies
    return {"Cookie": "; ".join(cookies)}


def _of_express(server: Server) -> dict[str, str]:
    return _cookie(_post(server, "/sign-in", "{}"))


def _of_better_auth(server: Server) -> dict[str, str]:
    email = f"{secrets.token_hex(4)}@mail.com"
    body = json.dumps({"name": "Pat", "email": email, "password": PASSWORD})
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    return _cookie(_post(server, "/api/auth/sign-up/email", body, origin))


def _of_allauth(server: Server) -> dict[str, str]:
    body = json.dumps({"email": "pat@mail.com", "password": PASSWORD})
    answer = json.load(_post(server, "/_allauth/app/v1/auth/signup", body))
    return {"X-Session-Token": answer["meta"]["session_token"]}


def _of_fastapi_users(server: Server) -> dict[str, str]:
    body = json.dumps({"email": "pat@mail.com", "password": PASSWORD})
    _post(server, "/auth/register", body)
    answer = json.load(
        _post(server, "/auth/login", {"username": "pat@mail.com", "password": PASSWORD})
    )
    return {"Authorization": f"Bearer {answer['access_token']}"}


def _of_flask_login(server: Server) -> dict[str, str]:
    return _cookie(_post(server, "/sign-up", {"email": "pat@mail.com", "password": PASSWORD}))


RIVALS = {
    "express-session + connect-redis, Node": Rival("express_session", _on_node, _of_express),
    "express-session + connect-redis, Bun": Rival("express_session", _on_bun, _of_express),
    "better-auth, own route, Node": Rival("better_auth", _on_node, _of_better_auth),
    "better-auth, own route, Bun": Rival("better_auth", _on_bun, _of_better_auth),
    "Flask-Login + Flask-Session": Rival(
        "flask_login",
        _on_granian,
        _of_flask_login,
        prepare=lambda at: [str(at / ".venv/bin/python"), str(at / "application.py")],
    ),
    "fastapi-users, Redis strategy": Rival("fastapi_users_redis", _on_uvicorn, _of_fastapi_users),
    "django-allauth headless": Rival(
        "allauth_headless",
        _on_granian,
        _of_allauth,
        path="/_allauth/app/v1/auth/session",
        prepare=lambda at: [str(at / ".venv/bin/python"), str(at / "application.py"), "migrate"],
    ),
}
