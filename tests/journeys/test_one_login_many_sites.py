"""[B]: customer sets control the sites customers can access using the same login credentials."""

from __future__ import annotations

import pytest

from authsvc.login.rules import BadCredentials
from tests.merchants import Merchant


def test_john_signs_in_on_every_site_of_his_set_and_on_no_other(merchant: Merchant) -> None:
    """[A]: John creates an account on Mystic Sports, which is added to the B2C customer set."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    assert ticket.account.customer_set == "b2c"
    for site in ("Mystic Sports", "Mystic Kids"):
        assert merchant.sign_in("john@mail.com", site).user_id == ticket.user_id
    for site in ("Mystic Business", "Mystic Parts", "Mystic Outlet"):
        with pytest.raises(BadCredentials):
            merchant.sign_in("john@mail.com", site)


def test_a_session_is_valid_on_every_site_of_its_set_and_on_no_other(merchant: Merchant) -> None:
    token = merchant.sign_up("john@mail.com", "Mystic Sports").tokens.access_token
    answers = {name: merchant.check(token, name).status_code for name in merchant.sites}
    assert answers == {
        "Mystic Sports": 200,
        "Mystic Kids": 200,
        "Mystic Business": 401,
        "Mystic Parts": 401,
        "Mystic Outlet": 401,
    }
