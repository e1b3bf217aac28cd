"""Shoppers see and end their devices: name, rough place, last used; on the hosted page and by the API."""

from __future__ import annotations

import re
from uuid import uuid4

from flask import Flask

from tests.merchants import PASSWORD
from tests.sessions.ageing import let_sign_ins_age
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser
from tests.trail import entries

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile Safari/604.1"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def sign_in(browser: ShopperBrowser, shop: str, user_agent: str) -> None:
    """Sign Ada in."""
    browser.post(
        f"{shop}/login",
        username="ada@mail.com",
        password=PASSWORD,
        headers={"User-Agent": user_agent},
    )


def test_a_shopper_sees_their_devices_and_ends_one(shops: Shops, app: Flask) -> None:
    merchant = shops.merchant
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    assert ticket.account is not None
    ada, laptop, phone = ticket.account.id, ShopperBrowser(app), ShopperBrowser(app)
    sign_in(laptop, shops.sports, LAPTOP)
    sign_in(phone, shops.kids, PHONE)
    page = laptop.get(f"{shops.sports}/my-account/devices").text
    for words in ("Firefox (Linux)", "this device", "Safari (iPhone)", "Mystic Kids", "127.0.0.x"):
        assert words in page, words
    # The session of the ticket that the sign-up handed out is on no device that is known.
    assert "Another device or app" in page
    (device,) = re.findall(r'name="device" value="([^"]*)"', page)
    (session,) = re.findall(r'name="session" value="([^"]*)"', page)
    done = laptop.post(f"{shops.sports}/my-account/devices/end", device=device).text
    assert "The device is signed out" in done
    assert "Safari (iPhone)" not in done
    # Everywhere, also where it had come by way of the merchant's domain; the others stay.
    assert [phone.session(each) for each in (shops.sports, shops.kids)] == [401, 401]
    assert laptop.session(shops.sports) == 200
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 200
    done = laptop.post(f"{shops.sports}/my-account/sessions/end", session=session).text
    assert "It is signed out" in done
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 401
    again = laptop.post(f"{shops.sports}/my-account/devices/end", device=device)
    assert (again.status_code, "There is no such device" in again.text) == (404, True)
    found = entries(merchant.services, merchant.tenant_id, f"account:{ada}")
    assert [one["action"] for one in found][-4:] == [
        "account.device_added",
        "account.device_added",
        "account.device_removed",
        "account.session_ended",
    ]
    assert laptop.post(f"{shops.sports}/my-account/sign-out-everywhere").status_code == 200
    assert laptop.session(shops.sports) == 401


def test_one_browser_is_one_device_on_all_hosts_of_the_set(shops: Shops, app: Flask) -> None:
    """It becomes known on the next host as its session does, and stays known there by itself."""
    merchant, browser = shops.merchant, ShopperBrowser(app)
    account = merchant.sign_up("ada@mail.com", "Mystic Sports").account
    assert account is not None
    sign_in(browser, shops.sports, LAPTOP)
    assert browser.get(f"{shops.kids}/my-account").status_code == 200
    tokens = {browser.cookie(each, "__Host-authsvc-device") for each in (shops.sports, shops.kids)}
    assert len(tokens) == 2
    browser.post(f"{shops.kids}/logout")
    sign_in(browser, shops.kids, LAPTOP)
    store = merchant.services.devices.store
    (device,) = store.of_account(merchant.tenant_id, account.id)
    # It says nothing of the shopper, no script reads it, and it goes to this host alone.
    answer = browser.post(
        f"{shops.kids}/login", username="ada@mail.com", password=PASSWORD, follow=False
    )
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "device" in each]
    assert cookie.startswith(f"__Host-authsvc-device={merchant.tenant_id}d~")
    for attribute in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax", "; Max-Age=34560000"):
        assert attribute in cookie, attribute
    assert "Domain" not in cookie
    assert device.name == "Firefox (Linux)"


