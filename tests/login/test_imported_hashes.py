"""Customers of another system sign in here with the passwords they had there ([K] 4, `externalPassword`)."""

from __future__ import annotations

from typing import Any

import bcrypt
import pytest
from werkzeug.test import TestResponse

from authsvc.credentials.passwords import MOST_SLOW_KINDS
from authsvc.foreign_hashes.recognition import recognised
from authsvc.foreign_hashes.rules import ForeignHash
from authsvc.login.rules import BadCredentials
from authsvc.purging import purge
from tests.merchants import PASSWORD, Merchant

# MD5 of salt and password, as Magento 1 wrote it.
MAGENTO = "8a6c21b0d1a1dfb3a2a4a1b5f3cbf9a0:aa"


def made(rounds: int = 4, password: str = PASSWORD) -> str:
    """Return a hash as Shopify exports it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def imported(shop: Merchant, email: str, text: str, **body: object) -> TestResponse:
    """Make an account with a hash that another system made."""
    body = {"account": {"emailAddress": email}, "externalPassword": text, "isImport": True} | body
    return shop.call("POST", "accounts/add-account-and-login", body, site="Mystic Sports")


def account(shop: Merchant, email: str) -> dict[str, Any]:
    """Return an account of Mystic Sports' set as an application sees it."""
    found = shop.call("GET", f"accounts?filter=emailAddress eq {email}", site="Mystic Sports")
    (only,) = found.get_json()["items"]
    assert isinstance(only, dict)
    return only


def hash_of(shop: Merchant, email: str) -> str:
    """Return what is kept of the password."""
    credential = shop.services.credentials.store.credential(
        shop.tenant_id, account(shop, email)["id"]
    )
    assert credential is not None
    return credential.password_hash


def test_the_old_password_opens_the_account_and_is_hashed_anew_at_the_first_sign_in(
    merchant: Merchant,
) -> None:
    assert imported(merchant, "ann@mail.com", made()).status_code == 201
    assert account(merchant, "ann@mail.com")["hasExternalPassword"] is True
    with pytest.raises(BadCredentials):
        merchant.sign_in("ann@mail.com", "Mystic Sports", "wrong-1")
    assert account(merchant, "ann@mail.com")["hasExternalPassword"] is True
    merchant.sign_in("ann@mail.com", "Mystic Sports")
    assert account(merchant, "ann@mail.com")["hasExternalPassword"] is False
    assert hash_of(merchant, "ann@mail.com").startswith("$argon2id$")
    merchant.sign_in("ann@mail.com", "Mystic Sports")


def test_many_are_imported_at_once_and_one_bad_hash_refuses_all(merchant: Merchant) -> None:
    items = [
        {"account": {"emailAddress": f"{name}@mail.com"}, "externalPassword": text}
        for name, text in (("a", made()), ("b", "plain text 1"))
    ]
    answer = merchant.call("POST", "accounts/bulk", items, site="Mystic Sports")
    assert answer.status_code == 400
    assert "plain text 1" not in answer.text
    items[1]["externalPassword"] = made(5)
    answer = merchant.call("POST", "accounts/bulk", items, site="Mystic Sports")
    assert answer.status_code in {200, 201}
    for name in "ab":
        merchant.sign_in(f"{name}@mail.com", "Mystic Sports")


def test_a_guest_gains_a_login_with_the_password_of_the_old_shop(merchant: Merchant) -> None:
    guest = merchant.call(
        "POST", "accounts", {"emailAddress": "gus@mail.com"}, site="Mystic Sports"
    ).get_json()
    body = {"username": "gus", "emailAddress": "gus@mail.com", "externalPassword": made()}
    answer = merchant.call(
        "POST", f"accounts/{guest['id']}/create-login", body, site="Mystic Sports"
    )
    assert answer.status_code == 201
    merchant.sign_in("gus", "Mystic Sports")


def test_a_changed_password_is_ours(merchant: Merchant) -> None:
    imported(merchant, "ann@mail.com", made())
    number = account(merchant, "ann@mail.com")["id"]
    merchant.services.credentials.change_password(merchant.caller(), number, PASSWORD, "Another-1")
    assert account(merchant, "ann@mail.com")["hasExternalPassword"] is False
    merchant.sign_in("ann@mail.com", "Mystic Sports", "Another-1")


