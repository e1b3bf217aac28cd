"""What every admin page promises: accessible, all by keyboard, narrow enough for a telephone, light, and only ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.shops import DESKTOP, Served
from tests.browser.sights import SIGHTS, Example, Sight, new_example
from tests.browser.visits import Visit

PHONE = 360
"""CSS pixels: the narrowest telephones in use."""
MOST_BYTES = 100_000
# Not each with each: the colours are the same at every width.
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((DESKTOP[0], "light"), (PHONE, "dark"))

# Files, not pages.
FILES = {
    "admin.style_css",
    "admin.admin_js",
    "admin.icon_svg",
    "admin.password_strength_script",
    "admin.site_colours",
}


@pytest.fixture(scope="module", name="example")
def _example(served: Served) -> Example:
    """One merchant for all pages: looking changes nothing."""
    return new_example(served)


def _name(sight: Sight) -> str:
    return f"{sight.who.name.lower()}-{sight.address}"


@pytest.fixture(scope="module", name="visit", params=SIGHTS, ids=_name)
def _visit(
    example: Example, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[tuple[Sight, Visit]]:
    """A page, opened once for all that is asked of it."""
    sight: Sight = request.param
    visit = Visit(example.window(chromium, sight.who))
    visit.open(example.address(sight))
    if sight.then:
        sight.then(visit.page)
    yield sight, visit
    visit.page.context.close()


def test_no_page_is_forgotten(served: Served, example: Example) -> None:
    """The application's own map of addresses says what there is."""
    addresses = served.app.url_map.bind("localhost")
    pages = {
        rule.endpoint: rule.rule
        for rule in served.app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "GET" in (rule.methods or ())
    }
    seen = {
        addresses.match(urlsplit(example.address(sight)).path, method="GET")[0] for sight in SIGHTS
    }
    forgotten = [pages[endpoint] for endpoint in sorted(pages.keys() - FILES - seen)]
    assert forgotten == [], "show them in sights.py"


def test_the_page_is_what_was_asked_for(visit: tuple[Sight, Visit], example: Example) -> None:
    sight, opened = visit
    path = urlsplit(example.address(sight)).path
    assert opened.status == sight.status
    assert urlsplit(opened.requests[0].url).path == path
    if sight.then is None:
        assert urlsplit(opened.page.url).path == path


def test_axe_finds_nothing_serious_on_a_desktop_or_a_telephone_in_light_or_dark(
    visit: tuple[Sight, Visit],
) -> None:
    _, opened = visit
    found: dict[str, list[str]] = {}
    for width, scheme in LOOKS:
        opened.resize(width)
        opened.page.emulate_media(color_scheme=scheme)
        found[f"{scheme} at {width}"] = opened.grave_violations()
    assert {where: what for where, what in found.items() if what} == {}


def test_the_page_is_no_wider_than_a_telephone(visit: tuple[Sight, Visit]) -> None:
    _, opened = visit
    for width in (PHONE, DESKTOP[0]):
        opened.resize(width)
        assert opened.excess_width() <= 0, width


def test_the_page_is_light_and_only_ours_and_the_browser_has_no_complaint(
    visit: tuple[Sight, Visit], example: Example
) -> None:
    """Strict Content-Security-Policy without inline script: a violation is an error in the console."""
    _, opened = visit
    assert opened.transferred_bytes() < MOST_BYTES
    foreign = [each.url for each in opened.requests if not each.url.startswith(example.shop.origin)]
    assert foreign == []
    assert opened.complaints == []


def test_tab_reaches_everything_in_order_with_a_visible_focus(visit: tuple[Sight, Visit]) -> None:
    _, opened = visit
    opened.resize(DESKTOP[0])
    stops, focused = opened.walk_by_tab()
    assert [each["name"] for each in focused] == stops
    assert [each["name"] for each in focused if not each["seen"]] == []
