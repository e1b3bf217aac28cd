"""Accounts that customer service makes for a customer ([A], [B] Offline Orders and Customer Sets)."""

from __future__ import annotations

import pytest

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.accounts.service import Accounts
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import AuthsvcError, Invalid
from authsvc.login.rules import BadCredentials, Enrolment
from authsvc.services import Services
from tests.merchants import PASSWORD, Merchant
from tests.trail import actions

STEPHANIE = {"email_address": "stephanie@mail.com", "first_name": "Stephanie"}


def test_an_account_made_by_a_csr_joins_the_set_of_the_site(
    services: Services, merchant: Merchant
) -> None:
    """[A]: When either a CSR or a shopper creates a Customer Account, it is added to the Set the site belongs to."""
    caller = merchant.caller()
    for site, code in (("Mystic Sports", "b2c"), ("Mystic Parts", "b2b")):
        made = services.on_behalf.create(
            caller, merchant.site(site), Enrolment(STEPHANIE, PASSWORD)
        )
        assert (made.customer_set, made.has_login) == (code, True)
        assert actions(services, merchant.tenant_id, f"account:{made.id}") == [
            "account.created",
            "account.login_created",
        ]
        assert services.account_sessions.signed_in(merchant.tenant_id, made.id) == []
        assert merchant.sign_in("stephanie@mail.com", site).account


def test_without_a_password_there_is_no_login_yet(services: Services, merchant: Merchant) -> None:
    made = services.on_behalf.create(
        merchant.caller(), merchant.site("Mystic Sports"), Enrolment(STEPHANIE, None)
    )
    assert (made.customer_set, made.has_login, made.username) == ("b2c", False, None)
    with pytest.raises(BadCredentials):
        merchant.sign_in("stephanie@mail.com", "Mystic Sports")
    # She is not kept from signing up herself meanwhile.
    assert merchant.sign_up("stephanie@mail.com", "Mystic Kids").account


@pytest.mark.parametrize("password", [PASSWORD, None])
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (STEPHANIE, EmailAddressTaken),
        ({"email_address": "other@mail.com", "username": "stephanie@mail.com"}, UsernameTaken),
    ],
)
def test_who_has_an_account_in_the_set_gets_no_second_one(
    services: Services,
    merchant: Merchant,
    password: str | None,
    fields: dict[str, str],
    refusal: type[AuthsvcError],
) -> None:
    """[B]: Customers cannot create a new account using the same username for a site to which they already have one."""
    merchant.sign_up("stephanie@mail.com", "Mystic Kids")
    create = services.on_behalf.create
    with pytest.raises(refusal):
        create(merchant.caller(), merchant.site("Mystic Sports"), Enrolment(fields, password))
    assert create(
        merchant.caller(), merchant.site("Mystic Parts"), Enrolment(fields, password)
    ).customer_set == ("b2b")


def test_an_account_needs_a_site_and_a_name(services: Services, merchant: Merchant) -> None:
    with pytest.raises(UnknownSite):
        services.on_behalf.create(merchant.caller(), 1, Enrolment(STEPHANIE, PASSWORD))
    with pytest.raises(Invalid, match="Give the customer's e-mail address"):
        services.on_behalf.create(
            merchant.caller(), merchant.site("Mystic Sports"), Enrolment({"last_name": "X"}, None)
        )


def test_staff_are_told_who_has_the_name_and_nothing_of_what_is_no_name(
    services: Services, merchant: Merchant
) -> None:
    accounts: Accounts = services.accounts
    held = merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy").account
    assert held is not None
    for username, email_address in (("STACY", None), (None, "stacy@mail.com"), ("stacy", "x@y.z")):
        found = accounts.holders(merchant.tenant_id, "b2c", username, email_address)
        assert found == (held.id,)
    assert accounts.holders(merchant.tenant_id, "b2b", "stacy", None) == ()
    assert accounts.holders(merchant.tenant_id, "b2c", "\x00", "no address") == ()
