"""A forgotten password: the vendor's calls and our pages ([K] 3.3), and what nobody learns by them (rule 11)."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authsvc.errors import AuthsvcError
from authsvc.login.rules import BadCredentials
from authsvc.recovery.password_resets import PasswordResets
from authsvc.recovery.rules import LinkRefused, digest
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from tests.mail.conftest import Post
from tests.mail.working import jobs
from tests.merchants import PASSWORD
from tests.storefront.shopper import ShopperBrowser
from tests.trail import actions

STACY = "stacy@mail.com"
NEW = "Racket-2027"
SITE = "Mystic Sports"


def ask(post: Post, **body: str) -> TestResponse:
    """Ask for a reset, as a storefront's server does."""
    return post.merchant.call("POST", "accounts/Reset-Password", body, site=SITE)


def mailed_link(post: Post, path: str = "/") -> str:
    """Return the address in the latest mail that has one of such a path; mails that are sent together have no order."""
    texts = [post.taken.text(index) for index in range(len(post.taken.messages))]
    found = re.findall(rf"https://[^/\s]+{path}\S+", "\n".join(texts))
    assert found
    return str(found[-1])


def token_of(address: str) -> str:
    """Return the code that stands in a link."""
    return parse_qs(urlsplit(address).query)["t"][0]


def forgotten(post: Post) -> str:
    """Let Stacy have forgotten her password; returns the code she was mailed."""
    ask(post, emailAddress=STACY)
    post.work()
    return token_of(mailed_link(post))


def update(post: Post, code: str, password: str = NEW, name: str = STACY) -> TestResponse:
    """Send a code and a new password, as the vendor's confirm page does."""
    body = {"userName": name, "newPassword": password, "confirmationCode": code}
    return post.merchant.call("POST", "accounts/Update-Forgotten-Password", body, site=SITE)


def resets(services: Services) -> PasswordResets:
    """Return the use cases."""
    return services.recovery.password_resets


def looked_at_later(post: Post, after: timedelta, code: str) -> int:
    """Return whose code it will be then."""
    use_cases = resets(post.services)
    links = replace(use_cases.links, clock=lambda: post.services.clock() + after)
    return replace(use_cases, links=links).look(post.merchant.tenant_id, code).id


def test_a_reset_replaces_the_password_unlocks_and_ends_all_sessions(post: Post) -> None:
    """[K] 3.3: the link is the vendor's, and completing it also unlocks; the shopper is then asked to sign in."""
    merchant = post.merchant
    ticket = merchant.sign_up(STACY, SITE)
    assert ticket.account is not None
    assert ask(post, emailAddress=STACY).status_code == 200
    post.services.credentials.set_locked(merchant.caller(), ticket.account.id, locked=True)
    post.work()
    address = mailed_link(post)
    assert address.startswith(f"https://{post.host}/user/resetpasswordconfirm?t=")
    assert address.endswith(f"&u={ticket.user_id}")
    other = merchant.sign_in  # Mystic Kids is a site of the same set.
    answer = update(post, token_of(address))
    assert (answer.status_code, answer.data) == (200, b"")
    assert merchant.check(ticket.tokens.access_token, SITE).status_code == 401
    with pytest.raises(BadCredentials):
        other(STACY, "Mystic Kids", PASSWORD)
    assert other(STACY, "Mystic Kids", NEW).user_id == ticket.user_id
    done = actions(post.services, merchant.tenant_id, f"account:{ticket.account.id}")
    assert {"account.password_reset_requested", "account.password_reset"} <= set(done)
    post.work()
    assert "was changed" in str(post.taken.messages[-1]["Subject"])


def test_a_code_is_good_once_for_72_hours_and_for_its_own_account(post: Post) -> None:
    merchant = post.merchant
    ticket = merchant.sign_up(STACY, SITE)
    account = ticket.account
    merchant.sign_up("john@mail.com", SITE)
    assert account is not None
    code = forgotten(post)
    assert update(post, code, name="john@mail.com").status_code == 400
    assert update(post, code, password="short").status_code == 400
    assert update(post, "guess").status_code == 400
    assert looked_at_later(post, timedelta(hours=71), code) == account.id
    with pytest.raises(LinkRefused):
        looked_at_later(post, timedelta(hours=72), code)
    assert merchant.check(ticket.tokens.access_token, SITE).status_code == 200
    assert update(post, code).status_code == 200
    assert merchant.check(ticket.tokens.access_token, SITE).status_code == 401
    assert update(post, code, password="Another-2027").status_code == 400
    merchant.sign_in(STACY, SITE, NEW)


def test_a_new_password_a_new_address_and_another_set_each_kill_the_link(post: Post) -> None:
    merchant, services = post.merchant, post.services
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    caller = merchant.caller(SITE)
    first = forgotten(post)
    services.credentials.change_password(caller, account.id, PASSWORD, "Racket-2026")
    assert update(post, first).status_code == 400
    second = forgotten(post)
    services.accounts.update(caller, account.id, {"email_address": "s@mail.com"})
    assert update(post, second).status_code == 400
    services.accounts.update(caller, account.id, {"email_address": STACY})
    third = forgotten(post)
    merchant.move(account.id, "b2b")
    assert update(post, third).status_code == 400


