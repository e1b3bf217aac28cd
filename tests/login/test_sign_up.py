"""Signing up: rules 7, 8 and 10 of design §2, and the vendor's refusals ([K] 1.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from authsvc.accounts.rules import EmailAddressTaken, UserIdTaken, UsernameTaken
from authsvc.callers import Caller
from authsvc.card_numbers import CardNumberRefused
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import AuthsvcError, Conflict, Invalid
from authsvc.login.rules import Enrolment
from tests.merchants import PASSWORD, Merchant


def enrol(merchant: Merchant, site: str, email: str | None, username: str | None) -> str:
    """Sign up on a site; returns the user id."""
    fields = {"email_address": email, "username": username}
    caller = merchant.caller(site)
    return merchant.services.login.sign_up(caller, Enrolment(fields, PASSWORD)).user_id


def count(merchant: Merchant) -> int:
    """Return how many accounts the merchant has."""
    sets = ["b2b", "b2c", "default"]
    return sum(merchant.services.accounts.store.count_by_set(merchant.tenant_id, sets).values())


@pytest.mark.parametrize(
    ("site", "code"),
    [("Mystic Sports", "b2c"), ("Mystic Parts", "b2b"), ("Mystic Outlet", "default")],
)
def test_a_new_account_joins_the_set_of_the_site_it_is_made_on(
    merchant: Merchant, site: str, code: str
) -> None:
    """[A]: the customer account is automatically added to the same Customer Set the applicable site belongs to."""
    ticket = merchant.sign_up("john@mail.com", site)
    assert ticket.account is not None
    assert ticket.account.customer_set == code
    by_staff = merchant.services.accounts.create(
        merchant.caller(), merchant.site(site), {"email_address": "csr@mail.com"}
    )
    assert by_staff.customer_set == code


def test_customers_can_create_multiple_accounts_using_the_same_username_for_multiple_sites(
    merchant: Merchant,
) -> None:
    """[B]: Kibo treats each of Stacy's accounts as a separate account, though each has the same username."""
    sites = ("Mystic Sports", "Mystic Parts", "Mystic Outlet")
    tickets = [merchant.sign_up("stacy@mail.com", site, f"Mystic-{site[-3:]}1") for site in sites]
    assert len({ticket.user_id for ticket in tickets}) == 3
    for site, ticket in zip(sites, tickets, strict=True):
        signed_in = merchant.sign_in("stacy@mail.com", site, f"Mystic-{site[-3:]}1")
        assert signed_in.user_id == ticket.user_id


def test_a_second_account_with_the_same_username_is_refused_on_every_site_of_the_set(
    merchant: Merchant,
) -> None:
    """[B]: Customers cannot create a new account using the same username for a site to which they already have one."""
    enrol(merchant, "Mystic Sports", "stacy@mail.com", None)
    for site in ("Mystic Sports", "Mystic Kids"):
        with pytest.raises(EmailAddressTaken) as refused:
            enrol(merchant, site, "STACY@Mail.com", None)
        assert refused.value.message == (
            "Missing or invalid parameter: EmailAddress EmailAddress already associated with a login"
        )
        assert refused.value.error_code == "MISSING_OR_INVALID_PARAMETER"
    assert count(merchant) == 1


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        # (e-mail address, username)
        (("a@mail.com", "stacy"), ("b@mail.com", "STACY"), UsernameTaken),
        (("a@mail.com", "stacy"), ("A@mail.com", "other"), EmailAddressTaken),
        (("a@mail.com", "stacy"), ("b@mail.com", "a@mail.com"), UsernameTaken),
        (("a@mail.com", "b@mail.com"), ("b@mail.com", "other"), EmailAddressTaken),
        (("a@mail.com", "stacy"), (None, "a@mail.com"), UsernameTaken),
        ((None, "a@mail.com"), ("a@mail.com", "stacy"), EmailAddressTaken),
        ((None, "ｊｏｓé"), ("b@mail.com", "JOSE\u0301"), UsernameTaken),
        (("a@bücher.example", "x"), ("A@xn--bcher-kva.EXAMPLE", "y"), EmailAddressTaken),
    ],
)
def test_neither_name_may_be_one_that_another_login_of_the_set_answers_to(
    merchant: Merchant,
    first: tuple[str | None, str],
    second: tuple[str | None, str],
    refusal: type[AuthsvcError],
) -> None:
    """Rules 8 and 10: nobody can name their account after somebody else's address."""
    enrol(merchant, "Mystic Sports", *first)
    with pytest.raises(refusal):
        enrol(merchant, "Mystic Kids", *second)
    assert count(merchant) == 1
    assert enrol(merchant, "Mystic Parts", *second)