def test_a_cookie_of_nobody_is_replaced(shops: Shops, app: Flask) -> None:
    browser = ShopperBrowser(app)
    shops.merchant.sign_up("ada@mail.com", "Mystic Sports")
    host = shops.sports.removeprefix("https://")
    browser.client(shops.sports).set_cookie("__Host-authsvc-device", "chosen", domain=host)
    sign_in(browser, shops.sports, LAPTOP)
    assert (browser.cookie(shops.sports, "__Host-authsvc-device") or "").startswith(
        f"{shops.merchant.tenant_id}d~"
    )


def test_the_api_lists_devices_and_ends_them_for_shoppers_and_for_staff(
    shops: Shops, app: Flask
) -> None:
    merchant, browser = shops.merchant, ShopperBrowser(app)
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    other = merchant.sign_up("eve@mail.com", "Mystic Sports").tokens.access_token
    assert ticket.account is not None
    path, mine = f"accounts/{ticket.account.id}/devices", ticket.tokens.access_token
    sign_in(browser, shops.sports, LAPTOP)
    listed = merchant.call("GET", path, site="Mystic Sports", shopper=mine).get_json()
    (device,) = listed["items"]
    assert (device["name"], device["addressBlock"]) == ("Firefox (Linux)", "127.0.0.0/24")
    assert device["isCurrent"] is False
    sessions = merchant.call("GET", f"accounts/{ticket.account.id}/sessions").get_json()["items"]
    assert [each["deviceId"] for each in sessions] == [device["id"], None]
    assert [each["id"] for each in sessions[:1]] == device["sessionIds"]
    export = merchant.call("GET", f"accounts/{ticket.account.id}/export").get_json()
    assert [each["id"] for each in export["devices"]] == [device["id"]]
    one = f"{path}/{device['id']}"
    assert merchant.call("GET", path, site="Mystic Sports", shopper=other).status_code == 403
    assert merchant.call("DELETE", one, site="Mystic Sports", shopper=other).status_code == 403
    let_sign_ins_age(merchant)
    answer = merchant.call("DELETE", one, site="Mystic Sports", shopper=mine)
    assert answer.get_json()["errorCode"] == "FRESH_SIGN_IN_REQUIRED"
    assert merchant.call("DELETE", one).status_code == 204
    assert browser.session(shops.sports) == 401
    for unknown in (one, f"{path}/{uuid4()}", f"{path}/x"):
        assert merchant.call("DELETE", unknown).status_code == 404


def test_a_device_is_ended_however_its_id_is_spelled(shops: Shops, app: Flask) -> None:
    merchant = shops.merchant
    account = merchant.sign_up("ada@mail.com", "Mystic Sports").account
    assert account is not None
    path = f"accounts/{account.id}/devices"
    for spelled in (str.upper, lambda known: known.replace("-", "")):
        browser = ShopperBrowser(app)
        sign_in(browser, shops.sports, LAPTOP)
        (device,) = merchant.call("GET", path).get_json()["items"]
        assert merchant.call("DELETE", f"{path}/{spelled(device['id'])}").status_code == 204
        assert browser.session(shops.sports) == 401
        noted = entries(merchant.services, merchant.tenant_id, f"account:{account.id}")
        (removed,) = [one for one in noted if one["action"] == "account.device_removed"][-1:]
        assert device["id"] in str(removed["changes"])


def test_an_erased_account_leaves_no_device_behind(shops: Shops, app: Flask) -> None:
    merchant = shops.merchant
    account = merchant.sign_up("ada@mail.com", "Mystic Sports").account
    assert account is not None
    sign_in(ShopperBrowser(app), shops.sports, LAPTOP)
    store = merchant.services.devices.store
    assert store.of_account(merchant.tenant_id, account.id)
    merchant.services.privacy.store.empty(merchant.tenant_id, account.id)
    assert store.of_account(merchant.tenant_id, account.id) == []
