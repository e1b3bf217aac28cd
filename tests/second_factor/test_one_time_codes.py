"""The second factor's arithmetic."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from authsvc.one_time_codes import (
    RECOVERY_CODES,
    enrolment_address,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_digest,
)

# RFC 6238, appendix B: the last six of the eight digits listed for SHA-1.
RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(
    ("off", "is_good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_a_code_is_good_one_step_early_and_late(off: int, is_good: bool) -> None:
    at = datetime.fromtimestamp(1_111_111_109, UTC)
    assert (matching_step(RFC_SECRET, "081804", at + timedelta(seconds=off)) is not None) is is_good


def test_a_code_may_be_typed_in_two_halves() -> None:
    assert matching_step(RFC_SECRET, " 287 082", datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870820", "28708a", "٢٨٧٠٨٢", "-87082"])
def test_what_is_no_six_digits_is_no_code(code: str) -> None:
    assert matching_step(RFC_SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_secrets_have_160_bits_and_go_to_the_telephone_with_their_owner() -> None:
    """RFC 4226 §4, R6: 128 bits at least, 160 recommended."""
    secret = new_secret()
    assert len(secret) * 5 == 160
    address = enrolment_address(secret, "anna@mystic.example", "Mystic")
    assert address.startswith("otpauth://totp/Mystic:anna%40mystic.example?secret=" + secret)


def test_recovery_codes_differ_and_forgive_how_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len({recovery_digest(code) for code in codes}) == RECOVERY_CODES
    typed = codes[0].replace("-", " ").upper()
    assert recovery_digest(typed) == recovery_digest(codes[0])
