"""docs/client.md, run as it is written: each snippet against real servers, the guards before small applications."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client as Browser

from authsvc.client import Client
from authsvc.client.wsgi import SESSION_KEY
from tests.live.callers import follower_of, url_of
from tests.live.conftest import House
from tests.live.instances import wait_until
from tests.live.storefronts import Shopper, Storefronts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DOCUMENT = Path(__file__).parents[2] / "docs" / "client.md"
SPORTS, PARTS = "sports.example.com", "parts.example.com"
FORGED = {"X-Auth-User": "somebody", "X_Auth_Account": "1", "X-AUTH-Customer-Set": "b2b"}


def shop(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with whom the request's headers name, and the session beside them."""
    start_response("200 OK", [])
    session = environ.get(SESSION_KEY)
    named = {
        name: value for name, value in sorted(environ.items()) if name.startswith("HTTP_X_AUTH")
    }
    names = [named.get(f"HTTP_X_AUTH_{each}") for each in ("ACCOUNT", "CUSTOMER_SET", "SITE")]
    return [repr((names, len(named), session and session.account_id)).encode()]


async def async_shop(scope: Any, _receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's own types
    """The same on asyncio."""
    named = {
        name.decode().lower().replace("_", "-"): value.decode()
        for name, value in scope["headers"]
        if name.decode().lower().replace("_", "-").startswith("x-auth")
    }
    names = [named.get(f"x-auth-{each}") for each in ("account", "customer-set", "site")]
    session = scope.get(SESSION_KEY)
    body = repr((names, len(named), session and session.account_id)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(name="shopper")
def _shopper(storefronts: Storefronts) -> Shopper:
    return storefronts.new_shopper()


@pytest.fixture(name="written")
def _written(house: House, storefronts: Storefronts, shopper: Shopper) -> Iterator[dict[str, Any]]:
    """What the document's snippets define, with this test's address, sites and application in place of the examples."""
    application = follower_of(house.services, storefronts.tenant_id)
    snippets = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len(snippets) == 8
    text = "\n".join(snippets)
    examples = {
        "https://auth.example.com": url_of(house.instances[0]),
        "1001.0123456789abcdef": application.client_id,
        "the-shared-secret": application.shared_secret,
        "101": str(storefronts.sites["Mystic Sports"]),
        "104": str(storefronts.sites["Mystic Parts"]),
    }
    assert all(example in text for example in examples)
    # All at once: what is put in may hold another example.
    any_of_them = "|".join(rf"\b{re.escape(example)}\b" for example in examples)
    text = re.sub(any_of_them, lambda found: examples[found[0]], text)
    names: dict[str, Any] = {
        "tokens": [shopper.access_token, "nobody's"],
        "shop": shop,
        "async_shop": async_shop,
    }
    exec(compile(text, str(DOCUMENT), "exec"), names)  # noqa: S102  that is the point
    yield names
    assert isinstance(names["client"], Client)
    names["client"].close()


def test_the_documented_snippets_do_what_is_said(
    written: dict[str, Any], storefronts: Storefronts, shopper: Shopper
) -> None:
    assert written["greet"](shopper.access_token) == f"customer {shopper.account_id} of b2c"
    assert written["greet"]("nobody's") == "401: no_session"
    assert written["signed_in"] == [shopper.account_id]
    assert asyncio.run(written["account_of"](shopper.jwt)) == shopper.account_id
    client = written["client"]
    client.check(shopper.access_token)
    wait_until(client.is_following, "the application may follow")


def test_the_wsgi_guard_lets_in_by_site_and_strips_what_is_forged(
    written: dict[str, Any], storefronts: Storefronts, shopper: Shopper
) -> None:
    browser = Browser(written["wsgi_app"])
    sports = str(storefronts.sites["Mystic Sports"])

    def get(path: str, host: str = SPORTS, **headers: str) -> Any:  # noqa: ANN401  werkzeug's answer
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.get(path, base_url=f"https://{host}", headers={**FORGED, **shown})

    ticket = {"Authorization": f"Bearer {shopper.access_token}"}
    good = repr(([str(shopper.account_id), "b2c", sports], 9, shopper.account_id))
    for shown in (ticket, {"x-vol-user-claims": shopper.jwt}):
        assert get("/my-orders", **shown).text == good
    # Where nobody is checked, nobody is named.
    assert get("/", **ticket).text == repr(([None, None, None], 0, None))
    # The site is the host's, whatever the caller says; of a host that is no site's there is none.
    other = get("/my-orders", PARTS, **ticket, x_vol_site=sports)
    assert (other.status_code, other.json) == (401, {"error": "other_customer_set"})
    assert get("/my-orders", "elsewhere.example.com", **ticket).status_code == 404
    # A browser is sent to sign in, and comes back.
    sent = get("/my-orders?page=2", Accept="text/html")
    assert sent.status_code == 302
    assert sent.location == "/login?return_to=%2Fmy-orders%3Fpage%3D2"


def test_the_asgi_guard_does_the_same(
    written: dict[str, Any], storefronts: Storefronts, shopper: Shopper
) -> None:
    async def ask(host: str, token: str, kind: str = "http") -> tuple[object, bytes]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = {"host": host, "authorization": f"Bearer {token}", **FORGED}
        scope = {
            "type": kind,
            "method": "GET",
            "path": "/",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await written["asgi_app"](scope, None, send)
        return sent[0].get("status", sent[0].get("code")), sent[-1].get("body", b"")

    async def run() -> None:
        sports = str(storefronts.sites["Mystic Sports"])
        status, body = await ask(SPORTS, shopper.access_token)
        good = ([str(shopper.account_id), "b2c", sports], 9, shopper.account_id)
        assert (status, body.decode()) == (200, repr(good))
        assert await ask(PARTS, shopper.access_token) == (401, b'{"error": "other_customer_set"}')
        assert (await ask(SPORTS, "nobody's"))[0] == 401
        assert (await ask(SPORTS, "nobody's", "websocket"))[0] == 1008
        await written["asgi_app"]._client.close()

    asyncio.run(run())


def test_the_flask_extension_knows_the_current_customer_with_and_without_flask_login(
    written: dict[str, Any], house: House, shopper: Shopper
) -> None:
    from flask_login import current_user
    from flask_login import login_required as flask_logins

    app = written["app"]
    app.testing = True
    app.add_url_rule("/cards", "cards", flask_logins(lambda: f"{current_user.get_id()}"))
    app.add_url_rule("/", "home", lambda: str(written["current_customer"].is_authenticated))
    with app.test_client() as browser:

        def get(path: str, host: str = SPORTS, token: str = shopper.access_token) -> Any:  # noqa: ANN401
            shown = {"Authorization": f"Bearer {token}"}
            return browser.get(path, base_url=f"https://{host}", headers=shown)

        assert get("/my-orders").text == f"orders of {shopper.account_id}"
        assert len(get("/cards").text) == 32
        assert get("/").text == "True"
        for path in ("/my-orders", "/cards"):
            assert get(path, PARTS).status_code == 401
            assert get(path, token="nobody's").status_code == 401
        assert get("/", token="nobody's").text == "False"
        assert get("/my-orders", "elsewhere.example.com").status_code == 404
