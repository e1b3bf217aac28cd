"""Rule 12: A guest account may gain a login once; it never lets a shopper claim another's account."""

from __future__ import annotations

import pytest

from authsvc.accounts.rules import CustomerAccount, EmailAddressTaken, UnknownAccount
from authsvc.credentials.hashing import PasswordHashing
from authsvc.credentials.rules import HasLogin
from authsvc.errors import Forbidden, Invalid
from authsvc.login.rules import EmailNotVerified, Enrolment
from authsvc.recovery.verification import VerificationPolicy
from tests.mail.conftest import Post
from tests.merchants import PASSWORD, Merchant


def guest(merchant: Merchant, site: str = "Mystic Sports", **fields: object) -> CustomerAccount:
    """Make an account without login."""
    return merchant.services.accounts.create(merchant.caller(), merchant.site(site), fields)


def test_a_guest_account_gains_a_login_and_is_signed_in(merchant: Merchant) -> None:
    account = guest(merchant, email_address="guest@mail.com", first_name="Gus")
    assert not account.has_login
    ticket = merchant.services.login.create_login(
        merchant.caller("Mystic Kids"), account.id, Enrolment({}, PASSWORD)
    )
    assert ticket.account is not None
    assert (ticket.account.id, ticket.user_id) == (account.id, account.user_id)
    assert ticket.account.has_login
    assert ticket.account.username == "guest@mail.com"
    assert ticket.account.first_name == "Gus"
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 200
    assert merchant.sign_in("guest@mail.com", "Mystic Sports").user_id == account.user_id


def test_it_gains_one_once(merchant: Merchant) -> None:
    account = guest(merchant, email_address="guest@mail.com")
    caller, login = merchant.caller("Mystic Sports"), merchant.services.login
    login.create_login(caller, account.id, Enrolment({}, PASSWORD))
    for fields in ({}, {"username": "mine-now"}):
        with pytest.raises(HasLogin):
            login.create_login(caller, account.id, Enrolment(fields, "Thief-2026"))
    assert merchant.sign_in("guest@mail.com", "Mystic Sports").user_id == account.user_id


