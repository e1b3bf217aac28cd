"""Another e-mail address is confirmed at the new one, told to the old one, and taken back from there."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from authsvc.accounts.rules import EmailAddressTaken
from authsvc.callers import Caller, Shopper
from authsvc.credentials.rules import WrongPassword
from authsvc.credentials.service import Credentials
from authsvc.login.rules import BadCredentials
from authsvc.recovery.rules import LinkRefused
from tests.isolation.world import a_passkey
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
from tests.trail import actions

OTHER = "stacy@new.example"
SPELLED = "Stacy@mail.com"


def ask(post: Post, account_id: int, ticket: str, address: str = OTHER, **more: str) -> int:
    """Ask for another address with a shopper's ticket; returns the status."""
    body = {"emailAddress": address, "password": PASSWORD, **more}
    path = f"accounts/{account_id}/email-changes"
    return post.merchant.call("POST", path, body, site=SITE, shopper=ticket).status_code


def test_it_changes_when_the_new_mailbox_says_so_and_the_old_one_can_undo_it(
    post: Post, app: Flask
) -> None:
    merchant, browser = post.merchant, ShopperBrowser(app)
    ticket = merchant.sign_up(STACY, SITE)
    john = merchant.sign_up("john@mail.com", SITE)
    assert ticket.account is not None
    account_id, token = ticket.account.id, ticket.tokens.access_token
    assert ask(post, account_id, token, password="guess") == 400
    assert ask(post, account_id, token, address="john@mail.com") == 400
    assert ask(post, account_id, john.tokens.access_token) == 403
    assert ask(post, account_id, token) == 202
    post.work()
    assert post.taken.recipients == [OTHER]
    assert merchant.sign_in(STACY, SITE).user_id == ticket.user_id
    address = mailed_link(post)
    page = browser.get(address)
    assert OTHER in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    merchant.sign_in(STACY, SITE)
    shop = f"https://{post.host}/my-account/email"
    assert "Sign in" in browser.post(f"{shop}/confirm", t=token_of(address)).text
    assert browser.post(f"{shop}/confirm", t=token_of(address)).status_code == 400
    # The username was the address, and still is.
    assert merchant.sign_in(OTHER, SITE).user_id == ticket.user_id
    with pytest.raises(BadCredentials):
        merchant.sign_in(STACY, SITE)
    post.work()
    assert post.taken.recipients[-1] == STACY
    assert OTHER not in post.taken.text()
    undo = mailed_link(post)
    assert undo.startswith(f"{shop}/undo?t=")
    # Whoever took the account over may have added one, by which they would be in again.
    passkeys = post.services.passkeys.passkeys.store
    passkeys.add(merchant.tenant_id, a_passkey(account_id, b"a thief's"))
    live = merchant.sign_in(OTHER, "Mystic Kids").tokens.access_token
    factors = post.services.sign_in.second_factors.factors.authenticators
    factors.set_up(merchant.tenant_id, account_id, b"a thief's", 0, post.services.clock())
    assert (
        "Your account has its address again" in browser.post(f"{shop}/undo", t=token_of(undo)).text
    )
    assert merchant.check(live, SITE).status_code == 401
    assert passkeys.of_account(merchant.tenant_id, account_id) == []
    assert factors.set_up_at(merchant.tenant_id, account_id) is None
    for name in (STACY, OTHER):
        with pytest.raises(BadCredentials):
            merchant.sign_in(name, SITE)
    # Nor is the old password one to change it by.
    with pytest.raises(WrongPassword):
        post.services.credentials.change_password(merchant.caller(), account_id, PASSWORD, NEW)
    post.work()
    assert post.taken.recipients[-1] == STACY
    reset = mailed_link(post, "/user/resetpasswordconfirm")
    assert update(post, token_of(reset)).status_code == 200
    merchant.sign_in(STACY, SITE, NEW)
    done = actions(post.services, merchant.tenant_id, f"account:{account_id}")
    assert {"account.email_change_requested", "account.email_change_undone"} <= set(done)


