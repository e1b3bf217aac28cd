"""Callers who show what they showed before: decided as `identification` decides, without a store, not for long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.datastructures import EnvironHeaders

from authsvc.callers import SIGNED_IN, BadTicket, Behavior, Caller, Requires, ShopperRole
from authsvc.errors import Forbidden
from authsvc.identification import Shown
from authsvc.login.rules import Ticket
from authsvc.remembered_callers import RememberedCallers
from authsvc.sessions.rules import NoSession, Refusal
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import NOWHERE, machine, on
from tests.merchants import Merchant

OWN = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
STAFF_ONLY = Requires(Behavior.CUSTOMER_READ)
SIGNING_IN = Requires(Behavior.CUSTOMER_AUTH, ShopperRole.IRRELEVANT)


@dataclass
class Side:
    """A machine with what it remembers."""

    merchant: Merchant
    callers: RememberedCallers
    looked_up: int = 0

    def ask(self, requires: Requires, **headers: str) -> Caller:
        """Send headers, with `_` for `-`, for the merchant, right after a look at what has ended."""
        self.merchant.services.invalidation.follow()
        environ: dict[str, Any] = {f"HTTP_{name.upper()}": text for name, text in headers.items()}
        environ.setdefault("HTTP_X_VOL_TENANT", str(self.merchant.tenant_id))
        environ.setdefault("HTTP_HOST", "localhost")

        def shown() -> Shown:
            self.looked_up += 1
            return Shown(EnvironHeaders(environ), environ["HTTP_HOST"], "203.0.113.7", "c-1")

        return self.callers.caller(requires, environ, shown)


@pytest.fixture(name="side")
def _side(settings: Settings, merchant: Merchant) -> Iterator[Side]:
    with machine(settings) as services:
        yield Side(on(services, merchant), RememberedCallers(services.identification))


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def shows(merchant: Merchant, ticket: Ticket, site: str = "Mystic Kids") -> dict[str, str]:
    """Return what a storefront's server sends for a shopper."""
    return {
        "authorization": f"Bearer {merchant.application_token}",
        "x_vol_user_claims": ticket.tokens.access_token,
        "x_vol_site": str(merchant.site(site)),
    }


def sign_out(merchant: Merchant, ticket: Ticket) -> None:
    """End a session, on another machine."""
    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)


def test_the_second_time_nobody_is_asked_and_the_answer_is_the_same(
    side: Side, merchant: Merchant, stacy: Ticket
) -> None:
    headers = shows(merchant, stacy)
    first = side.ask(SIGNED_IN, **headers)
    assert first.site_id == merchant.site("Mystic Kids")
    assert stacy.account is not None
    assert first.own_account() == stacy.account.id
    asked: list[object] = []
    event.listen(
        side.merchant.services.database.engine, "checkout", lambda *_: asked.append("PostgreSQL")
    )
    assert [side.ask(SIGNED_IN, **headers) for _ in range(3)] == [first] * 3
    assert (side.looked_up, asked) == (1, [])


def test_what_is_required_is_asked_each_time(side: Side, merchant: Merchant, stacy: Ticket) -> None:
    headers = shows(merchant, stacy)
    side.ask(OWN, **headers)
    with pytest.raises(Forbidden, match="without a shopper's ticket"):
        side.ask(STAFF_ONLY, **headers)
    assert side.looked_up == 1


def test_other_headers_are_another_caller(side: Side, merchant: Merchant, stacy: Ticket) -> None:
    headers = shows(merchant, stacy)
    assert side.ask(OWN, **headers).shopper is not None
    del headers["x_vol_user_claims"]
    assert side.ask(OWN, **headers).shopper is None
    with pytest.raises(NoSession) as refused:
        side.ask(OWN, **shows(merchant, stacy, "Mystic Business"))
    assert refused.value.refusal is Refusal.OTHER_CUSTOMER_SET
    with pytest.raises(Forbidden):
        side.ask(OWN, **headers, x_vol_tenant="1")