def test_of_two_at_once_one_wins(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    account = guest(merchant, email_address="guest@mail.com")
    caller, services = merchant.caller("Mystic Sports"), merchant.services
    hash_password = PasswordHashing.hash

    def slowly(hashing: PasswordHashing, prepared: str) -> str:
        # Meanwhile another comes, who is quick.
        monkeypatch.setattr(PasswordHashing, "hash", hash_password)
        services.login.create_login(caller, account.id, Enrolment({}, PASSWORD))
        return hash_password(hashing, prepared)

    monkeypatch.setattr(PasswordHashing, "hash", slowly)
    with pytest.raises(HasLogin):
        services.login.create_login(caller, account.id, Enrolment({}, "Second-2026"))
    assert merchant.sign_in("guest@mail.com", "Mystic Sports").user_id == account.user_id


def test_a_taken_username_is_400_and_a_free_one_changes_the_accounts(merchant: Merchant) -> None:
    """[K] 3.3: first tries a taken username → 400, then a free one → 201, and the account's `userName` changes."""
    merchant.sign_up("a@mail.com", "Mystic Sports", username="taken")
    account = guest(merchant, email_address="guest@mail.com")
    caller, login = merchant.caller("Mystic Sports"), merchant.services.login
    with pytest.raises(Invalid, match="username"):
        login.create_login(caller, account.id, Enrolment({"username": "TAKEN"}, PASSWORD))
    with pytest.raises(EmailAddressTaken):
        login.create_login(caller, account.id, Enrolment({"email_address": "A@mail.com"}, PASSWORD))
    with pytest.raises(Invalid, match="username"):
        login.create_login(caller, account.id, Enrolment({"username": "a@mail.com"}, PASSWORD))
    kept = merchant.services.accounts.account(merchant.tenant_id, account.id)
    assert (kept.username, kept.has_login) == (None, False)
    ticket = login.create_login(caller, account.id, Enrolment({"username": "free"}, PASSWORD))
    assert ticket.account is not None
    assert ticket.account.username == "free"


def test_a_username_the_guest_has_already_is_kept(merchant: Merchant) -> None:
    account = guest(merchant, email_address="guest@mail.com", username="Gus")
    ticket = merchant.services.login.create_login(
        merchant.caller("Mystic Sports"), account.id, Enrolment({}, PASSWORD)
    )
    assert ticket.account is not None
    assert ticket.account.username == "Gus"
    assert merchant.sign_in("gus", "Mystic Kids").user_id == account.user_id


def test_it_is_made_on_a_site_of_the_accounts_set(merchant: Merchant) -> None:
    account = guest(merchant, email_address="guest@mail.com")
    with pytest.raises(Forbidden, match="b2c"):
        merchant.services.login.create_login(
            merchant.caller("Mystic Parts"), account.id, Enrolment({}, PASSWORD)
        )
    assert not merchant.services.accounts.account(merchant.tenant_id, account.id).has_login


def test_there_is_none_for_an_account_of_another_tenant_or_none(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    account = guest(other_merchant, email_address="guest@mail.com")
    for unknown in (account.id, 10**15):
        with pytest.raises(UnknownAccount):
            merchant.services.login.create_login(
                merchant.caller("Mystic Sports"), unknown, Enrolment({}, PASSWORD)
            )


@pytest.mark.parametrize("password", [None, "", "short", "letters"])
def test_a_weak_password_makes_no_login(merchant: Merchant, password: str | None) -> None:
    account = guest(merchant, email_address="guest@mail.com")
    with pytest.raises(Invalid):
        merchant.services.login.create_login(
            merchant.caller("Mystic Sports"), account.id, Enrolment({}, password)
        )


def test_where_an_address_must_be_confirmed_the_login_waits_for_it(post: Post) -> None:
    merchant = post.merchant
    verification = merchant.services.recovery.verification
    verification.set_policy(merchant.caller(), "b2c", VerificationPolicy.REQUIRED)
    for address, is_confirmed in (("guest@mail.com", False), ("known@mail.com", True)):
        account = guest(merchant, email_address=address)
        if is_confirmed:
            with merchant.services.database.transaction():
                verification.prove(account, address)
        answer = merchant.call(
            "POST",
            f"accounts/{account.id}/create-login",
            {"password": PASSWORD},
            site="Mystic Sports",
        )
        assert answer.status_code == (201 if is_confirmed else 403), answer.text
        made = merchant.services.accounts.account(merchant.tenant_id, account.id)
        assert made.has_login
        sessions = merchant.call("GET", f"accounts/{account.id}/sessions").get_json()
        assert sessions["totalCount"] == int(is_confirmed)
    with pytest.raises(EmailNotVerified):
        merchant.sign_in("guest@mail.com", "Mystic Sports")
    assert merchant.sign_in("known@mail.com", "Mystic Sports").account is not None
    post.work()
    assert set(post.taken.recipients) == {"guest@mail.com"}


def test_a_guest_without_any_name_needs_one(merchant: Merchant) -> None:
    account = guest(merchant, first_name="Gus")
    login, caller = merchant.services.login, merchant.caller("Mystic Sports")
    with pytest.raises(Invalid, match="EmailAddress"):
        login.create_login(caller, account.id, Enrolment({}, PASSWORD))
    ticket = login.create_login(caller, account.id, Enrolment({"username": "gus"}, PASSWORD))
    assert ticket.account is not None
    assert ticket.account.email_address is None


def test_a_shopper_cannot_make_one(merchant: Merchant) -> None:
    """[K] 3.3: Create-Login is called with the app token alone; it must never let a shopper claim someone's account."""
    account = guest(merchant, email_address="guest@mail.com")
    shopper = merchant.sign_up("thief@mail.com", "Mystic Sports").tokens.access_token
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Sports")).tokens
    for token in (shopper, anonymous.access_token):
        answer = merchant.call(
            "POST",
            f"accounts/{account.id}/create-login",
            {"username": "mine", "password": PASSWORD},
            site="Mystic Sports",
            shopper=token,
        )
        assert (answer.status_code, answer.get_json()["errorCode"]) == (403, "FORBIDDEN")
    assert not merchant.services.accounts.account(merchant.tenant_id, account.id).has_login