@pytest.mark.parametrize(
    "body",
    [
        {"externalPassword": "plain text 1"},
        {"externalPassword": made(4)[:-3]},
        {"password": PASSWORD},
    ],
)
def test_what_cannot_be_imported_is_400_and_makes_no_account(
    merchant: Merchant, body: dict[str, str]
) -> None:
    assert imported(merchant, "ann@mail.com", made(), **body).status_code == 400
    found = merchant.call("GET", "accounts?filter=emailAddress eq ann@mail.com")
    assert found.get_json()["totalCount"] == 0


def test_only_who_may_make_accounts_may_import_hashes(merchant: Merchant) -> None:
    """A storefront passes on what a shopper's browser sends, and must not take a hash along with it."""
    signed_in = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    body = {"account": {"emailAddress": "ann@mail.com"}, "externalPassword": made()}
    answer = merchant.call(
        "POST",
        "accounts/add-account-and-login",
        body,
        site="Mystic Sports",
        shopper=signed_in.tokens.access_token,
    )
    assert answer.status_code == 403


def test_every_sign_in_of_the_tenant_does_the_work_of_its_imported_hashes(
    merchant: Merchant, other_merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 11: time does not tell whose password another system hashed, nor who exists."""
    imported(merchant, "ann@mail.com", made(4))
    imported(merchant, "bob@mail.com", made(5))
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.services.login.passwords._kinds.clear()
    done: list[str] = []

    def counted(text: str) -> ForeignHash:
        done.append(recognised(text).kind)
        return recognised(text)

    monkeypatch.setattr("authsvc.credentials.passwords.recognised", counted)

    def work_of(shop: Merchant, name: str) -> list[str]:
        done.clear()
        with pytest.raises(BadCredentials):
            shop.sign_in(name, "Mystic Sports", "wrong-1")
        return sorted(done)

    both = ["bcrypt,rounds=4", "bcrypt,rounds=5"]
    for name in ("ann@mail.com", "bob@mail.com", "stacy@mail.com", "nobody@mail.com"):
        assert work_of(merchant, name) == both, name
    assert work_of(other_merchant, "ann@mail.com") == []


def test_a_kind_is_forgotten_when_its_last_customer_has_signed_in(merchant: Merchant) -> None:
    store = merchant.services.login.passwords.store
    imported(merchant, "ann@mail.com", made())
    imported(merchant, "bob@mail.com", made())
    merchant.sign_in("ann@mail.com", "Mystic Sports")
    purge(merchant.services, 1)
    assert list(store.kinds(merchant.tenant_id)) == ["bcrypt,rounds=4"]
    merchant.sign_in("bob@mail.com", "Mystic Sports")
    purge(merchant.services, 1)
    assert store.kinds(merchant.tenant_id) == {}


def test_so_many_slow_kinds_at_a_time_and_quick_ones_without_end(merchant: Merchant) -> None:
    for rounds in range(4, 4 + MOST_SLOW_KINDS):
        assert imported(merchant, f"a{rounds}@mail.com", made(rounds)).status_code == 201
    refused = imported(merchant, "b@mail.com", made(4 + MOST_SLOW_KINDS))
    assert refused.status_code == 409
    assert imported(merchant, "b@mail.com", MAGENTO).status_code == 201


def test_a_kept_hash_that_is_no_longer_imported_keeps_nobody_from_signing_in(
    merchant: Merchant,
) -> None:
    """Everybody's sign-in compares with it."""
    impossible = "scrypt$65536$salt$1$1$" + "A" * 86 + "=="
    assert imported(merchant, "ann@mail.com", made()).status_code == 201
    merchant.sign_up("bob@mail.com", "Mystic Sports")
    passwords = merchant.services.login.passwords
    passwords.store.add(merchant.tenant_id, "django_scrypt,65536,1,1", impossible)
    passwords._kinds.clear()
    for name in ("ann@mail.com", "bob@mail.com"):
        merchant.sign_in(name, "Mystic Sports")
    with pytest.raises(BadCredentials):
        merchant.sign_in("nobody@mail.com", "Mystic Sports")