def test_a_host_is_asked_about_each_time_where_the_site_is_not_said(
    side: Side, merchant: Merchant
) -> None:
    headers = {"authorization": f"Bearer {merchant.application_token}"}
    host = f"{merchant.tenant_id}.example"
    assert side.ask(STAFF_ONLY, **headers, host=host).site_id is None
    structure = merchant.services.customer_sets.structure
    structure.add_host(merchant.tenant_id, merchant.site("Mystic Kids"), host)
    side.merchant.services.directory.forget()
    assert side.ask(STAFF_ONLY, **headers, host=host).site_id == merchant.site("Mystic Kids")


def test_a_ticket_that_was_passed_over_is_looked_at_again(
    side: Side, merchant: Merchant, stacy: Ticket
) -> None:
    """Signing in needs no session, and so says nothing about the one that came along."""
    headers = shows(merchant, stacy, "Mystic Business")
    for looked_up in (1, 2):
        assert side.ask(SIGNING_IN, **headers).carries_shopper
        assert side.looked_up == looked_up
    with pytest.raises(NoSession):
        side.ask(SIGNED_IN, **headers)


def test_what_ends_elsewhere_is_refused_after_the_next_look(
    side: Side, merchant: Merchant, stacy: Ticket
) -> None:
    application, secret = merchant.services.applications.create(
        merchant.caller(), "Short-lived", Behavior
    )
    token = merchant.services.applications.authenticate(application.client_id, secret).access_token
    headers = shows(merchant, stacy)
    by_other = {"authorization": f"Bearer {token}"}
    side.ask(SIGNED_IN, **headers)
    side.ask(OWN, **by_other)
    sign_out(merchant, stacy)
    merchant.services.applications.remove(merchant.caller(), application.client_id)
    with pytest.raises(NoSession):
        side.ask(SIGNED_IN, **headers)
    with pytest.raises(BadTicket):
        side.ask(OWN, **by_other)


def test_a_ticket_that_runs_out_is_refused(settings: Settings, merchant: Merchant) -> None:
    clock = HeldClock()
    with machine(settings, clock) as services:
        there = on(services, merchant)
        side = Side(there, RememberedCallers(services.identification))
        headers = shows(there, there.sign_up("stacy@mail.com", "Mystic Sports"))
        side.ask(SIGNED_IN, **headers)
        clock.pass_time(minutes=14)
        side.ask(SIGNED_IN, **headers)
        clock.pass_time(minutes=2)
        with pytest.raises(NoSession) as refused:
            side.ask(SIGNED_IN, **headers)
        assert refused.value.refusal is Refusal.EXPIRED


def test_without_trust_in_copies_everything_is_asked_again(
    settings: Settings, merchant: Merchant, stacy: Ticket
) -> None:
    with machine(settings, valkey_url=NOWHERE) as services:
        side = Side(on(services, merchant), RememberedCallers(services.identification))
        for looked_up in (1, 2):
            side.ask(SIGNED_IN, **shows(merchant, stacy))
            assert side.looked_up == looked_up
        sign_out(merchant, stacy)
        with pytest.raises(NoSession):
            side.ask(SIGNED_IN, **shows(merchant, stacy))


def test_each_request_leaves_its_own_correlation_id_in_the_audit(merchant: Merchant) -> None:
    guest = merchant.call("POST", "accounts", {"emailAddress": "g@mail.com"}, site="Mystic Sports")
    account_id = guest.get_json()["id"]
    for correlation in ("first-call", "second-call"):
        answer = merchant.call(
            "PUT",
            f"accounts/{account_id}",
            {"firstName": correlation},
            headers={"x-vol-correlation": correlation},
        )
        assert answer.status_code == 200, answer.text
    with merchant.services.database.connection() as connection:
        noted = connection.exec_driver_sql(
            "SELECT correlation_id FROM audit_entries WHERE tenant_id = %s AND subject = %s "
            "AND action = 'account.updated' ORDER BY id",
            (merchant.tenant_id, f"account:{account_id}"),
        ).scalars()
        assert list(noted) == ["first-call", "second-call"]
