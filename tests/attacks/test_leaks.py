"""Nothing that shows who somebody is stands in an address, a log, the database or Valkey, and no text breaks a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
import structlog
from flask import Flask
from sqlalchemy import MetaData, text

from authsvc.infra.logging import configure_logging
from authsvc.services import Services
from authsvc.settings import Settings
from tests.merchants import PASSWORD, Merchant
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser

COOKIE = "__Host-authsvc-session"
HUB_COOKIE = "__Host-authsvc-hub-{tenant}-b2c"
# What a query may hold of a shopper's way from host to host: a code that is good once, within a minute, in the
# browser that asked for it (tests/storefront/test_arrivals.py).
GOOD_ONCE = {"code", "browser"}


@dataclass
class Handed:
    """Secrets that somebody was handed, by what they are; and every address that a browser was sent to."""

    secrets: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)

    def note(self, of: str, answer: Any) -> None:  # noqa: ANN401  JSON
        """Keep what an answer hands out under names of secrets."""
        for name in (
            "accessToken",
            "refreshToken",
            "jwtAccessToken",
            "access_token",
            "refresh_token",
        ):
            if answer.get(name):
                self.secrets[f"{of}: {name}"] = answer[name]


def go_through_everything(shops: Shops, app: Flask) -> Handed:
    """Sign up, in, on, over to a sister site and out, as applications and browsers do, and fail at each once."""
    merchant, handed = shops.merchant, Handed()
    services = merchant.services
    application, secret = services.applications.create(merchant.caller(), "Shop", [])
    handed.secrets |= {"password": PASSWORD, "client secret": secret}
    body = {"client_id": application.client_id, "client_secret": secret, "grant_type": "x"}
    handed.note(
        "app", merchant.call("POST", "/api/platform/applications/authtickets/oauth", body).json
    )
    handed.note(
        "app",
        merchant.call(
            "POST",
            "/api/platform/applications/authtickets/oauth",
            {**body, "grant_type": "client_credentials"},
        ).json,
    )
    account = {"account": {"emailAddress": "ada@mail.com"}, "password": PASSWORD}
    handed.note(
        "sign-up",
        merchant.call("POST", "accounts/add-account-and-login", account, site="Mystic Sports").json,
    )
    merchant.call("POST", "accounts/add-account-and-login", account, site="Mystic Sports")
    credential = {"username": "ada@mail.com", "password": PASSWORD}
    handed.note(
        "sign-in", merchant.call("POST", "authtickets", credential, site="Mystic Sports").json
    )
    merchant.call(
        "POST", "authtickets", {**credential, "password": PASSWORD + "x"}, site="Mystic Sports"
    )
    old = handed.secrets["sign-in: refreshToken"]
    path = f"authtickets/refresh?refreshToken={old}"
    handed.note("refresh", merchant.call("PUT", path, site="Mystic Sports").json)
    merchant.call("PUT", f"{path}x", site="Mystic Sports")
    merchant.check(handed.secrets["refresh: accessToken"], "Mystic Sports")
    merchant.check(handed.secrets["refresh: jwtAccessToken"], "Mystic Parts")
    merchant.call(
        "POST", "accounts/reset-password", {"userName": "ada@mail.com"}, site="Mystic Sports"
    )
    wrong = {
        "userName": "ada@mail.com",
        "newPassword": PASSWORD,
        "confirmationCode": "wrong-code-1234",
    }
    handed.secrets["code"] = "wrong-code-1234"
    merchant.call("POST", "accounts/update-forgotten-password", wrong, site="Mystic Sports")
    browser = ShopperBrowser(app)
    for origin in (shops.sports, shops.kids):
        browser.get(f"{origin}/login?return_to=/cart")
        browser.post(f"{origin}/login", username="ada@mail.com", password=PASSWORD)
        handed.addresses += browser.trail
        handed.secrets[f"cookie of {origin}"] = browser.cookie(origin, COOKIE) or ""
    name = HUB_COOKIE.format(tenant=merchant.tenant_id)
    handed.secrets["cookie of the hub"] = browser.cookie(shops.hub, name) or ""
    browser.post(f"{shops.sports}/logout")
    handed.addresses += browser.trail
    assert all(handed.secrets.values())
    return handed


def everything_stored(services: Services, settings: Settings) -> Iterator[tuple[str, str]]:
    """Return every row of every table, and every entry of Valkey, as text."""
    tables = MetaData()
    tables.reflect(services.database.engine)
    with services.database.connection() as connection:
        for table in tables.tables:
            for row in connection.execute(text(f'SELECT t::text FROM "{table}" t')):
                yield table, row[0]
    valkey = redis.Redis.from_url(settings.valkey_url.get_secret_value(), decode_responses=False)
    with valkey:
        for key in valkey.scan_iter():
            yield "valkey", repr(key) + repr(valkey.dump(key))


def test_no_secret_is_in_an_address_a_log_or_a_store(
    shops: Shops,
    app: Flask,
    services: Services,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = structlog.get_config()
    configure_logging(as_json=True, level="DEBUG")
    try:
        handed = go_through_everything(shops, app)
        logged = "".join(capfd.readouterr())
    finally:
        structlog.configure(**before)
    assert '"route":"/api/commerce/customer/authtickets/refresh"' in logged
    assert len(handed.secrets) > 12
    for name, secret in handed.secrets.items():
        assert secret not in logged, name
        assert not any(secret in address for address in handed.addresses), name
    # But for what is good once, nothing in an address is longer than a number or a page's own.
    for address in handed.addresses:
        for name, (value, *_) in parse_qs(urlsplit(address).query).items():
            assert name in GOOD_ONCE or not re.fullmatch(r"[\w~.-]{32,}", value), address
    stored = list(everything_stored(services, settings))
    assert len(stored) > 50
    for name, secret in handed.secrets.items():
        found = {where for where, row in stored if secret in row}
        assert found == set(), name


BROKEN_LINES = "a\r\nSet-Cookie: a=b\x1b[31m\u2028\u2029\u0085\x0b\x0c\x7f\x9b31m"


@pytest.mark.parametrize("as_json", [True, False])
def test_no_text_of_a_callers_begins_a_line_or_speaks_to_a_terminal(
    merchant: Merchant, capfd: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """Whatever a value is that gets into the log: each entry is one line, and nothing in it is a control character."""
    before = structlog.get_config()
    configure_logging(as_json=as_json)
    capfd.readouterr()
    try:
        log = structlog.stdlib.get_logger("tests")
        log.info("said", text=BROKEN_LINES, nested={"text": [BROKEN_LINES]})
        merchant.call(
            "POST", "authtickets", {"username": BROKEN_LINES, "password": "x"}, site="Mystic Sports"
        )
        merchant.client.open(
            "/healthz", method="GET", headers={"x-vol-correlation": "a\x1b[31mbbbbbbb"}
        )
    finally:
        structlog.configure(**before)
    lines = capfd.readouterr().err.split("\n")
    said = next(line for line in lines if "said" in line)
    assert said.splitlines() == [said]
    colours = re.compile(r"\x1b\[[0-9;]*m")
    plain = said if as_json else colours.sub("", said.replace("\x1b[31m", ""))
    assert all(sign.isprintable() for sign in plain), ascii(plain)
    if as_json:
        assert json.loads(said)["text"] == BROKEN_LINES


def test_no_text_of_a_callers_is_a_header_of_an_answer(shops: Shops, app: Flask) -> None:
    """CR and LF, raw or encoded, in whatever a page is asked to lead to or an operation to correlate by."""
    client = app.test_client()
    for said in (
        "/a%0d%0aX-Evil:%201",
        "/a\r\nX-Evil: 1",
        "/a\u010d\u010aX-Evil: 1",
        "/%E5%98%8A%E5%98%8DX-Evil:1",
    ):
        for path in ("/login", "/signup", "/logout"):
            for answer in (
                client.get(path, query_string={"return_to": said}, base_url=shops.sports),
                client.post(
                    path,
                    data={"return_to": said, "on_error": said},
                    base_url=shops.sports,
                    headers={"Origin": shops.sports},
                ),
            ):
                assert "X-Evil" not in answer.headers
                assert all(value.isprintable() for _, value in answer.headers)
    answer = client.get("/healthz", headers={"x-vol-correlation": "aaaaaaaa%0d%0aX-Evil"})
    assert "Evil" not in str(answer.headers)
