"""The hosted pages: a code after the password, a code in its place, and an app on My Account; no script anywhere."""

from __future__ import annotations

import re

from flask import Flask

from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.second_factor.codes import SITE, STACY, app_code, ask_for, mailed_code, wrong
from tests.storefront.shopper import ShopperBrowser


def test_a_code_follows_the_password_in_this_browser_alone(post: Post, app: Flask) -> None:
    shop, browser = f"https://{post.host}", ShopperBrowser(app)
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "new_device")
    page = browser.post(f"{shop}/login", username=STACY, password=PASSWORD, remember="1")
    assert "Enter the code" in page.text
    assert 'autocomplete="one-time-code"' in page.text
    assert browser.session(shop) == 401
    code = mailed_code(post)
    # Another browser has nothing to complete.
    stranger = ShopperBrowser(app)
    assert "too long" in stranger.post(f"{shop}/login/code", code=code).text
    assert "not good" in browser.post(f"{shop}/login/code", code=wrong(code)).text
    browser.post(f"{shop}/login/code/send")
    browser.post(f"{shop}/login/code", code=mailed_code(post))
    assert browser.session(shop) == 200
    # The device is known from here on.
    browser.post(f"{shop}/logout")
    browser.post(f"{shop}/login", username=STACY, password=PASSWORD)
    assert browser.session(shop) == 200


def test_a_code_in_place_of_the_password(post: Post, app: Flask) -> None:
    shop, browser = f"https://{post.host}", ShopperBrowser(app)
    post.merchant.sign_up(STACY, SITE)
    assert browser.get(f"{shop}/login/with-code").status_code == 403
    assert "without a password" not in browser.get(f"{shop}/login").text
    ask_for(post, "off", codes=True)
    assert "without a password" in browser.get(f"{shop}/login").text
    known = browser.post(f"{shop}/login/with-code", username=STACY)
    unknown = ShopperBrowser(app).post(f"{shop}/login/with-code", username="x@mail.com")
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    browser.post(f"{shop}/login/code", code=mailed_code(post))
    assert browser.session(shop) == 200


def test_an_app_is_set_up_and_removed_on_my_account(post: Post, app: Flask) -> None:
    shop, browser = f"https://{post.host}", ShopperBrowser(app)
    browser.post(f"{shop}/signup", email=STACY, password=PASSWORD)
    assert "Second factor" not in browser.get(f"{shop}/my-account").text
    ask_for(post, "offered")
    assert "Set up an authenticator app" in browser.get(f"{shop}/my-account").text
    page = browser.post(f"{shop}/my-account/second-factor/begin").text
    assert "<svg" in page
    assert "http://" not in re.sub(r'xmlns="[^"]*"', "", page)
    enrolment = re.search(r'name="enrolment" value="([^"]+)"', page)
    letters = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert enrolment
    assert letters
    secret = letters[1].replace(" ", "")
    confirm = f"{shop}/my-account/second-factor/confirm"
    assert "not good" in browser.post(confirm, enrolment=enrolment[1], code="000000").text
    done = browser.post(confirm, enrolment=enrolment[1], code=app_code(post, secret))
    codes = re.findall(r"<code>([0-9a-f-]{24})</code>", done.text)
    assert len(codes) == 10
    browser.post(f"{shop}/logout")
    page = browser.post(f"{shop}/login", username=STACY, password=PASSWORD).text
    assert "authenticator app" in page
    browser.post(f"{shop}/login/code", code=app_code(post, secret, steps=1))
    assert browser.session(shop) == 200
    change = f"{shop}/my-account/second-factor/change"
    renewed = browser.post(change, what="codes", code=codes[0])
    fresh = re.findall(r"<code>([0-9a-f-]{24})</code>", renewed.text)
    assert "not good" in browser.post(change, what="remove", code=codes[1]).text
    assert "is removed" in browser.post(change, what="remove", code=fresh[0]).text
