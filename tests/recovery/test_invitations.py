"""Whoever customer service makes an account for chooses a password by a link ([B] Offline Orders)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from authsvc.accounts.rules import EmailAddressTaken
from authsvc.errors import Invalid
from authsvc.recovery.rules import LinkRefused
from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.recovery.test_password_resets import NEW, SITE, mailed_link, token_of
from tests.storefront.shopper import ShopperBrowser
from tests.trail import actions

STEPHANIE = "stephanie@mail.com"


def order_tool(post: Post, **more: object) -> int:
    """Make Stephanie an account in the offline-order tool; returns the answer's status, or the account's id."""
    body = {"account": {"emailAddress": STEPHANIE, "firstName": "Stephanie"}, **more}
    answer = post.merchant.call("POST", f"sites/{post.site_id}/eligibleCustomers", body)
    return answer.status_code if answer.status_code != 201 else int((answer.json or {})["id"])


def test_the_offline_order_tool_invites_and_she_chooses_a_password_once(
    post: Post, app: Flask
) -> None:
    merchant, browser = post.merchant, ShopperBrowser(app)
    assert order_tool(post, password=PASSWORD, sendInvitation=True) == 409
    account_id = order_tool(post, sendInvitation=True)
    post.work()
    assert post.taken.recipients == [STEPHANIE]
    assert "Hello Stephanie" in post.taken.text()
    address = mailed_link(post)
    assert address.startswith(f"https://{post.host}/password/invitation?t=")
    assert "You sign in as" in browser.get(address).text
    action, code = f"https://{post.host}/password/invitation", token_of(address)
    assert "Your password is saved" in browser.post(action, t=code, password=NEW).text
    assert browser.post(action, t=code, password="Another-1").status_code == 400
    account = merchant.sign_in(STEPHANIE, "Mystic Kids", NEW).account
    assert account is not None
    assert account.id == account_id
    done = actions(post.services, merchant.tenant_id, f"account:{account_id}")
    assert {"account.created", "account.invited", "account.login_created"} <= set(done)


def test_an_account_without_login_is_invited_later_and_anew(post: Post) -> None:
    merchant = post.merchant
    account_id = order_tool(post)
    path = f"accounts/{account_id}/invitations"
    invite = {"siteId": post.site_id}
    assert merchant.call("POST", path, {"siteId": merchant.site("Mystic Parts")}).status_code == 409
    codes = []
    for _ in range(2):
        assert merchant.call("POST", path, invite).status_code == 202
        post.work()
        codes.append(token_of(mailed_link(post)))
    invitations = post.services.recovery.invitations
    caller = merchant.caller(SITE)
    with pytest.raises(LinkRefused):
        invitations.accept(caller, codes[0], NEW)
    with pytest.raises(Invalid):
        invitations.accept(caller, codes[1], "short")

    def accept(number: int) -> int | None:
        try:
            invitations.accept(caller, codes[1], f"Racket-{number}")
        except LinkRefused:
            return None
        return number

    with ThreadPoolExecutor(4) as threads:
        (winner,) = [each for each in threads.map(accept, range(4)) if each is not None]
    merchant.sign_in(STEPHANIE, SITE, f"Racket-{winner}")
    assert merchant.call("POST", path, invite).status_code == 409


def test_whoever_signed_up_with_the_address_meanwhile_keeps_it(post: Post) -> None:
    merchant = post.merchant
    order_tool(post, sendInvitation=True)
    post.work()
    merchant.sign_up(STEPHANIE, SITE)
    with pytest.raises(EmailAddressTaken):
        post.services.recovery.invitations.accept(
            merchant.caller(SITE), token_of(mailed_link(post)), NEW
        )
