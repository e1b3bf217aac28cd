"""Where a merchant's verifier may be, and how a question to it is signed."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import ip_address

import pytest

from authsvc.errors import Invalid
from authsvc.password_verifiers.breaker import LEFT_ALONE_SECONDS, MOST_FAILURES, Breaker
from authsvc.password_verifiers.rules import is_public, signature, verifier_url

PRIVATE = [
    *("127.0.0.1", "10.0.0.7", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255"),  # noqa: S104  nothing is bound to it
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "2001:0:7f00:1::"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.7", "64:ff9b::a00:7", "2002:7f00:1::"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_this_machine_and_its_networks_are_not_public_however_written(
    address: str,
) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://old.example/verify",
        "ftp://old.example",
        "https://",
        "https://user:password@old.example/",
        "https://old.example/#x",
        "https://old.example:99999/",
        "https://old.example/a b",
        "https://old.example/\r\nHost: x",
        "https://[::1",
        "https://old.example/" + "a" * 2_000,
        "",
    ],
)
def test_an_endpoint_is_reached_by_https_and_by_nothing_hidden_in_its_address(url: str) -> None:
    with pytest.raises(Invalid, match="url"):
        verifier_url(url)
    assert verifier_url(" https://old.example:8443/verify?shop=1 ").endswith("?shop=1")


def test_a_question_is_signed_as_the_manual_says() -> None:
    expected = hmac.new(b"secret", b"1700000000." + b"{}", hashlib.sha256).hexdigest()
    assert signature(b"secret", "1700000000", b"{}") == f"v1={expected}"


def test_an_endpoint_that_is_away_is_left_alone_and_looked_for_by_one() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(MOST_FAILURES):
        assert breaker.may_ask("a")
        breaker.note("a", answered=False)
    assert not breaker.may_ask("a")
    assert breaker.may_ask("b")
    now = LEFT_ALONE_SECONDS
    assert [breaker.may_ask("a"), breaker.may_ask("a")] == [True, False]
    breaker.note("a", answered=True)
    assert breaker.may_ask("a")
