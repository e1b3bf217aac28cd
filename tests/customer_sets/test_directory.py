"""The directory: which set a site is in, as remembered by one process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from authsvc.customer_sets.directory import (
    DOCUMENTED_DELAY_SECONDS,
    UNKNOWN_HOST_SECONDS,
    Directory,
)
from authsvc.customer_sets.rules import Site, UnknownSite
from tests.clock import HeldClock


@dataclass
class Structure:
    """One site, and how often it was asked for."""

    current: Site | None = field(default_factory=lambda: Site(1, 7, "Mystic Kids", "b2c"))
    asked: int = 0
    host: str = "kids.example"
    meanwhile: Callable[[], None] = lambda: None

    def site(self, tenant_id: int, site_id: int) -> Site | None:
        """Answer with the site as it was when the question arrived."""
        self.asked += 1
        answer = self.current
        self.meanwhile()
        return answer if (tenant_id, site_id) == (1, 7) else None

    def sites_at(self, places: Collection[tuple[int, int]]) -> list[Site]:
        """Answer with those of the sites that there are."""
        return [site for place in places if (site := self.site(*place)) is not None]

    def site_of_host(self, host: str) -> Site | None:
        """Answer on the site's host, as it was when the question arrived."""
        self.asked += 1
        answer = self.current if host == self.host else None
        self.meanwhile()
        return answer

    def move(self, customer_set: str) -> None:
        """Move the site."""
        self.current = Site(1, 7, "Mystic Kids", customer_set)


def directory_of(structure: Structure, clock: HeldClock) -> Directory:
    return Directory(structure, clock.ticks)


def test_it_may_take_up_to_15_minutes_for_updates_to_be_reflected() -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)
    assert directory.site(1, 7).customer_set == "b2c"
    structure.move("b2b")
    clock.pass_time(seconds=DOCUMENTED_DELAY_SECONDS - 1)
    assert directory.site(1, 7).customer_set == "b2c"
    clock.pass_time(seconds=1)
    assert directory.site(1, 7).customer_set == "b2b"
    assert DOCUMENTED_DELAY_SECONDS == 15 * 60


def test_a_site_is_asked_for_once_while_it_is_remembered() -> None:
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)
    for _ in range(5):
        directory.site(1, 7)
    assert structure.asked == 1


def test_who_is_about_to_refuse_asks_afresh_and_everybody_knows_from_then_on() -> None:
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)
    directory.site(1, 7)
    structure.move("b2b")
    assert directory.fresh_site(1, 7).customer_set == "b2b"
    assert directory.site(1, 7).customer_set == "b2b"


def test_a_site_of_another_tenant_does_not_exist() -> None:
    directory = directory_of(Structure(), HeldClock())
    directory.site(1, 7)
    with pytest.raises(UnknownSite):
        directory.site(2, 7)


def test_forgetting_makes_the_next_answer_a_new_one() -> None:
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)
    directory.site(1, 7)
    directory.tenant_and_site_of_host("kids.example")
    structure.move("b2b")
    directory.forget()
    assert directory.site(1, 7).customer_set == "b2b"


def test_an_answer_that_was_under_way_while_all_was_forgotten_is_not_remembered() -> None:
    """With propagation "push" a change is in force everywhere at once, whoever was just asking."""
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)

    def moved_meanwhile() -> None:
        structure.move("b2b")
        directory.forget()

    structure.meanwhile = moved_meanwhile
    assert directory.fresh_site(1, 7).customer_set == "b2c"
    structure.meanwhile = lambda: None
    assert directory.site(1, 7).customer_set == "b2b"


def test_nor_is_what_a_host_stood_for_while_all_was_forgotten() -> None:
    """Neither the host that the site has answered on, nor that nobody answered on its new one."""
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)

    def renamed_meanwhile() -> None:
        structure.host = "children.example"
        directory.forget()

    structure.meanwhile = renamed_meanwhile
    assert directory.tenant_and_site_of_host("kids.example") == (1, 7)
    structure.host = "kids.example"
    assert directory.tenant_and_site_of_host("children.example") == (None, None)
    structure.meanwhile = lambda: None
    assert directory.tenant_and_site_of_host("kids.example") == (None, None)
    assert directory.tenant_and_site_of_host("children.example") == (1, 7)


def test_a_host_names_its_site_and_tenant() -> None:
    directory = directory_of(Structure(), HeldClock())
    for host in ("kids.example", "KIDS.example:8443", "kids.example."):
        assert directory.tenant_and_site_of_host(host) == (1, 7)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("t12.sandbox.example", (12, None)),
        ("T12-S34.sandbox.example:443", (12, 34)),
        ("t012.sandbox.example", (None, None)),
        ("t12", (None, None)),
        ("not a host", (None, None)),
        ("", (None, None)),
        ("nobody.example", (None, None)),
    ],
)
def test_the_vendors_host_names_carry_tenant_and_site(
    host: str, found: tuple[int | None, int | None]
) -> None:
    """[K] A7: `t{tenant}-s{site}.…`."""
    assert directory_of(Structure(), HeldClock()).tenant_and_site_of_host(host) == found


def test_hosts_are_remembered_and_unknown_ones_for_a_few_seconds() -> None:
    structure, clock = Structure(), HeldClock()
    directory = directory_of(structure, clock)
    for _ in range(3):
        directory.tenant_and_site_of_host("kids.example")
        directory.tenant_and_site_of_host("nobody.example")
    assert structure.asked == 2
    clock.pass_time(seconds=UNKNOWN_HOST_SECONDS)
    directory.tenant_and_site_of_host("nobody.example")
    directory.tenant_and_site_of_host("kids.example")
    assert structure.asked == 3