def test_of_many_who_redeem_at_once_exactly_one_wins(post: Post) -> None:
    """One code many times, and two codes of one account: the password is one that somebody chose, once."""
    merchant = post.merchant
    merchant.sign_up(STACY, SITE)
    codes = [forgotten(post), forgotten(post)]

    def redeem(number: int) -> int | None:
        try:
            resets(post.services).complete(
                merchant.caller(SITE), codes[number % 2], f"Racket-{number}"
            )
        except LinkRefused:
            return None
        return number

    with ThreadPoolExecutor(8) as threads:
        (winner,) = [each for each in threads.map(redeem, range(8)) if each is not None]
    merchant.sign_in(STACY, SITE, f"Racket-{winner}")
    assert update(post, codes[0]).status_code == update(post, codes[1]).status_code == 400


def test_of_many_who_take_one_link_exactly_one_gets_it(post: Post) -> None:
    """By the store alone, whatever else would refuse the others."""
    post.merchant.sign_up(STACY, SITE)
    kept = digest(forgotten(post))
    store, tenant_id = post.services.recovery.links.store, post.merchant.tenant_id
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: store.take(tenant_id, kept), range(8)))
    assert len([link for link in taken if link is not None]) == 1


def test_nobody_learns_by_a_reset_who_exists(post: Post) -> None:
    """Same status, same text, and the same work: one row and one job, whoever is named."""
    merchant = post.merchant
    merchant.sign_up(STACY, SITE)
    merchant.sign_up("paul@mail.com", "Mystic Parts")
    merchant.call("POST", "accounts", {"emailAddress": "guest@mail.com"}, site=SITE)
    told = set()
    for name in (STACY, "nobody@mail.com", "paul@mail.com", "guest@mail.com", "no name ☃"):
        before = len(jobs(post.services))
        answer = ask(post, userName=name)
        told.add((answer.status_code, answer.data))
        assert len(jobs(post.services)) == before + 1
        assert not any(name in arguments for _, _, arguments in jobs(post.services))
    assert told == {(200, b"")}
    post.work()
    assert post.taken.recipients == [STACY]
    assert jobs(post.services) == []


def test_a_setting_restores_the_vendors_answer(post: Post) -> None:
    """[K] 3.3: Reset-Password by unknown name is ITEM_NOT_FOUND."""
    vendors = replace(resets(post.services), says_who_exists=True)
    post.merchant.sign_up(STACY, SITE)
    vendors.request(post.merchant.caller(SITE), STACY)
    with pytest.raises(AuthsvcError) as refusal:
        vendors.request(post.merchant.caller(SITE), "nobody@mail.com")
    assert refusal.value.error_code == "ITEM_NOT_FOUND"


def test_an_empty_set_code_is_that_of_the_site_and_another_leads_to_a_site_of_its_own(
    post: Post,
) -> None:
    """[K] 1.4."""
    merchant = post.merchant
    empty = ask(post)
    assert empty.status_code == 400
    assert empty.json is not None
    assert empty.json["message"].endswith(
        "resetPasswordInfo UserName or EmailAddress must be provided"
    )
    merchant.sign_up(STACY, "Mystic Parts")
    assert ask(post, userName=STACY, customerSetCode="").status_code == 200
    assert ask(post, userName=STACY, customerSetCode="b2b").status_code == 409
    host = f"parts-{post.host}"
    post.services.sites.change(
        merchant.caller(), merchant.site("Mystic Parts"), SiteChange(hosts=[host])
    )
    assert ask(post, userName=STACY, customerSetCode="b2b").status_code == 200
    post.work()
    (recipient,) = post.taken.recipients
    assert recipient == STACY
    assert mailed_link(post).startswith(f"https://{host}/")


def test_one_mailbox_gets_five_an_hour_at_the_most(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    for _ in range(7):
        ask(post, emailAddress=STACY)
    post.work()
    assert len(post.taken.messages) == 5


def test_the_hosted_pages_do_it_without_script(
    post: Post, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    merchant, browser = post.merchant, ShopperBrowser(app)
    merchant.sign_up(STACY, SITE)
    shop = f"https://{post.host}"
    assert "/password/forgot" in browser.get(f"{shop}/login?asked=1").text
    pages = {
        browser.post(f"{shop}/password/forgot", username=name).text
        for name in (STACY, "nobody@mail.com")
    }
    assert len(pages) == 1
    assert "a mail is on its way" in pages.pop()
    post.work()
    address = mailed_link(post)
    # A mail program that looks at the link first uses nothing up.
    for _ in range(2):
        page = browser.get(address)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        # Only what tells how strong a password is while it is typed.
        assert page.text.count("<script") == page.text.count("/password/strength.js") == 1
        assert 'autocomplete="new-password"' in page.text
    code = token_of(address)
    action = f"{shop}/user/resetpasswordconfirm"
    # Browsers say no more than this of a form on a page that asks for no-referrer.
    hidden = {"Origin": "null"}
    refused = browser.post(action, t=code, password="short", headers=hidden)
    assert refused.status_code == 400
    assert "Password must be a minimum of 6 characters" in refused.text
    foreign = browser.post(action, t=code, password=NEW, origin="https://evil.example")
    assert foreign.status_code == 403
    done = browser.post(action, t=code, password=NEW, headers=hidden)
    assert "Your password is saved" in done.text
    assert code not in "".join(browser.trail)
    gone = browser.get(address)
    assert gone.status_code == 400
    assert "no longer good" in gone.text
    own = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert not any(code in line for line in own)
    merchant.sign_in(STACY, SITE, NEW)
