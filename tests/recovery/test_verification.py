"""An e-mail address is confirmed at sign-up as each customer set wants it: required, later, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from authsvc.credentials.hashing import PasswordHashing
from authsvc.login.rules import BadCredentials, EmailNotVerified
from authsvc.recovery.verification import MOST_LINKS
from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.recovery.test_password_resets import (
    NEW,
    SITE,
    STACY,
    forgotten,
    mailed_link,
    token_of,
    update,
)
from tests.storefront.shopper import ShopperBrowser
from tests.trail import entries


def ask_for(post: Post, policy: str, customer_set: str = "b2c") -> int:
    """Give a set its policy; returns the status."""
    path = f"customerSets/{customer_set}/emailVerification"
    return post.merchant.call("PUT", path, {"policy": policy}).status_code


def test_where_it_is_required_nobody_is_signed_in_before(post: Post, app: Flask) -> None:
    merchant, browser, shop = post.merchant, ShopperBrowser(app), f"https://{post.host}"
    assert ask_for(post, "required") == 200
    assert merchant.call("GET", "customerSets/B2C/emailVerification").json == {"policy": "required"}
    page = browser.post(f"{shop}/signup", email=STACY, password=PASSWORD)
    assert "Look into your mailbox" in page.text
    assert browser.session(shop) == 401
    with pytest.raises(BadCredentials):
        merchant.sign_in(STACY, SITE, "guess")
    post.work()
    assert len(post.taken.messages) == 1
    # Who knows the password is told why, and mailed another link.
    with pytest.raises(EmailNotVerified):
        merchant.sign_in(STACY, SITE)
    post.work()
    assert len(post.taken.messages) == 2
    address = mailed_link(post)
    assert browser.get(address).status_code == 200
    confirmed = browser.post(f"{shop}/my-account/email/verify", t=token_of(address))
    assert "your address is confirmed" in confirmed.text
    account = merchant.sign_in(STACY, SITE).account
    assert account is not None
    done = [each["action"] for each in entries(post.services, merchant.tenant_id)]
    assert "account.email_verified" in done
    assert "customer_set.email_verification_changed" in done
    # A new account of the API is told the same, and one made on a set that does not ask is not asked.
    body = {"account": {"emailAddress": "john@mail.com"}, "password": PASSWORD}
    refused = merchant.call("POST", "accounts/Add-Account-And-Login", body, site=SITE)
    assert refused.status_code == 403
    assert merchant.sign_up("john@mail.com", "Mystic Parts").account is not None


@pytest.mark.parametrize(
    "names",
    [
        {"userName": "stacy"},
        {"userName": STACY},
        {"userName": STACY, "emailAddress": "thief@mail.com"},
    ],
)
def test_where_it_is_required_nobody_signs_up_with_what_is_not_confirmed(
    post: Post, app: Flask, names: dict[str, str]
) -> None:
    """No address, or a name that poses as another one: neither by a call nor on the hosted page."""
    merchant, browser, shop = post.merchant, ShopperBrowser(app), f"https://{post.host}"
    ask_for(post, "required")
    body = {"account": names, "password": PASSWORD}
    refused = merchant.call("POST", "accounts/Add-Account-And-Login", body, site=SITE)
    assert refused.status_code == 400
    assert "mail" in refused.get_json()["message"]
    email, username = names.get("emailAddress", ""), names["userName"]
    browser.post(f"{shop}/signup", email=email, username=username, password=PASSWORD)
    assert browser.session(shop) == 401
    with pytest.raises(BadCredentials):
        merchant.sign_in(username, SITE)
    # A name beside the address, or the address spelled in another way, is theirs to choose.
    own = {"userName": "STACY@mail.com", "emailAddress": STACY}
    body = {"account": own, "password": PASSWORD}
    made = merchant.call("POST", "accounts/Add-Account-And-Login", body, site=SITE)
    assert made.status_code == 403
    with pytest.raises(EmailNotVerified):
        merchant.sign_in(STACY, SITE)


def test_where_it_is_required_a_taken_address_is_told_to_its_holder_alone(
    post: Post, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, browser, shop = post.merchant, ShopperBrowser(app), f"https://{post.host}"
    merchant.sign_up(STACY, "Mystic Sports")
    merchant.sign_up("sue@mail.com", "Mystic Kids", username="sue")
    ask_for(post, "required")
    hashed: list[str] = []
    hash_one = PasswordHashing.hash

    def counted(hashing: PasswordHashing, password: str) -> str:
        hashed.append(password)
        return hash_one(hashing, password)

    monkeypatch.setattr(PasswordHashing, "hash", counted)
    free = browser.post(f"{shop}/signup", email="john@mail.com", password=PASSWORD)
    assert len(hashed) == 1
    taken = browser.post(f"{shop}/signup", email=STACY.upper(), password=PASSWORD)
    assert len(hashed) == 2
    for answer in (free, taken):
        assert "Look into your mailbox" in answer.text
        assert "Set-Cookie" not in answer.headers
    assert (taken.status_code, len(taken.text)) == (free.status_code, len(free.text))
    post.work()
    assert post.taken.recipients == ["john@mail.com", STACY]
    assert "already have an account" in str(post.taken.messages[-1]["Subject"])
    # She is mailed a few times an hour, and the address can be asked about no oftener than a password.
    for _ in range(MOST_LINKS):
        browser.post(f"{shop}/signup", email=STACY, password=PASSWORD)
    post.work()
    assert post.taken.recipients.count(STACY) <= MOST_LINKS
    # A username beside an address that is nobody's has to be another, which only this page can say.
    named = browser.post(f"{shop}/signup", email="pat@mail.com", username="sue", password=PASSWORD)
    assert "cannot be used" in named.text


def test_later_means_signed_in_and_reminded(post: Post, app: Flask) -> None:
    merchant, browser, shop = post.merchant, ShopperBrowser(app), f"https://{post.host}"
    assert ask_for(post, "later") == 200
    browser.post(f"{shop}/signup", email=STACY, password=PASSWORD)
    assert browser.session(shop) == 200
    assert "not confirmed yet" in browser.get(f"{shop}/my-account").text
    browser.post(f"{shop}/my-account/email/verify/send")
    post.work()
    assert post.taken.recipients == [STACY, STACY]
    browser.post(f"{shop}/my-account/email/verify", t=token_of(mailed_link(post)))
    assert "not confirmed yet" not in browser.get(f"{shop}/my-account").text
    # Another address is to be confirmed anew.
    account = merchant.sign_in(STACY, SITE).account
    assert account is not None
    post.services.accounts.update(merchant.caller(), account.id, {"email_address": "s@mail.com"})
    assert "not confirmed yet" in browser.get(f"{shop}/my-account").text


def test_of_many_who_ask_for_another_link_at_once_a_few_are_mailed_one_and_none_elsewhere(
    post: Post,
) -> None:
    merchant, verification = post.merchant, post.services.recovery.verification
    ask_for(post, "later")
    account = merchant.sign_up(STACY, SITE).account
    john = merchant.sign_up("john@mail.com", SITE).account
    assert account is not None
    assert john is not None
    site = verification.links.directory.fresh_site(merchant.tenant_id, merchant.site(SITE))
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: verification.remind(site, account.id), range(16)))
    post.work()
    assert post.taken.recipients.count(STACY) == MOST_LINKS
    # Of an account that belongs to another set by now, the site has nothing to ask.
    merchant.move(john.id, "b2b")
    verification.remind(site, john.id)
    post.work()
    assert post.taken.recipients.count("john@mail.com") == 1


def test_by_default_nobody_is_asked_and_a_completed_reset_is_an_answer(post: Post) -> None:
    merchant = post.merchant
    assert merchant.call("GET", "customerSets/b2c/emailVerification").json == {"policy": "off"}
    assert ask_for(post, "sometimes") == 400
    assert ask_for(post, "required", "nowhere") == 404
    merchant.sign_up("john@mail.com", SITE)
    post.work()
    assert post.taken.messages == []
    ask_for(post, "required")
    with pytest.raises(EmailNotVerified):
        merchant.sign_up(STACY, SITE)
    assert update(post, forgotten(post)).status_code == 200
    assert merchant.sign_in(STACY, SITE, NEW).account is not None
