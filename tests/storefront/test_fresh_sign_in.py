"""Sensitive acts of shoppers ask for a fresh sign-in: the hosted pages ask for the password, and go on."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from authsvc.second_factor.rules import Policy, Requirement
from tests.merchants import PASSWORD
from tests.sessions.ageing import let_sign_ins_age
from tests.storefront.conftest import Shops
from tests.storefront.john import John, sign_john_in
from tests.storefront.shopper import ShopperBrowser

COOKIE = "__Host-authsvc-session"


@pytest.fixture(name="john")
def _john(shops: Shops, browser: ShopperBrowser) -> John:
    return sign_john_in(shops, browser)


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a page is sent, and what it sends along unseen."""
    action = re.search(r'<form method="post" action="([^"]*)"', page)
    assert action is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return unescape(action[1]), {unescape(name): unescape(text) for name, text in hidden}


def test_the_password_is_asked_for_and_nothing_that_was_typed_is_lost(
    shops: Shops, browser_without_mail: ShopperBrowser
) -> None:
    john = sign_john_in(shops, browser_without_mail)
    let_sign_ins_age(john.shops.merchant)
    typed = {
        "first_name": 'John "<b>" & Co',
        "last_name": "Doe",
        "email": "jd@mail.com",
        "company": "Doe Ltd",
        "accepts_marketing": "1",
    }
    page = john.send("/profile", **typed)
    assert "Is it you?" in page
    assert john.account.email_address == "john@mail.com"
    action, kept = form_of(page)
    assert (action, kept) == ("/my-account/profile", typed)
    shown = john.browser.cookie(john.shops.sports, COOKIE)
    wrong = john.send("/profile", **kept, fresh_password="wrong")
    assert form_of(wrong) == (action, kept)
    assert "The password is not right." in wrong
    assert "wrong" not in re.findall(r'value="([^"]*)"', wrong)
    assert john.account.email_address == "john@mail.com"
    assert "Your profile is saved." in john.send("/profile", **kept, fresh_password=PASSWORD)
    account = john.account
    assert (account.first_name, account.email_address) == ('John "<b>" & Co', "jd@mail.com")
    # ASVS 5 7.2.4: another cookie, and the one before is void; on the set's other sites nothing changes.
    assert john.browser.cookie(john.shops.sports, COOKIE) != shown
    assert john.browser.session(john.shops.sports) == 200
    client = john.browser.client(john.shops.sports)
    client.set_cookie(COOKIE, shown or "", domain=urlsplit(john.shops.sports).hostname or "")
    assert john.browser.session(john.shops.sports) == 401


def test_what_is_not_sensitive_is_saved_without_asking(john: John) -> None:
    let_sign_ins_age(john.shops.merchant)
    page = john.send("/profile", first_name="Jon", last_name="", email="john@mail.com")
    assert "Your profile is saved." in page


def test_a_shopper_who_was_remembered_or_has_come_from_another_site_is_asked_too(
    john: John,
) -> None:
    """Neither is a sign-in: the moment of the last proof stays what it was."""
    shops, browser = john.shops, john.browser
    browser.post(f"{shops.sports}/login", username="john@mail.com", password=PASSWORD, remember="1")
    card = john.data.cards.add(shops.merchant.caller(), john.id, "card-1", {})
    let_sign_ins_age(shops.merchant)
    assert "My Account" in browser.get(f"{shops.kids}/my-account").text
    for mine in (john.sports, f"{shops.kids}/my-account"):
        for path in (f"/cards/{card.serial}/delete", "/sign-out-everywhere"):
            assert "Is it you?" in browser.post(f"{mine}{path}").text, mine
    # At the merchant's domain the site goes along.
    page = browser.post(
        f"{shops.hub}/my-account/sign-out-everywhere",
        site=str(shops.merchant.site("Mystic Sports")),
    ).text
    action, kept = form_of(page)
    assert kept == {"site": str(shops.merchant.site("Mystic Sports"))}
    browser.post(f"{shops.hub}{action}", form=kept, fresh_password=PASSWORD)
    assert [browser.session(each) for each in (shops.sports, shops.kids)] == [401, 401]


def test_who_proves_it_to_sign_out_everywhere_keeps_no_cookie(john: John) -> None:
    """The password gives the browser another cookie; of a session that is over by then it keeps none."""
    let_sign_ins_age(john.shops.merchant)
    address = f"{john.sports}/sign-out-everywhere"
    answer = john.browser.post(address, fresh_password=PASSWORD, follow=False)
    assert answer.status_code == 303
    (said,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(COOKIE)]
    assert said.startswith(f"{COOKIE}=;")
    assert john.browser.cookie(john.shops.sports, COOKIE) is None


def test_second_factors_and_passkeys_ask_for_the_password_first(john: John) -> None:
    let_sign_ins_age(john.shops.merchant)
    factor = "/second-factor"
    for path in (f"{factor}/begin", f"{factor}/confirm", f"{factor}/change", "/passkeys/1/name"):
        assert "Is it you?" in john.send(path), path
    assert "Is it you?" in john.browser.get(f"{john.sports}{factor}").text
    care = john.shops.merchant.services.sign_in.second_factors
    care.policies.set_policy(john.shops.merchant.caller(), "b2c", Policy(Requirement.OFFERED))
    assert "<svg" in john.send(f"{factor}/begin", fresh_password=PASSWORD)


def test_the_page_that_asks_leads_nowhere_else(john: John) -> None:
    let_sign_ins_age(john.shops.merchant)
    for opened, leads_to in (
        ("/my-account/profile?x=1", f"{john.sports}/profile?x=1"),
        ("//evil.example", john.sports),
        ("https://evil.example/", john.sports),
    ):
        answer = john.browser.post(
            f"{john.sports}/confirm", return_to=opened, fresh_password=PASSWORD, follow=False
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, leads_to)


def test_whoever_has_no_password_signs_in_another_way(john: John) -> None:
    """The sign-in page is shown to who is signed in, and leads back to My Account."""
    let_sign_ins_age(john.shops.merchant)
    page = john.browser.post(f"{john.sports}/sign-out-everywhere").text
    link = re.search(r'<a href="(/login[^"]*)">Sign in another way', page)
    assert link is not None
    address = john.shops.sports + unescape(link[1])
    assert "Sign in" in john.browser.get(address, follow=False).text
    john.browser.post(address, username="john@mail.com", password=PASSWORD, return_to="/my-account")
    page = john.browser.post(f"{john.sports}/sign-out-everywhere").text
    assert "You are signed out everywhere." in page
