"""What codes, names and hosts may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.customer_sets.rules import (
    CODE_SHAPE,
    LONGEST_NAME,
    customer_set_code,
    host_name,
    label,
    may_be_ordered_for,
    may_use,
    without_port,
)
from authsvc.errors import Invalid


@pytest.mark.parametrize("code", ["default", "b2c", "b2b", "regional", "0", "a_b-c", "x" * 50])
def test_the_documents_codes_and_their_like_are_codes(code: str) -> None:
    assert customer_set_code(code) == code


def test_codes_are_compared_without_case() -> None:
    """Design §2 rule 2: codes are compared without case."""
    assert customer_set_code(" B2C ") == customer_set_code("b2c") == "b2c"


@pytest.mark.parametrize(
    "code", ["", " ", "-b2c", "_b2c", "b 2c", "b2c\n2", "bücher", "b2c!", "x" * 51, "b/2", "a.b"]
)
def test_what_is_no_code_is_refused_with_what_would_be_right(code: str) -> None:
    with pytest.raises(Invalid, match="Use 1 to 50 of the letters a-z") as refusal:
        customer_set_code(code)
    assert ("ParameterName", "code") in refusal.value.data


@given(st.text(max_size=60))
def test_a_code_that_is_accepted_has_the_shape_and_is_its_own_normal_form(text: str) -> None:
    try:
        code = customer_set_code(text)
    except Invalid:
        return
    assert CODE_SHAPE.fullmatch(code)
    assert customer_set_code(code) == code


@pytest.mark.parametrize("name", ["B2C", " B2C ", "Ünternehmen", "x" * LONGEST_NAME])
def test_names_are_labels_for_people(name: str) -> None:
    assert label(name) == name.strip()


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\nb", "a\x00b", "a\u202eb"]
)
def test_names_that_could_not_be_shown_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match="Give 1 to 200 printable characters"):
        label(name)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("sports.example.com", "sports.example.com"),
        (" Sports.Example.COM:8443 ", "sports.example.com"),
        ("sports.example.com.", "sports.example.com"),
        ("localhost", "localhost"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts_are_compared_in_lower_case_without_port_or_final_dot(typed: str, host: str) -> None:
    assert host_name(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "http://a.b",
        "a b",
        "a..b",
        "-a.b",
        "a-.b",
        "bücher.example",
        "a" * 64,
        "a_b",
        "[::1]",
    ],
)
def test_what_is_no_host_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="Give a host name such as"):
        host_name(typed)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a:80", "a"),
        ("a", "a"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("a:", "a:"),
        ("::1", "::1"),
    ],
)
def test_a_port_is_taken_off_and_an_address_left_whole(host: str, name: str) -> None:
    assert without_port(host) == name


def test_the_same_set_opens_the_door_and_the_order_form() -> None:
    """[B]: you can only select customers that belong to the same customer set as the site."""
    assert may_use("b2c", "b2c")
    assert may_be_ordered_for("b2c", "b2c")
    assert not may_use("b2c", "b2b")
    assert not may_be_ordered_for("b2c", "b2b")
