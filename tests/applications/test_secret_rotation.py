"""A new secret takes over from the old one without a call that fails, and at once after a theft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from authsvc.applications.rules import (
    OVERLAP,
    ApplicationTicket,
    BadApplicationCredentials,
    SecretsOverlap,
    UnknownApplication,
    UnknownRefreshToken,
)
from authsvc.callers import BadTicket, Behavior
from authsvc.errors import Invalid
from authsvc.services import Services
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.overlaps import meanwhile
from tests.trail import entries

AT_ONCE = timedelta()


def test_both_secrets_are_good_while_the_new_one_is_brought_to_the_servers_then_only_the_new_one(
    settings: Settings, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as here:
        service = here.applications
        application, old = service.create(merchant.caller(), "Storefront", Behavior)
        before = service.authenticate(application.client_id, old)
        ends, new = service.rotate_secret(merchant.caller(), application.client_id)
        assert ends == clock.now() + OVERLAP
        service.authenticate(application.client_id, old)
        service.authenticate(application.client_id, new)
        clock.pass_time(seconds=OVERLAP.total_seconds())
        with pytest.raises(BadApplicationCredentials):
            service.authenticate(application.client_id, old)
        with pytest.raises(UnknownRefreshToken):
            service.refresh(before.refresh_token)
        service.authenticate(application.client_id, new)


def test_a_stolen_secret_ends_at_once_with_every_ticket_it_opened(
    services: Services, merchant: Merchant
) -> None:
    service = services.applications
    application, stolen = service.create(merchant.caller(), "Storefront", Behavior)
    theirs = service.authenticate(application.client_id, stolen)
    service.identify(theirs.access_token)
    _, new = service.rotate_secret(merchant.caller(), application.client_id, AT_ONCE)
    with pytest.raises(BadTicket):
        service.identify(theirs.access_token)
    with pytest.raises(UnknownRefreshToken):
        service.refresh(theirs.refresh_token)
    with pytest.raises(BadApplicationCredentials):
        service.authenticate(application.client_id, stolen)
    service.identify(service.authenticate(application.client_id, new).access_token)
    noted = entries(services, merchant.tenant_id, f"application:{application.client_id}")
    assert [entry["action"] for entry in noted] == [
        "application.created",
        "application.secret_rotated",
    ]
    assert new not in repr(noted)


def test_a_third_secret_waits_for_the_first_to_end(services: Services, merchant: Merchant) -> None:
    service = services.applications
    application, _ = service.create(merchant.caller(), "Storefront", Behavior)
    service.rotate_secret(merchant.caller(), application.client_id)
    with pytest.raises(SecretsOverlap):
        service.rotate_secret(merchant.caller(), application.client_id)
    _, new = service.rotate_secret(merchant.caller(), application.client_id, AT_ONCE)
    found = service.store.application(merchant.tenant_id, application.client_id)
    assert found is not None
    assert len(found.secrets) == 1
    service.authenticate(application.client_id, new)


def test_nobody_rotates_what_is_not_theirs_or_for_years(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    service = services.applications
    application, secret = service.create(merchant.caller(), "Storefront", Behavior)
    with pytest.raises(UnknownApplication):
        service.rotate_secret(other_merchant.caller(), application.client_id)
    with pytest.raises(Invalid):
        service.rotate_secret(merchant.caller(), application.client_id, timedelta(days=365))
    service.authenticate(application.client_id, secret)


def test_no_ticket_for_a_stolen_secret_outlives_its_end_even_in_a_race(
    services: Services, merchant: Merchant
) -> None:
    service = services.applications
    application, stolen = service.create(merchant.caller(), "Storefront", Behavior)

    def take(_: int) -> ApplicationTicket | None:
        try:
            return service.authenticate(application.client_id, stolen)
        except BadApplicationCredentials:
            return None

    with ThreadPoolExecutor(5) as pool:
        taken = [pool.submit(take, at) for at in range(20)]
        service.rotate_secret(merchant.caller(), application.client_id, AT_ONCE)
        tickets = [ticket for ticket in (one.result() for one in taken) if ticket]
    for ticket in tickets:
        with pytest.raises(BadTicket):
            service.identify(ticket.access_token)


def test_no_ticket_that_is_handed_out_meanwhile_outlives_its_application(
    services: Services, merchant: Merchant
) -> None:
    """It is in use, and so remembered, before its application is gone."""
    service = services.applications
    application, secret = service.create(merchant.caller(), "Storefront", Behavior)
    tickets = []

    def take() -> None:
        tickets.append(service.authenticate(application.client_id, secret))
        service.identify(tickets[0].access_token)

    def remove() -> None:
        service.remove(merchant.caller(), application.client_id)

    with meanwhile(services, take, remove) as removed:
        removed.result()
    with pytest.raises(BadTicket):
        service.identify(tickets[0].access_token)


def test_no_ticket_that_is_handed_out_meanwhile_is_good_on_sites_its_application_is_kept_from(
    services: Services, merchant: Merchant
) -> None:
    service = services.applications
    application, secret = service.create(merchant.caller(), "Storefront", Behavior)
    only = frozenset({merchant.site("Mystic Sports")})
    tickets = []

    def take() -> None:
        tickets.append(service.authenticate(application.client_id, secret))
        assert service.identify(tickets[0].access_token).site_ids is None

    def bind() -> None:
        service.bind(merchant.caller(), application.client_id, only)

    with meanwhile(services, take, bind) as bound:
        bound.result()
    assert service.identify(tickets[0].access_token).site_ids == only
