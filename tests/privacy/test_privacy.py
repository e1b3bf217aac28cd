"""Export of everything held on a shopper, and deletion as privacy law asks: what is sold stays, the person goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import MetaData, text, update
from sqlalchemy.exc import IntegrityError

from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.contacts.service import NEW, WantedContact
from authsvc.infra.audit_schema import audit_entries
from authsvc.login.rules import BadCredentials, Ticket
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.rules import MoveCustomers
from authsvc.services import Services
from tests.merchants import PASSWORD, Merchant
from tests.trail import entries

# What John typed or others wrote about him; none of it may be left anywhere.
HIS = (
    "john.doe@mail.com",
    "Johannes",
    "Doepfner",
    "Doe Ltd",
    "EXT-4711",
    "DE123456789",
    "221B Baker Street",
    "+1 512 555 0188",
    "card-of-john",
    "Calls at night",
    "left-handed",
)


@pytest.fixture(name="john")
def _john(merchant: Merchant) -> Ticket:
    """John, with everything that can be kept on him."""
    ticket = merchant.sign_up(
        "john.doe@mail.com", "Mystic Sports", first_name="Johannes", last_name="Doepfner"
    )
    account = account_id(ticket)
    company = {"company_or_organization": "Doe Ltd", "external_id": "EXT-4711"}
    token = ticket.tokens.access_token
    answer = merchant.call(
        "PUT",
        f"accounts/{account}",
        {"companyOrOrganization": "Doe Ltd"},
        shopper=token,
        site="Mystic Kids",
    )
    assert answer.status_code == 200
    data, caller = merchant.services.account_data, merchant.caller()
    merchant.services.accounts.update(caller, account, company | {"tax_id": "DE123456789"})
    contact = {
        "email": "john.doe@mail.com",
        "first_name": "Johannes",
        "phone_home": "+1 512 555 0188",
        "address": {"address1": "221B Baker Street"},
    }
    data.contacts.save(caller, account, [WantedContact(NEW, contact)])
    data.cards.add(caller, account, "card-of-john", {"name_on_card": "Johannes Doepfner"})
    note = data.notes.add(caller, account, "Calls at night")
    data.notes.update(caller, account, note.id, "Calls at night, loudly")
    definition = Definition("tenant~hand", DataType.STRING, ValueType.ADMIN_ENTERED)
    data.attributes.define(caller, definition)
    data.attributes.add(caller, account, "tenant~hand", ["left-handed"])
    segment = data.segments.create(caller, {"code": "vip"})
    data.segments.add_accounts(caller, segment.id, [account])
    return ticket


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def order(merchant: Merchant, account: int, number: int = 1) -> OrderState:
    """Return an offline order of an account on Mystic Kids."""
    now = merchant.services.clock()
    return OrderState(
        f"P-{number}",
        OrderKind.OFFLINE,
        merchant.site("Mystic Kids"),
        account,
        "Accepted",
        Decimal("19.99"),
        "EUR",
        now,
        SourceVersion(1, now),
    )


def left_of(services: Services, tenant_id: int) -> dict[str, set[str]]:
    """Return, by table, which of John's words the tenant's rows still hold."""
    tables = MetaData()
    tables.reflect(services.database.engine)
    found: dict[str, set[str]] = {}
    with services.database.connection() as connection:
        for table in tables.tables.values():
            if "tenant_id" not in table.c:
                continue
            query = text(f"SELECT CAST(t AS text) FROM {table.name} AS t WHERE tenant_id = :tenant")
            rows = " ".join(connection.execute(query, {"tenant": tenant_id}).scalars())
            held = {word for word in HIS if word.lower() in rows.lower()}
            if held:
                found[table.name] = held
    return found


def test_everything_that_is_held_on_a_shopper_comes_in_one_piece(
    merchant: Merchant, john: Ticket
) -> None:
    account = account_id(john)
    merchant.services.orders.put(merchant.caller(), order(merchant, account))
    answer = merchant.call("GET", f"accounts/{account}/export")
    assert answer.status_code == 200, answer.text
    for word in HIS:
        assert word in answer.text, word
    everything = answer.get_json()
    assert [each["siteName"] for each in everything["orders"]] == ["Mystic Kids"]
    assert [each["code"] for each in everything["customerAccount"]["segments"]] == ["vip"]
    assert len(everything["sessions"]) == 1
    actions = [each["action"] for each in everything["activity"]]
    assert actions[0] == "account.exported"
    assert "account.created" in actions
    for secret in ("password_hash", "$argon2", john.tokens.access_token, john.tokens.refresh_token):
        assert secret not in answer.text


def test_an_export_names_the_authenticator_app_and_counts_what_stands_in_for_it(
    merchant: Merchant, john: Ticket
) -> None:
    services, account = merchant.services, account_id(john)
    export = f"accounts/{account}/export"
    none = {"authenticatorAppSetUpOn": None, "recoveryCodesLeft": 0}
    assert merchant.call("GET", export).get_json()["secondFactor"] == none
    apps, now = services.sign_in.second_factors.factors.authenticators, services.clock()
    secret = services.settings.encryption.encrypt(b"JBSWY3DPEHPK3PXP")
    apps.set_up(merchant.tenant_id, account, secret, 0, now)
    apps.set_recovery_codes(merchant.tenant_id, account, [b"1" * 32, b"2" * 32])
    answer = merchant.call("GET", export, shopper=john.tokens.access_token)
    told = answer.get_json()["secondFactor"]
    assert datetime.fromisoformat(told["authenticatorAppSetUpOn"]) - now < timedelta(seconds=1)
    assert told["recoveryCodesLeft"] == 2
    for word in ("JBSWY3DPEHPK3PXP", secret.decode()):
        assert word not in answer.text


def test_a_shopper_exports_their_own_without_what_others_wrote(
    merchant: Merchant, john: Ticket
) -> None:
    token = john.tokens.access_token
    own = merchant.call("GET", f"accounts/{account_id(john)}/export", shopper=token)
    assert own.status_code == 200, own.text
    assert "221B Baker Street" in own.text
    assert "Calls at night" not in own.text
    assert own.get_json()["activity"] is None
    other = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    refused = merchant.call("GET", f"accounts/{account_id(other)}/export", shopper=token)
    assert refused.status_code == 403


def test_an_account_with_orders_keeps_what_the_law_needs_and_loses_the_person(
    merchant: Merchant, john: Ticket
) -> None:
    services, account = merchant.services, account_id(john)
    services.orders.put(merchant.caller(), order(merchant, account))
    assert merchant.call("DELETE", f"accounts/{account}").status_code == 409
    erased = merchant.call("POST", f"accounts/{account}/erase", {})
    assert erased.status_code == 204, erased.text

    assert left_of(services, merchant.tenant_id) == {}
    kept = services.orders.order(merchant.tenant_id, "P-1")
    assert (kept.state.account_id, kept.site_name) == (account, "Mystic Kids")
    assert (kept.state.total, kept.state.currency_code) == (Decimal("19.99"), "EUR")
    seen = merchant.call("GET", f"accounts/{account}").get_json()
    assert (seen["firstName"], seen["userName"], seen["isActive"]) == (None, None, False)
    assert seen["userId"] != john.user_id
    assert seen["commerceSummary"]["orderCount"] == 1
    assert merchant.call("GET", "accounts?q=Doepfner").get_json()["totalCount"] == 0

    # Whoever was signed in is not, the name is free for somebody else, and the old password opens nothing.
    assert merchant.check(john.tokens.access_token, "Mystic Sports").status_code == 401
    with pytest.raises(BadCredentials):
        merchant.sign_in("john.doe@mail.com", "Mystic Sports")
    assert account_id(merchant.sign_up("john.doe@mail.com", "Mystic Sports")) != account

    # What was ordered goes on: a newer state of the order, and one that arrives late.
    sent = order(merchant, account)
    later = SourceVersion(2, sent.version.updated_at + timedelta(seconds=1))
    services.orders.put(merchant.caller(), order(merchant, account, 2))
    assert (
        services.orders.put(
            merchant.caller(),
            OrderState(
                sent.external_id,
                sent.kind,
                sent.site_id,
                account,
                "Fulfilled",
                sent.total,
                sent.currency_code,
                kept.state.placed_at,
                later,
            ),
        ).state.status
        == "Fulfilled"
    )


def test_nothing_is_written_on_an_erased_account_any_more(merchant: Merchant, john: Ticket) -> None:
    account = account_id(john)
    merchant.services.orders.put(merchant.caller(), order(merchant, account))
    merchant.services.privacy.erase(merchant.caller(), account)
    for method, path, body in (
        ("PUT", "", {"firstName": "Johannes"}),
        ("POST", "/contacts", {"email": "john.doe@mail.com"}),
        ("POST", "/cards", {"id": "card-of-john"}),
        ("POST", "/notes", {"content": "Calls at night"}),
        ("POST", "/erase", {}),
        ("DELETE", "", None),
    ):
        answer = merchant.call(method, f"accounts/{account}{path}", body)
        assert answer.status_code == 404, (method, path, answer.text)
    with pytest.raises(IntegrityError), merchant.services.database.connection() as connection:
        connection.execute(
            text("UPDATE accounts SET first_name = 'J' WHERE tenant_id = :tenant AND id = :id"),
            {"tenant": merchant.tenant_id, "id": account},
        )


def test_nobody_is_offered_an_erased_account_for_an_order(merchant: Merchant, john: Ticket) -> None:
    account, site = account_id(john), merchant.site("Mystic Sports")
    tool = f"sites/{site}/eligibleCustomers"
    merchant.services.orders.put(merchant.caller(), order(merchant, account))
    texts = ("Doepfner", "5125550188", str(account), "")

    def offered() -> list[int]:
        answers = [merchant.call("GET", f"{tool}?q={text}") for text in texts]
        return [len(answer.get_json()["items"]) for answer in answers]

    assert offered() == [1, 1, 1, 1]
    merchant.services.privacy.erase(merchant.caller(), account)
    assert offered() == [0, 0, 0, 0]
    for method, path in (
        ("GET", f"{tool}/{account}"),
        ("POST", f"{tool}/{account}/receipts"),
        ("GET", f"accounts/{account}/why?siteId={site}"),
    ):
        assert merchant.call(method, path).status_code == 404, path


def test_a_refused_plan_keeps_no_username(merchant: Merchant, john: Ticket) -> None:
    services, caller = merchant.services, merchant.caller()
    other = account_id(merchant.sign_up("john.doe@mail.com", "Mystic Parts"))
    plan = services.regrouping.ask(caller, [MoveCustomers("b2b", accounts=(account_id(john),))])
    with pytest.raises(UsernamesClash):
        services.undertaking.commit(caller, plan.id)
    for account in (other, account_id(john)):
        services.privacy.erase(caller, account)
    assert left_of(services, merchant.tenant_id) == {}
    # Why it was refused is still told, by numbers.
    kept = services.regrouping.plan(merchant.tenant_id, plan.id).refusal
    assert kept is not None
    assert f"Account {account_id(john)} cannot go to b2b: account {other} has" in kept.texts[1]


@pytest.mark.parametrize("way", ["DELETE", "erase"])
def test_a_deleted_account_leaves_nothing_of_the_person(
    merchant: Merchant, john: Ticket, way: str
) -> None:
    account = account_id(john)
    answer = (
        merchant.call("DELETE", f"accounts/{account}")
        if way == "DELETE"
        else merchant.call("POST", f"accounts/{account}/erase", {})
    )
    assert answer.status_code == 204
    assert left_of(merchant.services, merchant.tenant_id) == {}
    assert merchant.call("GET", f"accounts/{account}").status_code == 404


@pytest.mark.parametrize("with_orders", [True, False])
def test_no_address_stays_with_a_session_that_was_purged_before(
    merchant: Merchant, john: Ticket, *, with_orders: bool
) -> None:
    """Sessions are kept for days, the trail for years: it is what tells whose a session was."""
    services, account = merchant.services, account_id(john)
    stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    for ticket in (john, stacy):
        token = ticket.tokens.access_token
        answer = merchant.call("DELETE", "/session", shopper=token, site="Mystic Sports")
        assert answer.status_code == 204, answer.text
    services.sessions.store.purge(services.clock() + timedelta(days=400))
    if with_orders:
        services.orders.put(merchant.caller(), order(merchant, account))

    def addresses(ticket: Ticket) -> list[str | None]:
        told = entries(services, merchant.tenant_id, f"session:{ticket.tokens.session_id}")
        return [each["remote_address"] for each in told]

    assert addresses(john) == ["127.0.0.1"]
    services.privacy.erase(merchant.caller(), account)
    assert addresses(john) == [None]
    # Somebody else's stays.
    assert addresses(stacy) == ["127.0.0.1"]


def test_who_did_what_stays_in_the_trail(merchant: Merchant, john: Ticket) -> None:
    account, trail = account_id(john), merchant.services.trail
    about = (merchant.tenant_id, f"account:{account}", 0, 100)
    before, _ = trail.entries(*about)
    merchant.services.privacy.erase(merchant.caller(), account)
    after, _ = trail.entries(*about)
    assert after[0].action == "account.deleted"
    for was, now in zip(before, after[1:], strict=True):
        assert (was.id, was.at, was.actor, was.action) == (now.id, now.at, now.actor, now.action)
        assert [each.field for each in was.changes] == [each.field for each in now.changes]
    created = after[-1].changes
    assert [each.new for each in created if each.field == "customerSet"] == ["b2c"]


def test_the_trail_of_an_account_that_lives_cannot_be_redacted(
    merchant: Merchant, john: Ticket
) -> None:
    """Nor can anything else of an entry ever be changed, not even together with a redaction."""
    services, subject = merchant.services, f"account:{account_id(john)}"
    with pytest.raises(IntegrityError):
        services.privacy.store.redact(merchant.tenant_id, [subject], services.clock())
    services.privacy.erase(merchant.caller(), account_id(john))
    edits: tuple[dict[str, object], ...] = (
        {"actor": "nobody"},
        {"changes": []},
        {"redacted_at": None},
    )
    for changes in edits:
        with pytest.raises(IntegrityError), services.database.connection() as connection:
            connection.execute(
                update(audit_entries)
                .where(audit_entries.c.tenant_id == merchant.tenant_id)
                .where(audit_entries.c.subject == subject)
                .values(**changes)
            )


def test_a_shopper_ends_their_own_account_with_their_password(
    merchant: Merchant, john: Ticket
) -> None:
    erase, token = f"accounts/{account_id(john)}/erase", john.tokens.access_token
    for body, status in (({}, 400), ({"password": "wrong"}, 400), ({"password": PASSWORD}, 204)):
        answer = merchant.call("POST", erase, body, shopper=token)
        assert answer.status_code == status, answer.text
    assert merchant.check(token, "Mystic Sports").status_code == 401
    other = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    stacy = other.tokens.access_token
    answer = merchant.call("POST", erase, {"password": PASSWORD}, shopper=stacy)
    assert answer.status_code == 403