def test_an_address_changed_by_the_vendors_call_is_told_to_the_old_one_which_can_take_it_back(
    post: Post, app: Flask
) -> None:
    merchant, browser = post.merchant, ShopperBrowser(app)
    ticket = merchant.sign_up(STACY, SITE)
    assert ticket.account is not None
    path, token = f"accounts/{ticket.account.id}", ticket.tokens.access_token
    for body in ({"lastName": "Stone"}, {"emailAddress": SPELLED}):
        assert merchant.call("PUT", path, body, shopper=token).status_code == 200
    post.work()
    assert post.taken.recipients == []
    # Without a site, too: whoever has found a session open says what they like.
    assert merchant.call("PUT", path, {"emailAddress": OTHER}, shopper=token).status_code == 200
    post.work()
    assert post.taken.recipients == [SPELLED]
    assert OTHER not in post.taken.text()
    undo = mailed_link(post)
    browser.post(f"https://{post.host}/my-account/email/undo", t=token_of(undo))
    assert merchant.check(token, SITE).status_code == 401
    assert merchant.call("GET", path).get_json()["emailAddress"] == SPELLED
    # What staff change is the staff's to tell.
    assert merchant.call("PUT", path, {"emailAddress": OTHER}).status_code == 200
    forget = len(post.taken.recipients)
    post.work()
    assert post.taken.recipients[forget:] == [SPELLED]  # the link to a new password


def test_of_many_who_confirm_at_once_one_does_and_a_taken_address_is_refused(post: Post) -> None:
    merchant, changes = post.merchant, post.services.recovery.email_changes
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    caller = merchant.caller(SITE)
    changes.request(caller, account.id, OTHER, PASSWORD)
    post.work()
    token = token_of(mailed_link(post))

    def confirm(_: int) -> bool:
        try:
            changes.confirm(caller, token)
        except LinkRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(confirm, range(4))) == [False, False, False, True]
    changes.request(caller, account.id, "third@new.example", PASSWORD)
    post.work()
    merchant.sign_up("third@new.example", "Mystic Kids")
    # The notice of the first change and the link of the second went out together.
    links = [
        re.findall(r"https://\S+/confirm\S+", post.taken.text(index))
        for index in range(len(post.taken.messages))
    ]
    with pytest.raises(EmailAddressTaken):
        changes.confirm(caller, token_of([each for found in links for each in found][-1]))


@pytest.mark.parametrize("how", ["changed", "reset"])
def test_a_password_that_is_changed_or_reset_takes_the_link_to_another_address_with_it(
    post: Post, how: str
) -> None:
    """Whoever asked by the old password, and reads the other mailbox, gets nothing by it."""
    merchant, changes = post.merchant, post.services.recovery.email_changes
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    caller = merchant.caller(SITE)
    changes.request(caller, account.id, OTHER, PASSWORD)
    post.work()
    token = token_of(mailed_link(post))
    if how == "changed":
        post.services.credentials.change_password(caller, account.id, PASSWORD, NEW)
    else:
        assert update(post, forgotten(post)).status_code == 200
    with pytest.raises(LinkRefused):
        changes.confirm(caller, token)
    assert merchant.sign_in(STACY, SITE, NEW).user_id
    # The new password asks for a link of its own, which is good.
    changes.request(caller, account.id, OTHER, NEW)
    post.work()
    changes.confirm(caller, token_of(_confirmation(post)))
    assert merchant.sign_in(OTHER, SITE, NEW).user_id


def _confirmation(post: Post) -> str:
    """Return the latest link to another address, whatever else was mailed beside it."""
    texts = [post.taken.text(index) for index in range(len(post.taken.messages))]
    links: list[str] = re.findall(r"https://\S+/confirm\?\S+", "\n".join(texts))
    return links[-1]


def test_an_undo_leaves_an_authenticator_app_that_was_there_before_the_change(post: Post) -> None:
    merchant, changes = post.merchant, post.services.recovery.email_changes
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    factors = post.services.sign_in.second_factors.factors.authenticators
    factors.set_up(merchant.tenant_id, account.id, b"hers", 0, post.services.clock())
    caller = merchant.caller(SITE)
    changes.request(caller, account.id, OTHER, PASSWORD)
    post.work()
    changes.confirm(caller, token_of(mailed_link(post)))
    post.work()
    changes.undo(caller, token_of(mailed_link(post)))
    assert factors.set_up_at(merchant.tenant_id, account.id) is not None


