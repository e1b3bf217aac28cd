"""A mail on a sign-in from a new device: never for the first, never twice for one, and never in the way of it."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from authsvc.callers import Caller, ShownDevice
from authsvc.devices.rules import MOST_NOTICES
from authsvc.login.rules import Enrolment
from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.storefront.shopper import ShopperBrowser

ADA = "ada@mail.com"
LAPTOP = ShownDevice("l" * 40, user_agent="Firefox/145.0 (Linux)", address="203.0.113.9")
PHONE = ShownDevice("p" * 40, user_agent="Safari/604.1 (iPhone)", address="198.51.100.7")


def caller(post: Post, device: ShownDevice | None) -> Caller:
    """Return a call on Mystic Sports that shows a device."""
    return replace(post.merchant.caller("Mystic Sports"), device=device)


def sign_in(post: Post, device: ShownDevice | None) -> None:
    """Sign Ada in, and do what the worker has to do."""
    post.services.login.sign_in(caller(post, device), ADA, PASSWORD)
    post.work()


def test_a_new_device_is_told_of_once_in_the_shops_name_with_a_link_to_the_list(
    post: Post, app: Flask
) -> None:
    fields = {"email_address": ADA, "first_name": "Ada", "locale_code": "de-AT"}
    signed_up = post.services.login.sign_up(caller(post, LAPTOP), Enrolment(fields, PASSWORD))
    for known in (LAPTOP, LAPTOP, None):
        sign_in(post, known)
    assert post.taken.messages == []
    sign_in(post, PHONE)
    sign_in(post, PHONE)
    (message,) = post.taken.messages
    assert post.taken.recipients == [ADA]
    assert message["Subject"] == "Anmeldung mit einem neuen Gerät bei Mystic Sports"
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for words in ("Guten Tag Ada", "Safari (iPhone), Netz 198.51.100.x", " UTC"):
        assert words in text, words
    assert "198.51.100.7" not in text
    address = f"https://{post.host}/my-account/devices"
    assert address in text
    # It leads to the list, by way of signing in.
    browser = ShopperBrowser(app)
    assert "Sign in" in browser.get(address).text
    assert browser.trail[0].endswith("/login?return_to=%2Fmy-account%2Fdevices")
    page = browser.post(
        f"https://{post.host}/login",
        username=ADA,
        password=PASSWORD,
        return_to="/my-account/devices",
    ).text
    assert "Safari (iPhone)" in page
    post.work()
    assert len(post.taken.messages) == 2
    # Whoever signs out everywhere has no device that is known: also who has the password still is told of.
    assert signed_up.account is not None
    post.services.account_sessions.end_everywhere(post.merchant.caller(), signed_up.account.id)
    sign_in(post, PHONE)
    assert len(post.taken.messages) == 3


def test_nobody_fills_a_mailbox_by_it(post: Post) -> None:
    post.services.login.sign_up(caller(post, LAPTOP), Enrolment({"email_address": ADA}, PASSWORD))
    for number in range(MOST_NOTICES + 2):
        sign_in(post, ShownDevice(f"{number}" * 40))
    assert len(post.taken.messages) == MOST_NOTICES


def test_whoever_cannot_be_told_is_signed_in_all_the_same(post: Post) -> None:
    """No mail server, no host, no address: none of them is the shopper's fault."""
    devices, merchant = post.services.devices, post.merchant
    enrolment = Enrolment({"email_address": ADA}, PASSWORD)
    ticket = post.services.login.sign_up(caller(post, LAPTOP), enrolment)
    assert ticket.account is not None
    without_mail = replace(devices.notices, mails=replace(post.services.mails, is_offered=False))
    with post.services.database.transaction():
        replace(devices, notices=without_mail).signed_in(
            caller(post, PHONE),
            merchant.sites["Mystic Sports"],
            ticket.account,
            ticket.tokens.session_id,
        )
    assert devices.is_known(merchant.tenant_id, ticket.account.id, PHONE)
    fields = {"username": "ada-too"}
    post.services.login.sign_up(caller(post, LAPTOP), Enrolment(fields, PASSWORD))
    post.services.login.sign_in(caller(post, PHONE), "ada-too", PASSWORD)
    elsewhere = replace(caller(post, PHONE), site_id=post.merchant.site("Mystic Kids"))
    post.services.login.sign_in(elsewhere, ADA, PASSWORD)
    post.services.login.sign_in(replace(elsewhere, device=ShownDevice("k" * 40)), ADA, PASSWORD)
    post.work()
    assert post.taken.messages == []