def test_a_username_that_is_taken_is_a_conflict(merchant: Merchant) -> None:
    """[K] 1.5: Sign-up, username taken: `VALIDATION_CONFLICT`, 409."""
    enrol(merchant, "Mystic Sports", "a@mail.com", "stacy")
    with pytest.raises(Conflict) as refused:
        enrol(merchant, "Mystic Sports", "b@mail.com", "Stacy")
    assert refused.value.error_code == "VALIDATION_CONFLICT"
    assert "tacy" not in refused.value.message


def test_a_guest_may_share_an_email_address_with_anything(merchant: Merchant) -> None:
    """[K] 1.5: Guest accounts may share an e-mail with anything."""
    accounts, caller = merchant.services.accounts, merchant.caller()
    for _ in range(2):
        accounts.create(caller, merchant.site("Mystic Sports"), {"email_address": "a@mail.com"})
    enrol(merchant, "Mystic Sports", "a@mail.com", None)
    accounts.create(caller, merchant.site("Mystic Sports"), {"email_address": "a@mail.com"})
    assert count(merchant) == 4


@pytest.mark.parametrize(
    ("email", "username", "password"),
    [
        ("a@mail.com", None, "short"),
        ("a@mail.com", None, "letters"),
        ("a@mail.com", None, "1234567"),
        ("a@mail.com", None, ""),
        ("a@mail.com", None, "Mystic\x00-2026"),
        ("no address", None, PASSWORD),
        ("a@mail.com", "with space", PASSWORD),
        ("a@mail.com", "two@at@signs", PASSWORD),
        (None, None, PASSWORD),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    merchant: Merchant, email: str | None, username: str | None, password: str
) -> None:
    fields = {"email_address": email, "username": username}
    with pytest.raises(Invalid):
        merchant.services.login.sign_up(
            merchant.caller("Mystic Sports"), Enrolment(fields, password)
        )
    assert count(merchant) == 0


def test_a_weak_password_is_refused_in_the_vendors_words(merchant: Merchant) -> None:
    """[K] 4."""
    with pytest.raises(Invalid) as refused:
        merchant.sign_up("a@mail.com", "Mystic Sports", "short")
    assert refused.value.message == (
        "Missing or invalid parameter: password Password must be a minimum of 6 characters "
        "with at least 1 number and 1 alphabetic character"
    )


def test_a_user_id_may_be_brought_along_once(merchant: Merchant) -> None:
    """[K] 3.3: POST may carry the caller's own `userId` (the anonymous shopper's id)."""
    login = merchant.services.login
    anonymous = login.anonymous(merchant.caller("Mystic Sports"))
    enrolment = Enrolment({"email_address": "a@mail.com"}, PASSWORD, user_id=anonymous.user_id)
    assert login.sign_up(merchant.caller("Mystic Sports"), enrolment).user_id == anonymous.user_id
    other = replace(enrolment, fields={"email_address": "b@mail.com"})
    with pytest.raises(UserIdTaken):
        login.sign_up(merchant.caller("Mystic Parts"), other)
    assert UserIdTaken.error_code == "ITEM_ALREADY_EXISTS"
    assert count(merchant) == 1


def test_a_sign_up_needs_a_site_of_the_tenant(merchant: Merchant, other_merchant: Merchant) -> None:
    enrolment = Enrolment({"email_address": "a@mail.com"}, PASSWORD)
    login = merchant.services.login
    with pytest.raises(Invalid, match="x-vol-site"):
        login.sign_up(merchant.caller(), enrolment)
    with pytest.raises(UnknownSite):
        login.sign_up(Caller(merchant.tenant_id, other_merchant.site("Mystic Sports")), enrolment)
    with pytest.raises(UnknownSite):
        merchant.services.accounts.create(
            merchant.caller(), other_merchant.site("Mystic Sports"), enrolment.fields
        )


def test_a_number_may_be_an_address_and_no_card_number_a_name(merchant: Merchant) -> None:
    """Digits before the @ are a telephone number in half of the world; where a name belongs they are a mistake."""
    ticket = merchant.sign_up("4111111111111111@mail.com", "Mystic Sports")
    assert ticket.account is not None
    for field in ("first_name", "last_name", "company_or_organization"):
        with pytest.raises(CardNumberRefused):
            merchant.sign_up("other@mail.com", "Mystic Sports", **{field: "4111 1111 1111 1111"})
        with pytest.raises(CardNumberRefused):
            merchant.services.accounts.update(
                merchant.caller(), ticket.account.id, {field: "4111-1111-1111-1111"}
            )
