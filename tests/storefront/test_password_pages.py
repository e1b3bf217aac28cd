"""Passwords on hosted pages: changed by who knows them, and told how strong they are while they are typed."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from authsvc.credentials.password_policy import COMMON, SIMILAR, PasswordPolicy
from tests.merchants import PASSWORD
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser

NEW = "violet otters 26"
STRICT = PasswordPolicy(12, 0, 0, refuses_common=True, refuses_similar=True)


@pytest.fixture(name="strict")
def _strict(shops: Shops) -> Shops:
    policies = shops.merchant.services.credentials.policies
    policies.set_policy(shops.merchant.caller(), "b2c", STRICT)
    return shops


def test_a_password_is_changed_and_every_other_browser_signed_out(
    shops: Shops, browser: ShopperBrowser
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    other = ShopperBrowser(browser._app)
    for each in (browser, other):
        each.post(f"{shops.sports}/login", username="stacy@mail.com", password=PASSWORD)
    address = f"{shops.sports}/my-account/password"
    assert "minimum of 6 characters" in browser.get(address).text
    wrong = browser.post(address, current_password="wrong-1", password=NEW)
    assert wrong.status_code == 400
    assert "The current password is wrong." in wrong.text
    weak = browser.post(address, current_password=PASSWORD, password="short")
    assert "Password must be a minimum of 6" in weak.text
    done = browser.post(address, current_password=PASSWORD, password=NEW)
    assert "Your password is changed." in done.text
    assert (browser.session(shops.sports), other.session(shops.sports)) == (200, 401)
    assert shops.merchant.sign_in("stacy@mail.com", "Mystic Kids", NEW).account
    assert browser.post(address, origin=shops.elsewhere, password=NEW).status_code == 403


def test_pages_on_which_a_password_is_chosen_have_one_script_of_ours_and_others_none(
    strict: Shops, browser: ShopperBrowser
) -> None:
    page = browser.get(f"{strict.sports}/signup")
    assert "script-src 'self'; connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.text.count("<script") == 1
    assert 'data-strength="/password/strength"' in page.text
    assert "minimum of 12 characters" in page.text
    script = page.text.partition('<script type="module" src="')[2].partition('"')[0]
    assert browser.get(f"{strict.sports}{script}").content_type.startswith("text/javascript")
    login = browser.get(f"{strict.sports}/login")
    assert "script" not in login.headers["Content-Security-Policy"]


def test_it_is_told_while_typing_what_will_be_said_and_nothing_is_written_down(
    strict: Shops, browser: ShopperBrowser
) -> None:
    def told(password: str, **names: str) -> dict[str, object]:
        answer = browser.post(
            f"{strict.sports}/password/strength", form={"password": password, **names}
        )
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        found = answer.get_json()
        assert isinstance(found, dict)
        return found

    with capture_logs() as lines:
        assert told("short")["text"] == "Password must be a minimum of 12 characters"
        assert told("letmeinletmein") == {"score": 0, "text": COMMON}
        assert told("lovelace1815", last_name="Lovelace") == {"score": 0, "text": SIMILAR}
        assert told("violet spanner otter tuesday") == {"score": 4, "text": "Very good"}
        assert told("aaaaaaaaaaab")["text"] in ("Very easy to guess", "Easy to guess")
    assert not any(word in str(lines) for word in ("short", "letmein", "lovelace", "violet"))
    page = browser.post(
        f"{strict.sports}/password/strength", origin=strict.elsewhere + ".evil", password="x"
    )
    assert page.status_code == 403
