"""How applications prove themselves, and how their tickets end."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select, update

from authsvc.applications.rules import (
    ACCESS_LIFETIME,
    REFRESH_LIFETIME,
    Application,
    BadApplicationCredentials,
    UnknownApplication,
    UnknownRefreshToken,
)
from authsvc.callers import BadTicket, Behavior, Caller
from authsvc.infra.applications_schema import application_tokens, applications
from authsvc.purging import purge
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.tokens import Audience, reference
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.trail import changes, entries


def storefront(services: Services, merchant: Merchant) -> tuple[Application, str]:
    """Make an application that may read customers."""
    return services.applications.create(
        merchant.caller(), "Storefront", [Behavior.CUSTOMER_READ, Behavior.CUSTOMER_AUTH]
    )


def test_client_id_and_secret_give_a_ticket_that_identifies_the_application(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    found = services.applications.identify(ticket.access_token)
    assert (found.tenant_id, found.client_id) == (merchant.tenant_id, application.client_id)
    assert found.behaviors == {Behavior.CUSTOMER_READ, Behavior.CUSTOMER_AUTH}
    listed = services.applications.applications(merchant.tenant_id)
    assert application.client_id in [each.client_id for each in listed]


def test_a_wrong_secret_or_id_is_one_refusal(services: Services, merchant: Merchant) -> None:
    """[K] 2.5: code `INVALID_CREDENTIALS`, message starts `Invalid Credentials:`."""
    application, secret = storefront(services, merchant)
    refusals = []
    for client_id, shared_secret in (
        (application.client_id, secret[::-1]),
        (application.client_id, ""),
        (f"{merchant.tenant_id}.nobody", secret),
        ("nobody", secret),
    ):
        with pytest.raises(BadApplicationCredentials) as refusal:
            services.applications.authenticate(client_id, shared_secret)
        refusals.append((refusal.value.error_code, refusal.value.message))
    assert len(set(refusals)) == 1
    assert refusals[0][0] == "INVALID_CREDENTIALS"
    assert refusals[0][1].startswith("Invalid Credentials:")


def test_an_access_token_lasts_an_hour_and_a_refresh_token_14_days(
    settings: Settings, merchant: Merchant
) -> None:
    """[K] 5.1: Access token 1 h. Refresh 14 days."""
    assert (timedelta(hours=1), timedelta(days=14)) == (ACCESS_LIFETIME, REFRESH_LIFETIME)
    clock = HeldClock()
    with machine(settings, clock) as here:
        application, secret = storefront(here, merchant)
        ticket = here.applications.authenticate(application.client_id, secret)
        clock.pass_time(minutes=59, seconds=59)
        here.applications.identify(ticket.access_token)
        clock.pass_time(seconds=1)
        with pytest.raises(BadTicket):
            here.applications.identify(ticket.access_token)
        fresh = here.applications.refresh(ticket.refresh_token)
        here.applications.identify(fresh.access_token)
        assert fresh.refresh_token == ticket.refresh_token
        assert fresh.refresh_expires_at == ticket.refresh_expires_at
        clock.pass_time(days=14)
        with pytest.raises(UnknownRefreshToken):
            here.applications.refresh(ticket.refresh_token)


def test_a_good_refresh_token_is_kept_beside_the_secret_and_a_stale_one_replaced(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    other, other_secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    kept = services.applications.authenticate(
        application.client_id, secret, refresh_token=ticket.refresh_token
    )
    assert kept.refresh_token == ticket.refresh_token
    for client_id, shared_secret, shown in (
        (application.client_id, secret, "stale"),
        (other.client_id, other_secret, ticket.refresh_token),
    ):
        replaced = services.applications.authenticate(client_id, shared_secret, shown)
        assert replaced.refresh_token != ticket.refresh_token
    with pytest.raises(BadApplicationCredentials):
        services.applications.authenticate(application.client_id, "wrong", ticket.refresh_token)


def test_a_refresh_token_that_was_given_up_is_unknown(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    services.applications.give_up(ticket.refresh_token)
    for refused in (services.applications.refresh, services.applications.give_up):
        for token in (ticket.refresh_token, "no token at all"):
            with pytest.raises(UnknownRefreshToken):
                refused(token)


def test_the_two_tokens_of_a_ticket_do_not_stand_in_for_each_other(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    with pytest.raises(BadTicket):
        services.applications.identify(ticket.refresh_token)
    with pytest.raises(UnknownRefreshToken):
        services.applications.refresh(ticket.access_token)
    for text in ("", "rubbish", ticket.access_token + "x", ticket.access_token.replace("a~", "s~")):
        with pytest.raises(BadTicket):
            services.applications.identify(text)


def test_giving_up_takes_the_refresh_token_and_does_not_say_that_an_access_token_is_given_up(
    services: Services, merchant: Merchant
) -> None:
    """An access token is remembered while it lives: to delete its row would end it nowhere."""
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    with pytest.raises(UnknownRefreshToken):
        services.applications.give_up(ticket.access_token)
    services.applications.identify(ticket.access_token)
    services.applications.give_up(ticket.refresh_token)


def test_a_copy_of_another_release_is_no_copy_and_postgresql_is_asked(
    settings: Settings, merchant: Merchant
) -> None:
    """While releases change, workers of both read and write the same Valkey; the last knew of no sites."""
    with machine(settings) as here:
        application, secret = storefront(here, merchant)
        ticket = here.applications.authenticate(application.client_id, secret)
        token = reference(ticket.access_token, Audience.APPLICATION)
        assert token is not None
        now = here.clock().isoformat()
        behaviors = [Behavior.CUSTOMER_SET_READ]
        copy = [merchant.tenant_id, application.client_id, "Storefront", behaviors, True, now, now]
        kept = here.applications.records.records
        kept.put(token, orjson.dumps(copy), kept.question(here.clock()))
        here.invalidation.follow()
        assert kept.get(token) == orjson.dumps(copy)
        found = here.applications.identify(ticket.access_token)
        assert found.behaviors == {Behavior.CUSTOMER_READ, Behavior.CUSTOMER_AUTH}


def test_a_removed_application_is_refused_where_it_was_removed_and_elsewhere_after_the_next_look(
    settings: Settings, merchant: Merchant
) -> None:
    with machine(settings) as here, machine(settings) as there:
        application, secret = storefront(here, merchant)
        ticket = here.applications.authenticate(application.client_id, secret)
        for side in (here, there, there):
            assert side.applications.identify(ticket.access_token).client_id
        here.applications.remove(merchant.caller(), application.client_id)
        # Each process looks four times a second, and at once when it hears of an end.
        there.invalidation.follow()
        for side in (here, there):
            with pytest.raises(BadTicket):
                side.applications.identify(ticket.access_token)
            with pytest.raises(UnknownRefreshToken):
                side.applications.refresh(ticket.refresh_token)
            with pytest.raises(BadApplicationCredentials):
                side.applications.authenticate(application.client_id, secret)
        with pytest.raises(UnknownApplication):
            here.applications.remove(merchant.caller(), application.client_id)


def test_an_application_that_was_switched_off_can_neither_call_nor_refresh(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    with services.database.connection() as connection:
        connection.execute(
            update(applications)
            .where(applications.c.client_id == application.client_id)
            .values(is_active=False)
        )
    with pytest.raises(BadTicket):
        services.applications.identify(ticket.access_token)
    with pytest.raises(UnknownRefreshToken):
        services.applications.refresh(ticket.refresh_token)
    with pytest.raises(BadApplicationCredentials):
        services.applications.authenticate(application.client_id, secret)


def test_only_digests_of_tokens_and_secrets_are_stored(
    services: Services, merchant: Merchant
) -> None:
    """Design §3: Only digests of tokens are stored."""
    application, secret = storefront(services, merchant)
    ticket = services.applications.authenticate(application.client_id, secret)
    with services.database.connection() as connection:
        stored = repr(
            [
                connection.execute(
                    select(table).where(table.c.client_id == application.client_id)
                ).all()
                for table in (applications, application_tokens)
            ]
        )
    assert application.client_id in stored
    for clear in (secret, ticket.access_token, ticket.refresh_token):
        assert clear not in stored


def test_what_is_done_to_applications_is_written_down_without_the_secret(
    services: Services, merchant: Merchant
) -> None:
    application, secret = storefront(services, merchant)
    services.applications.remove(merchant.caller(), application.client_id)
    made, removed = entries(services, merchant.tenant_id, f"application:{application.client_id}")
    assert (made["action"], removed["action"]) == ("application.created", "application.removed")
    assert changes(made) == {
        "name": (None, "Storefront"),
        "behaviors": (None, ["customer-auth", "customer-read"]),
    }
    assert secret not in repr((made, removed))


def test_tokens_that_ran_out_are_purged(settings: Settings, merchant: Merchant) -> None:
    clock = HeldClock()
    with machine(settings, clock) as here:
        application, secret = storefront(here, merchant)
        ticket = here.applications.authenticate(application.client_id, secret)
        purge(here, days=30)
        here.applications.identify(ticket.access_token)
        # Other tests' tokens live by the real time; only what is older than all of them may go.
        mine = application_tokens.c.client_id == application.client_id
        with here.database.connection() as connection:
            connection.execute(
                update(application_tokens)
                .where(mine)
                .values(expires_at=clock.now() - timedelta(days=31))
            )
            assert purge(here, days=30)[1] >= 2
            assert connection.execute(select(application_tokens).where(mine)).all() == []


def test_the_caller_of_an_application_is_of_its_tenant_only(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    application, _ = storefront(services, merchant)
    with pytest.raises(UnknownApplication):
        services.applications.remove(Caller(other_merchant.tenant_id), application.client_id)