def test_whoever_takes_the_old_address_does_not_keep_the_account_by_that(
    post: Post, app: Flask
) -> None:
    merchant, changes = post.merchant, post.services.recovery.email_changes
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    caller, browser = merchant.caller(SITE), ShopperBrowser(app)
    changes.request(caller, account.id, OTHER, PASSWORD)
    post.work()
    changes.confirm(caller, token_of(mailed_link(post)))
    post.work()
    undo = mailed_link(post)
    live = merchant.sign_in(OTHER, SITE).tokens.access_token
    passkeys = post.services.passkeys.passkeys.store
    passkeys.add(merchant.tenant_id, a_passkey(account.id, b"a thief's"))
    merchant.sign_up(STACY, SITE)
    told = browser.post(f"https://{post.host}/my-account/email/undo", t=token_of(undo))
    assert told.status_code == 409
    assert "customer service" in told.text
    assert merchant.check(live, SITE).status_code == 401
    assert passkeys.of_account(merchant.tenant_id, account.id) == []
    with pytest.raises(BadCredentials):
        merchant.sign_in(OTHER, SITE)
    post.work()
    mails = len(post.taken.messages)
    post.services.recovery.password_resets.request(caller, OTHER)
    post.work()
    assert post.taken.recipients[mails:] == []
    done = actions(post.services, merchant.tenant_id, f"account:{account.id}")
    assert {"account.disabled", "account.email_change_undo_failed"} <= set(done)
    # The link has done what it could.
    again = browser.post(f"https://{post.host}/my-account/email/undo", t=token_of(undo))
    assert again.status_code == 400


def test_my_account_asks_for_the_password_and_leads_to_the_form(post: Post, app: Flask) -> None:
    browser, shop = ShopperBrowser(app), f"https://{post.host}"
    post.merchant.sign_up(STACY, SITE)
    browser.post(f"{shop}/login", username=STACY, password=PASSWORD)
    assert "/my-account/email" in browser.get(f"{shop}/my-account").text
    assert "Your password" in browser.get(f"{shop}/my-account/email").text
    wrong = browser.post(f"{shop}/my-account/email", email=OTHER, password="guess")
    assert wrong.status_code == 400
    sent = browser.post(f"{shop}/my-account/email", email=OTHER, password=PASSWORD)
    assert f"on its way to {OTHER}" in sent.text
    post.work()
    assert post.taken.recipients == [OTHER]
    told = [
        browser.post(f"{shop}/my-account/email", email=f"{n}{OTHER}", password=PASSWORD).status_code
        for n in range(5)
    ]
    assert told == [200, 200, 200, 200, 429]
    stranger = ShopperBrowser(app).post(f"{shop}/my-account/email", email=OTHER, password=PASSWORD)
    assert "Sign in" in stranger.text


def change_address(post: Post, caller: Caller, account_id: int) -> None:
    post.services.recovery.email_changes.request(caller, account_id, OTHER, PASSWORD)


def erase(post: Post, caller: Caller, account_id: int) -> None:
    post.services.privacy.erase(caller, account_id, PASSWORD)


@pytest.mark.parametrize("act", [change_address, erase])
def test_a_password_that_is_replaced_in_the_very_moment_confirms_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch, act: Callable[[Post, Caller, int], None]
) -> None:
    """The holder's new password throws out who knows the old one, however quick they are."""
    merchant, confirm = post.merchant, Credentials.confirm_password
    ticket = merchant.sign_up(STACY, SITE)
    assert ticket.account is not None
    account_id = ticket.account.id
    thief = replace(
        merchant.caller(SITE),
        shopper=Shopper(ticket.tokens.session_id, ticket.user_id, account_id, "b2c"),
        carries_shopper=True,
    )

    def faster(self: Credentials, caller: Caller, account_id: int, password: str) -> datetime:
        since = confirm(self, caller, account_id, password)
        self.change_password(merchant.caller(), account_id, PASSWORD, NEW)
        return since

    monkeypatch.setattr(Credentials, "confirm_password", faster)
    with pytest.raises(WrongPassword):
        act(post, thief, account_id)
    post.work()
    assert OTHER not in post.taken.recipients
    assert merchant.sign_in(STACY, SITE, NEW).user_id == ticket.user_id
