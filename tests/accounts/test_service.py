"""Creating, reading, changing and deleting accounts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from authsvc.accounts.rules import (
    CustomerAccount,
    EmailAddressTaken,
    UnknownAccount,
    UserIdTaken,
    UsernameTaken,
)
from authsvc.callers import Caller, Shopper
from authsvc.contacts.rules import Contact
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.errors import Forbidden, Invalid
from authsvc.infra.schema import contacts, credentials, session_tokens, sessions
from authsvc.login.rules import Ticket
from authsvc.regrouping.one_customer import OneCustomer
from authsvc.services import Services
from tests.merchants import Merchant

HOME = Contact(
    id=0,
    email="stacy@mail.com",
    first_name="Stacy",
    address={"address1": "1 Main St", "cityOrTown": "Austin"},
    primary_shipping=True,
)


def make(merchant: Merchant, site: str = "Mystic Sports", **fields: object) -> CustomerAccount:
    """Make an account without login."""
    return merchant.services.accounts.create(merchant.caller(), merchant.site(site), fields)


def account_of(ticket: Ticket) -> CustomerAccount:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account


def shopper(merchant: Merchant, ticket: Ticket) -> Caller:
    """Return the caller that shows a ticket."""
    who = Shopper(ticket.tokens.session_id, ticket.user_id, account_of(ticket).id, "b2c")
    return replace(merchant.caller("Mystic Sports"), shopper=who, carries_shopper=True)


def test_a_new_account_has_what_was_sent_and_sound_defaults(merchant: Merchant) -> None:
    account = make(
        merchant, email_address=" Stacy@Mail.com ", first_name="Stacy", tax_exempt=True, tax_id=None
    )
    assert (account.email_address, account.email_key) == ("Stacy@Mail.com", "stacy@mail.com")
    assert (account.first_name, account.tax_exempt, account.tax_id) == ("Stacy", True, None)
    assert (account.account_type, account.accepts_marketing) == ("B2C", False)
    assert (account.is_active, account.is_locked, account.has_login) == (True, False, False)
    assert (account.order_count, account.total_order_amount) == (0, Decimal(0))
    assert account.created_by == account.updated_by == "application:tests"
    assert account.customer_since == account.created_at
    assert len(account.user_id) == 32
    assert account == merchant.services.accounts.account(merchant.tenant_id, account.id)


def test_contacts_come_along_and_belong_to_the_account(merchant: Merchant) -> None:
    """Rule 15: My Account belongs to the account."""
    services = merchant.services
    account = services.accounts.create(
        merchant.caller(), merchant.site("Mystic Kids"), {"first_name": "S"}, [HOME, HOME]
    )
    assert [contact.address for contact in account.contacts] == [HOME.address] * 2
    # The last that claims to be the first choice is it.
    assert [contact.primary_shipping for contact in account.contacts] == [False, True]
    assert account.contacts[0].id < account.contacts[1].id
    other = make(merchant, first_name="Other")
    found = services.accounts.with_contacts([other, account])
    assert [len(each.contacts) for each in found] == [0, 2]
    assert services.accounts.with_contacts([]) == []


def test_customer_since_may_be_set_on_import(merchant: Merchant) -> None:
    """[K] 3.3."""
    since = make(merchant, first_name="S").customer_since.replace(year=2010)
    assert make(merchant, first_name="S", customer_since=since).customer_since == since


def test_a_user_id_is_the_tenants_own(merchant: Merchant, other_merchant: Merchant) -> None:
    for shop in (merchant, other_merchant):
        account = shop.services.accounts.create(
            shop.caller(), shop.site("Mystic Kids"), {"first_name": "S"}, user_id="brought-along"
        )
        assert account.user_id == "brought-along"
    with pytest.raises(UserIdTaken):
        merchant.services.accounts.create(
            merchant.caller(), merchant.site("Mystic Parts"), {}, user_id="brought-along"
        )


def test_a_username_claims_its_name_even_without_a_login(merchant: Merchant) -> None:
    """Rule 8: A username is unique within a set."""
    make(merchant, username="Stacy")
    with pytest.raises(UsernameTaken):
        make(merchant, "Mystic Kids", username="sTACY")
    assert make(merchant, "Mystic Parts", username="STACY").username == "STACY"


def test_an_unknown_account_is_not_found(merchant: Merchant, other_merchant: Merchant) -> None:
    accounts, caller = merchant.services.accounts, merchant.caller()
    for unknown in (10**15, make(other_merchant, first_name="S").id):
        with pytest.raises(UnknownAccount):
            accounts.account(merchant.tenant_id, unknown)
        with pytest.raises(UnknownAccount):
            accounts.update(caller, unknown, {"first_name": "X"})
        with pytest.raises(UnknownAccount):
            accounts.delete(caller, unknown)
        with pytest.raises(UnknownAccount):
            accounts.disable(caller, unknown)
        with pytest.raises(UnknownAccount):
            accounts.set_locked(caller, unknown, locked=True)


def test_an_update_keeps_what_it_does_not_name(merchant: Merchant) -> None:
    """[K] 3.3: storefronts must not lose `acceptsMarketing`, attributes or contacts by it."""
    account = merchant.services.accounts.create(
        merchant.caller(),
        merchant.site("Mystic Kids"),
        {"email_address": "s@mail.com", "first_name": "S", "accepts_marketing": True},
        [HOME],
    )
    changed = merchant.services.accounts.update(
        merchant.caller(), account.id, {"first_name": "Stacy"}
    )
    assert (changed.first_name, changed.accepts_marketing) == ("Stacy", True)
    assert changed.contacts == account.contacts
    assert changed.updated_at > account.updated_at
    same = merchant.services.accounts.update(merchant.caller(), account.id, {"first_name": "Stacy"})
    assert same.updated_at == changed.updated_at


def test_a_changed_name_is_the_one_to_sign_in_with(merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    accounts, caller = merchant.services.accounts, merchant.caller()
    accounts.update(caller, account_of(ticket).id, {"username": "Stacy"})
    assert merchant.sign_in("STACY", "Mystic Kids").user_id == ticket.user_id
    accounts.update(caller, account_of(ticket).id, {"email_address": "new@mail.com"})
    assert merchant.sign_in("NEW@mail.com", "Mystic Kids").user_id == ticket.user_id
    for old in ("stacy@mail.com",):
        again = merchant.sign_up(old, "Mystic Sports")
        assert again.user_id != ticket.user_id


def test_no_login_is_named_after_another(merchant: Merchant) -> None:
    """Rules 8 and 10."""
    merchant.sign_up("john@mail.com", "Mystic Sports", username="john")
    stacy = account_of(merchant.sign_up("stacy@mail.com", "Mystic Kids")).id
    accounts, caller = merchant.services.accounts, merchant.caller()
    for wanted, refusal in (
        ({"username": "JOHN"}, UsernameTaken),
        ({"username": "john@mail.com"}, UsernameTaken),
        ({"email_address": "JOHN@mail.com"}, EmailAddressTaken),
    ):
        with pytest.raises(refusal):
            accounts.update(caller, stacy, wanted)
    with pytest.raises(Invalid):
        accounts.update(caller, stacy, {"username": "with space"})
    kept = accounts.account(merchant.tenant_id, stacy)
    assert (kept.username, kept.email_address) == ("stacy@mail.com", "stacy@mail.com")
    own_names = {"username": "STACY@mail.com", "email_address": "Stacy@mail.com"}
    assert accounts.update(caller, stacy, own_names).username == "STACY@mail.com"


def test_a_shopper_changes_their_own_but_neither_username_nor_set(merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    accounts, caller = merchant.services.accounts, shopper(merchant, ticket)
    one = OneCustomer(merchant.services.account_data.whole_accounts, merchant.services.regrouping)
    wanted = {"email_address": "new@mail.com"}
    changed = one.update(caller, account_of(ticket).id, wanted, "B2C", [])
    assert (changed.email_address, changed.username) == ("new@mail.com", "stacy@mail.com")
    assert changed.updated_by == f"shopper:{ticket.user_id}"
    with pytest.raises(Forbidden, match="username"):
        accounts.update(caller, account_of(ticket).id, {"username": "other"})
    with pytest.raises(Forbidden, match="another customer set"):
        one.update(caller, account_of(ticket).id, {}, "b2b", [])


def test_an_account_moves_to_a_set_that_exists_only(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    account = make(merchant, first_name="S")
    other_merchant.services.customer_sets.create_customer_set(
        other_merchant.caller(), "regional", "Regional"
    )
    for unknown in ("regional", "", "nowhere"):
        with pytest.raises(UnknownCustomerSet):
            merchant.move(account.id, unknown)


def test_a_deleted_account_leaves_nothing_of_its_own(
    services: Services, merchant: Merchant
) -> None:
    """Design §4: a deleted account's sessions end with it."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    services.accounts.contacts.add_all(
        merchant.tenant_id, account_of(ticket).id, [HOME], "tests", services.clock()
    )
    services.accounts.delete(merchant.caller(), account_of(ticket).id)
    with services.database.connection() as connection:
        for table in (contacts, credentials, sessions, session_tokens):
            left = connection.execute(
                select(func.count())
                .select_from(table)
                .where(table.c.tenant_id == merchant.tenant_id)
            )
            assert left.scalar_one() == 0, table.name
    again = merchant.sign_up("stacy@mail.com", "Mystic Kids")
    assert again.user_id != ticket.user_id


def test_disabling_twice_or_locking_twice_is_once(merchant: Merchant) -> None:
    account = account_of(merchant.sign_up("stacy@mail.com", "Mystic Sports"))
    accounts, caller = merchant.services.accounts, merchant.caller()
    for _ in range(2):
        accounts.set_locked(caller, account.id, locked=True)
    locked = accounts.account(merchant.tenant_id, account.id)
    assert locked.is_locked
    accounts.set_locked(caller, account.id, locked=False)
    unlocked = accounts.account(merchant.tenant_id, account.id)
    assert (unlocked.is_locked, unlocked.locked_at) == (False, locked.locked_at)
    for _ in range(2):
        accounts.disable(caller, account.id)
        assert not accounts.account(merchant.tenant_id, account.id).is_active
