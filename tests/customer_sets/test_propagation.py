"""How soon a moved site is known elsewhere: settings `propagation` and `directory_ttl_seconds`."""

from __future__ import annotations

from authsvc.services import Services
from authsvc.settings import Propagation, Settings
from tests.clock import HeldClock
from tests.machines import machine, taken_back
from tests.merchants import Merchant


def set_of(services: Services, merchant: Merchant, site: str) -> str:
    """Return the set a machine believes a site to be in."""
    return services.directory.site(merchant.tenant_id, merchant.site(site)).customer_set


def move(services: Services, merchant: Merchant, site: str, code: str) -> None:
    """Move a site on one machine."""
    services.customer_sets.assign_site(merchant.caller(), merchant.site(site), code)


def test_by_default_a_moved_site_is_known_elsewhere_after_15_minutes(
    settings: Settings, merchant: Merchant
) -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    clock = HeldClock()
    with machine(settings, clock) as here, machine(settings, clock) as there:
        assert set_of(there, merchant, "Mystic Kids") == "b2c"
        move(here, merchant, "Mystic Kids", "b2b")
        clock.pass_time(minutes=14, seconds=59)
        there.invalidation.follow()
        assert set_of(there, merchant, "Mystic Kids") == "b2c"
        clock.pass_time(seconds=1)
        assert set_of(there, merchant, "Mystic Kids") == "b2b"


def test_pushed_a_moved_site_is_known_here_at_once_and_elsewhere_at_the_next_look(
    settings: Settings, merchant: Merchant
) -> None:
    """Design §4: with push, an admin's change invalidates it everywhere at once."""
    push = {"propagation": Propagation.PUSH}
    with machine(settings, None, **push) as here, machine(settings, None, **push) as there:
        for side in (here, there):
            assert set_of(side, merchant, "Mystic Kids") == "b2c"
        move(here, merchant, "Mystic Kids", "b2b")
        assert set_of(here, merchant, "Mystic Kids") == "b2b"
        there.invalidation.follow()
        assert set_of(there, merchant, "Mystic Kids") == "b2b"


def test_pushed_what_a_machine_remembered_before_its_first_look_is_forgotten_too(
    settings: Settings, merchant: Merchant
) -> None:
    from authsvc.services import connect_services

    starting = connect_services(settings.model_copy(update={"propagation": Propagation.PUSH}))
    assert set_of(starting, merchant, "Mystic Kids") == "b2c"
    move(merchant.services, merchant, "Mystic Kids", "b2b")
    starting.invalidation.follow()
    assert set_of(starting, merchant, "Mystic Kids") == "b2b"
    starting.close()


def test_a_change_that_is_taken_back_is_not_pushed(settings: Settings, merchant: Merchant) -> None:
    with machine(settings, None, propagation=Propagation.PUSH) as here:
        before = here.directory.site(merchant.tenant_id, merchant.site("Mystic Kids"))
        with taken_back(here):
            move(here, merchant, "Mystic Kids", "b2b")
        assert here.directory.site(merchant.tenant_id, before.id) is before
