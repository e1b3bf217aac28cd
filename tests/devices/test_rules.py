from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.callers import ShownDevice
from authsvc.devices.names import device_name
from authsvc.devices.rules import address_block, handed_token, shown_digest
from authsvc.errors import Invalid

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox (Windows)",
        ),
        (
            f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
            "Safari (Mac)",
        ),
        (
            f"{MAC} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Chrome (Mac)",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
            "Safari/537.36 Edg/142.0.0.0",
            "Edge (Windows)",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome (iPhone)",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet (Android)",
        ),
        ("Lynx/2.9 (X11; Linux)", "Browser (Linux)"),
        ("", "Browser"),
        ("<b>curl</b>\r\nX: y", "Browser"),
    ],
)
def test_a_device_is_called_by_its_browser_and_system(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


@given(st.ip_addresses())
def test_of_an_address_only_a_rough_block_is_kept(address: object) -> None:
    block = address_block(str(address))
    assert block is not None
    network = ip_network(block)
    assert network.num_addresses >= 256
    mapped = getattr(address, "ipv4_mapped", None)
    assert ip_address(str(mapped or address)) in network


def test_what_is_no_address_has_no_block() -> None:
    assert address_block(None) is None
    assert address_block("unknown") is None


@pytest.mark.parametrize("text", ["short", "x" * 201, "x" * 40 + " y", "é" * 40])
def test_a_guessable_token_is_no_devices(text: str) -> None:
    with pytest.raises(Invalid):
        handed_token(text)


def test_a_fingerprint_never_passes_for_a_token() -> None:
    text = "x" * 43
    by_token, by_fingerprint = (
        shown_digest(ShownDevice(text)),
        shown_digest(ShownDevice(fingerprint=text)),
    )
    assert by_token is not None
    assert by_fingerprint is not None
    assert by_token[0] != by_fingerprint[0]
    assert (by_token[1], by_fingerprint[1]) == (True, False)
    assert shown_digest(ShownDevice(user_agent="Firefox/145.0")) is None
