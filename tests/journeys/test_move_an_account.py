"""[B] Membership Restrictions: Stacy's accounts, and which of them fit into one set."""

from __future__ import annotations

import pytest

from authsvc.login.rules import BadCredentials, Ticket
from authsvc.regrouping.refusals import UsernamesClash
from tests.merchants import Merchant


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def move(merchant: Merchant, ticket: Ticket, code: str) -> str:
    """Move an account; returns the set it is in then."""
    return merchant.move(account_id(ticket), code).customer_set


def test_you_can_assign_each_of_stacys_accounts_to_a_different_customer_set(
    merchant: Merchant,
) -> None:
    """[B]: …however, you cannot assign more than one of Stacy's accounts to the same customer set."""
    stacys = {
        code: merchant.sign_up("stacy@mail.com", site)
        for code, site in (
            ("b2c", "Mystic Sports"),
            ("b2b", "Mystic Parts"),
            ("default", "Mystic Outlet"),
        )
    }
    for own, ticket in stacys.items():
        for code in stacys:
            if code == own:
                assert move(merchant, ticket, code) == own
            else:
                with pytest.raises(UsernamesClash):
                    move(merchant, ticket, code)
        account = merchant.services.accounts.account(merchant.tenant_id, account_id(ticket))
        assert account.customer_set == own
    merchant.services.customer_sets.create_customer_set(merchant.caller(), "regional", "Regional")
    assert move(merchant, stacys["b2c"], "Regional") == "regional"
    assert move(merchant, stacys["b2b"], "b2c") == "b2c"


def test_an_account_of_another_username_fits_into_the_same_set(merchant: Merchant) -> None:
    """[B]: If Stacy had another account with a username of stacy.test@mail.com, you could assign this account too."""
    stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    other = merchant.sign_up("stacy.test@mail.com", "Mystic Parts")
    assert move(merchant, other, "b2c") == "b2c"
    for site in ("Mystic Sports", "Mystic Kids"):
        assert merchant.sign_in("stacy@mail.com", site).user_id == stacy.user_id
        assert merchant.sign_in("stacy.test@mail.com", site).user_id == other.user_id
    with pytest.raises(BadCredentials):
        merchant.sign_in("stacy.test@mail.com", "Mystic Parts")


def test_usernames_clash_by_their_normal_form(merchant: Merchant) -> None:
    merchant.sign_up("a@mail.com", "Mystic Sports", username="José")
    other = merchant.sign_up("b@mail.com", "Mystic Parts", username="JOSE\u0301")
    with pytest.raises(UsernamesClash):
        move(merchant, other, "b2c")


def test_guests_without_a_username_move_freely(merchant: Merchant) -> None:
    """[K] 1.3: Guest accounts (no username) cannot conflict."""
    for site in ("Mystic Sports", "Mystic Parts"):
        merchant.services.accounts.create(
            merchant.caller(), merchant.site(site), {"email_address": "guest@mail.com"}
        )
    guest = merchant.services.accounts.create(
        merchant.caller(), merchant.site("Mystic Parts"), {"email_address": "guest@mail.com"}
    )
    assert merchant.move(guest.id, "b2c").customer_set == "b2c"


def test_an_account_can_be_renamed_on_its_way(merchant: Merchant) -> None:
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    other = merchant.sign_up("stacy@mail.com", "Mystic Parts")
    name = "stacy.b2b@mail.com"
    moved = merchant.move(account_id(other), "b2c", username=name, email_address=name)
    assert (moved.customer_set, moved.username) == ("b2c", "stacy.b2b@mail.com")
    assert merchant.sign_in("stacy.b2b@mail.com", "Mystic Kids").user_id == other.user_id
