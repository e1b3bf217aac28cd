"""Where a form may lead: to the site's own addresses, whatever is tried."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.storefront.rules import origin_of, return_address, with_error
from authsvc.web.form_origin import comes_from
from authsvc.web.palette import DARK, LEAST_CONTRAST, LIGHT, contrast, palette

OWN = "https://sports.example.com"
ORIGINS = frozenset({OWN, "https://www.example.net:8443", "http://localhost:3000"})

REFUSED = (
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "https://sports.example.com.evil.example/",
    "https://sports.example.com@evil.example/",
    "https://sports.example.com:443@evil.example/",
    "https://sports.example.com\\@evil.example/",
    "https://sports.example.com%2eevil.example/",
    "https://sports.example.com\t.evil.example",
    "http://sports.example.com/",
    "https://sports.example.com:8443/",
    "HTTPS://SPORTS.EXAMPLE.COM/",
    "javascript:alert(1)",
    "data:text/html,x",
    " /cart",
    "/cart\r\nSet-Cookie: a=b",
    "/cart\x00",
    "/\u2215evil.example",
    "/\u202ecart",
    "cart",
    "?x",
    "",
    None,
    "/" + "a" * 2_001,
)


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_nothing_leads_away_from_the_site(text: str | None) -> None:
    assert return_address(text, ORIGINS, OWN) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/", f"{OWN}/"),
        ("/cart?step=2#pay", f"{OWN}/cart?step=2#pay"),
        ("/redirect?to=//evil.example", f"{OWN}/redirect?to=//evil.example"),
        (OWN, OWN),
        (f"{OWN}?a=b", f"{OWN}?a=b"),
        ("https://www.example.net:8443/welcome", "https://www.example.net:8443/welcome"),
        ("http://localhost:3000/", "http://localhost:3000/"),
    ],
)
def test_the_sites_own_addresses_pass(text: str, address: str) -> None:
    assert return_address(text, ORIGINS, OWN) == address


def test_without_a_host_of_its_own_a_path_leads_nowhere() -> None:
    assert return_address("/cart", ORIGINS, None) is None


_PIECES = st.sampled_from(
    [
        "/",
        "\\",
        "//",
        ":",
        "@",
        "https:",
        "http://",
        OWN,
        "evil.example",
        ".",
        "?",
        "#",
        "%2f",
        "\t",
        "\n",
        "a",
        "[",
        "]",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=3), max_size=8).map("".join))
def test_whatever_passes_is_at_one_of_the_sites_origins(text: str) -> None:
    address = return_address(text, ORIGINS, OWN)
    if address is None:
        return
    # As browsers read it (WHATWG): white space is taken out, and a backslash is a slash.
    seen = address.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    parts = urlsplit(seen)
    assert f"{parts.scheme}://{parts.netloc}" in ORIGINS
    assert origin_of(address) in ORIGINS
    assert seen == address.strip()
    assert seen.isascii()
    assert seen.isprintable()


def test_an_error_is_a_short_code_in_the_query() -> None:
    assert with_error(f"{OWN}/in?a=b&error=old#form", "taken") == f"{OWN}/in?a=b&error=taken#form"
    assert with_error(OWN, "taken") == f"{OWN}?error=taken"


@pytest.mark.parametrize(
    ("origin", "fetch_site", "passes"),
    [
        (OWN, "same-origin", True),
        (OWN, "", True),
        ("https://www.example.net:8443", "cross-site", True),
        ("https://evil.example", "cross-site", False),
        ("https://evil.example", "same-origin", False),
        ("null", "same-origin", True),
        ("null", "cross-site", False),
        ("", "same-origin", True),
        ("", "same-site", False),
        ("", "none", False),
        ("", "", False),
    ],
)
def test_a_form_is_judged_by_where_browsers_say_it_comes_from(
    origin: str, fetch_site: str, passes: bool
) -> None:
    assert comes_from(origin, fetch_site, ORIGINS) is passes


@given(st.integers(0, 0xFFFFFF))
def test_every_accent_can_be_read(number: int) -> None:
    shades = palette(f"#{number:06x}")
    for shade, backgrounds in ((shades.light, LIGHT), (shades.dark, DARK)):
        assert contrast(shade.accent, shade.text) >= LEAST_CONTRAST
        assert all(contrast(shade.accent, each) >= LEAST_CONTRAST for each in backgrounds)


def test_an_accent_that_can_be_read_is_left_alone() -> None:
    assert palette("#0b57a4").light.accent == "#0b57a4"
