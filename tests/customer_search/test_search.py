"""Customers found as one types: whoever is meant and nobody else, each once, page after page, forth and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_search.cursors import BadCursor
from authsvc.customer_search.rules import CustomerQuery
from authsvc.errors import Invalid
from authsvc.regrouping.rules import MoveCustomers
from tests.customer_search.customers import Person, folded, forget_all, is_meant, keep, words_of
from tests.merchants import Merchant

# Few letters, so that words begin like others; with what composes, folds, is full-width, separates or means something
# to SQL.
LETTERS = st.text(st.sampled_from("aAbB1Åä\u0308ßＡｂİｶﾞ山-'.%_\\ \u3000"), max_size=6)
PEOPLE = st.builds(
    Person,
    first_name=st.none() | LETTERS,
    last_name=st.none() | LETTERS,
    company=st.none() | LETTERS,
    email=st.none() | LETTERS.map(lambda local: f"{local}@mail.com"),
    customer_set=st.sampled_from(["b2c", "b2b"]),
    is_locked=st.booleans(),
    has_login=st.booleans(),
)
FILTERS = st.builds(
    CustomerQuery,
    customer_set=st.sampled_from([None, "b2c", "b2b"]),
    is_locked=st.none() | st.booleans(),
    is_guest=st.none() | st.booleans(),
    page_size=st.integers(1, 5),
)


def found(shop: Merchant, query: CustomerQuery) -> list[CustomerAccount]:
    """Walk from page to page and back again; return whom the pages hold."""
    search = shop.services.customer_search
    pages = [search.search(shop.tenant_id, query)]
    assert pages[0].previous_cursor is None
    while pages[-1].next_cursor is not None:
        pages.append(search.search(shop.tenant_id, replace(query, cursor=pages[-1].next_cursor)))
        assert len(pages) < 200
    at = pages[-1]
    for before in reversed(pages[:-1]):
        at = search.search(shop.tenant_id, replace(query, cursor=at.previous_cursor))
        assert at.items == before.items
    assert at.previous_cursor is None
    return [account for page in pages for account in page.items]


def names(shop: Merchant, text: str, **filters: object) -> list[str | None]:
    """Return the first names that are found, in their order."""
    query = CustomerQuery(text, **filters)  # type: ignore[arg-type]
    return [account.first_name for account in found(shop, query)]


# One word that is typed: a beginning of a word of one of the customers, its number, or anything.
TYPED = st.one_of(
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 9)), st.integers(0, 5), LETTERS
)


def typed_word(customers: list[CustomerAccount], typed: tuple[int, int, int] | int | str) -> str:
    """Return the text of one of `TYPED`."""
    match typed:
        case str():
            return typed
        case int(which):
            return str(customers[which].id) if which < len(customers) else "1"
        case (which, word, length) if which < len(customers):
            words = words_of(customers[which])
            return words[word % len(words)][:length] if words else ""
    return "a"


def test_a_search_finds_whom_a_plain_filter_over_all_customers_finds(merchant: Merchant) -> None:
    @given(
        people=st.lists(PEOPLE, max_size=6),
        filters=FILTERS,
        searches=st.lists(st.lists(TYPED, max_size=3), min_size=3, max_size=3),
    )
    @settings(max_examples=25)
    def holds(
        people: list[Person],
        filters: CustomerQuery,
        searches: list[list[tuple[int, int, int] | int | str]],
    ) -> None:
        forget_all(merchant)
        with merchant.services.database.transaction():
            customers = [keep(merchant, person, f"u{at}") for at, person in enumerate(people)]
        for search in searches:
            typed = " ".join(typed_word(customers, word) for word in search)
            query = replace(filters, text=typed)
            their = [account.id for account in found(merchant, query)]
            assert len(their) == len(set(their)), "each is found once"
            meant = {account.id for account in customers if is_meant(account, query)}
            assert set(their) == meant, folded(typed)

    holds()


@pytest.fixture(name="shop")
def _shop(merchant: Merchant) -> Merchant:
    keep(merchant, Person("John", "Doe", email="john.doe@mail.com"))
    keep(merchant, Person("Johanna", "Zwick", email="jz@mail.com", customer_set="b2b"))
    keep(merchant, Person("José", "Müller-Doe", email="jose@mail.com", has_login=False))
    keep(merchant, Person("50%", "Off", "Total Parts Supply", "off_1@mail.com", is_locked=True))
    return merchant


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("j", ["Johanna", "José", "John"]),
        ("JOHN", ["John"]),
        ("john d", ["John"]),
        ("d john", ["John"]),
        ("doe", ["John", "José"]),
        ("jo\u0073e\u0301", ["José"]),
        ("ｊｏｈｎ", ["John"]),
        ("müller", ["José"]),
        ("muller", []),
        ("john.doe@mail.com", ["John"]),
        ("mail.com", []),
        ("parts sup", ["50%"]),
        ("50%", ["50%"]),
        ("%", []),
        ("off_", ["50%"]),
        ("o_f", []),
        ("\\", []),
        ("", ["John", "José", "50%", "Johanna"]),
    ],
)
def test_words_begin_words_of_names_and_addresses(
    shop: Merchant, typed: str, whom: list[str]
) -> None:
    assert sorted(map(str, names(shop, typed))) == sorted(whom)


def test_who_is_found_stands_where_the_word_does_and_everybody_by_name(shop: Merchant) -> None:
    assert names(shop, "jo") == ["Johanna", "John", "José"]
    assert names(shop, "") == ["John", "José", "50%", "Johanna"]


def test_a_number_is_the_customer_number_and_comes_first(shop: Merchant) -> None:
    john = shop.services.customer_search.search(shop.tenant_id, CustomerQuery("doe")).items[0]
    keep(shop, Person("Seven", email=f"{john.id}x@mail.com"))
    assert names(shop, str(john.id)) == ["John", "Seven"]
    assert names(shop, f"{john.id} doe") == ["John"]
    assert names(shop, f"{john.id} zwick") == []
    assert names(shop, str(john.id), customer_set="b2b") == []
    assert names(shop, "99999999999999999999") == []


def test_filters_narrow_a_search_and_a_list(shop: Merchant) -> None:
    assert names(shop, "j", customer_set="B2B") == ["Johanna"]
    assert names(shop, "", is_locked=True) == ["50%"]
    assert names(shop, "", is_guest=True) == ["José"]
    assert names(shop, "j", is_guest=False, customer_set="b2c") == ["John"]


def test_a_segment_narrows_a_search(shop: Merchant) -> None:
    services = shop.services
    john = services.customer_search.search(shop.tenant_id, CustomerQuery("john")).items[0]
    segment = services.segments.create(shop.caller(), {"code": "vip"})
    services.segments.add_accounts(shop.caller(), segment.id, [john.id])
    assert names(shop, "j", segment_id=segment.id) == ["John"]
    assert names(shop, "d j", segment_id=segment.id) == ["John"]
    assert names(shop, f"{john.id}", segment_id=segment.id + 1) == []


def test_many_who_move_at_once_are_found_where_they_are(merchant: Merchant) -> None:
    """So many that their words are left as they were; then some move on, one by one and all together."""
    forget_all(merchant)
    people = [Person(f"Ann{at:03}", customer_set="b2c", has_login=False) for at in range(102)]
    with merchant.services.database.transaction():
        ids = [keep(merchant, person).id for person in people]
        keep(merchant, Person("Anna", customer_set="b2b"))
    services, caller = merchant.services, merchant.caller()
    every = [person.first_name for person in people]

    def told() -> tuple[list[str | None], ...]:
        sets = ("b2c", "b2b", "default")
        return tuple(names(merchant, "ann", customer_set=one, page_size=20) for one in sets)

    assert told() == (every, ["Anna"], [])
    plan = services.regrouping.at_once(caller, [MoveCustomers("b2b", accounts=tuple(ids))])
    assert told() == ([], [*every, "Anna"], [])
    merchant.move(ids[0], "default")
    assert told() == ([], [*every[1:], "Anna"], every[:1])
    merchant.move(ids[0], "b2b", first_name="Annie")
    assert told() == ([], [*every[1:], "Anna", "Annie"], [])
    services.regrouping.at_once(caller, [MoveCustomers("default", accounts=tuple(ids))])
    assert told() == ([], ["Anna"], [*every[1:], "Annie"])
    assert names(merchant, "ann", page_size=50) == [*every[1:], "Anna", "Annie"]
    assert plan.id


def test_an_edit_is_found_at_once_and_what_it_was_before_is_not(shop: Merchant) -> None:
    services, caller = shop.services, shop.caller()
    john = services.customer_search.search(shop.tenant_id, CustomerQuery("john")).items[0]
    services.accounts.update(caller, john.id, {"first_name": "Ivan"})
    assert names(shop, "ivan") == names(shop, "ivan doe") == names(shop, "john.doe@") == ["Ivan"]
    shop.move(john.id, "b2b", email_address="ivan@mail.com")
    assert names(shop, "john") == []
    assert names(shop, "ivan", customer_set="b2b") == ["Ivan"]
    assert names(shop, "ivan", customer_set="b2c") == []
    services.accounts.set_locked(caller, john.id, locked=True)
    assert names(shop, "ivan", is_locked=True) == ["Ivan"]
    services.accounts.delete(caller, john.id)
    assert names(shop, "ivan") == []


def test_a_guest_who_gains_a_login_is_no_guest_in_a_search(shop: Merchant) -> None:
    ticket = shop.sign_up("new@mail.com", "Mystic Sports", first_name="New")
    assert ticket.account is not None
    assert names(shop, "new", is_guest=False) == ["New"]
    assert names(shop, "new", is_guest=True) == []


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "a" * 500, "AAAAAFtd", "=" * 9])
def test_what_is_no_cursor_is_refused(shop: Merchant, cursor: str) -> None:
    with pytest.raises(BadCursor):
        shop.services.customer_search.search(shop.tenant_id, CustomerQuery("j", cursor=cursor))


def test_a_cursor_is_good_for_its_own_search_only(shop: Merchant, other_merchant: Merchant) -> None:
    search = shop.services.customer_search
    cursor = search.search(shop.tenant_id, CustomerQuery("j", page_size=1)).next_cursor
    assert cursor is not None
    edited = cursor[:-3] + ("A" if cursor[-3] != "A" else "B") + cursor[-2:]
    for tenant_id, query in (
        (shop.tenant_id, CustomerQuery("jo", cursor=cursor)),
        (shop.tenant_id, CustomerQuery("j", customer_set="b2c", cursor=cursor)),
        (other_merchant.tenant_id, CustomerQuery("j", cursor=cursor)),
        (shop.tenant_id, CustomerQuery("j", cursor=edited)),
    ):
        with pytest.raises(BadCursor):
            search.search(tenant_id, query)


def test_more_words_than_anybody_needs_are_refused(shop: Merchant) -> None:
    with pytest.raises(Invalid):
        shop.services.customer_search.search(shop.tenant_id, CustomerQuery("a b c d e f g h i"))


def test_names_of_any_length_are_kept_and_found(merchant: Merchant) -> None:
    """No name is too long for the index: what goes beyond is not found, but the customer is."""
    long = " ".join(f"\U0001f9e2{n:03}{'x' * 200}" for n in range(60))
    keep(merchant, Person("Long", long, long))
    assert names(merchant, f"\U0001f9e2000{'x' * 200}") == ["Long"]
    assert names(merchant, "\U0001f9e2003 \U0001f9e2001") == ["Long"]
