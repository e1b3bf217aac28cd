import unicodedata

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import CHEAPEST
from hypothesis import example, given
from hypothesis import strategies as st

from authsvc.credentials.password_policy import (
    PASSWORD_MAX_BYTES,
    PasswordPolicy,
    comparable_password,
    prepare_password,
)
from authsvc.errors import Invalid

VENDOR_RULE = (
    "Missing or invalid parameter: password Password must be a minimum of 6 characters "
    "with at least 1 number and 1 alphabetic character"
)
VENDOR_FORMAT = "Missing or invalid parameter: password Invalid password format."

ANY_TEXT = st.text(st.characters())  # surrogates and NUL included


def refusal_of(text: str, policy: PasswordPolicy | None = None) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        (policy or PasswordPolicy()).accept(text)
    return refusal.value


@pytest.mark.parametrize(
    "text",
    ["", "a1", "abc12", "abcdef", "123456", "------1", "-----a-", "e\u0301" * 4 + "1", "²²²²abc"],
)
def test_a_password_has_at_least_6_characters_with_one_letter_and_one_digit(text: str) -> None:
    """The vendor's minimum rule and its text, which storefront themes compare letter by letter."""
    refusal = refusal_of(text)
    assert refusal.message == VENDOR_RULE
    assert refusal.data == (("ParameterName", "password"),)
    assert refusal.error_code == "MISSING_OR_INVALID_PARAMETER"


@pytest.mark.parametrize(
    "text",
    ["abcde1", "1bcdef", "пароль१", "密码密码密1", "كلمةس٣", "a 1 b 2", "😀😀😀😀a1", " a2345 "],
)
def test_letters_and_digits_of_every_script_count(text: str) -> None:
    assert PasswordPolicy().accept(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "abc\x00123",
        "abc\n123",
        "abc\x7f123",
        "abc\u200b123",
        "abc\ud800123",
        "abc\u0378123",
        "\ufeffabc123",
    ],
)
def test_control_and_invisible_characters_are_refused_with_the_vendors_text(text: str) -> None:
    assert refusal_of(text).message == VENDOR_FORMAT


def test_spaces_and_compositions_that_keyboards_differ_in_are_one_password() -> None:
    assert prepare_password("caf\u00e9\u00a0cr\u00e8me\u3000") == "café crème "
    assert prepare_password("cafe\u0301 cre\u0300me ") == "café crème "


def test_case_and_width_make_another_password() -> None:
    assert len({prepare_password(text) for text in ("abc123", "ABC123", "ａｂｃ１２３")}) == 3


def test_nothing_of_a_long_password_is_cut_off() -> None:
    longest = "a1" * (PASSWORD_MAX_BYTES // 2)
    assert prepare_password(longest) == longest
    assert refusal_of(longest + "a").message == VENDOR_FORMAT
    assert PasswordPolicy().accept("😀" * 63 + "a1")  # OWASP: 64 characters and more, of any kind


def test_the_upper_limit_counts_the_bytes_of_both_forms() -> None:
    grows = "\u0958" * (PASSWORD_MAX_BYTES // 3)  # three bytes as typed, six when composed by NFC
    shrinks = "e\u0301" * (PASSWORD_MAX_BYTES // 2)
    assert refusal_of(grows).message == VENDOR_FORMAT
    assert refusal_of(shrinks).message == VENDOR_FORMAT


def test_a_password_of_nobody_is_compared_at_full_cost_and_matches_nothing() -> None:
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    digest = hasher.hash(prepare_password("abc123"))
    assert hasher.verify(digest, comparable_password("abc123"))
    for text in ("", "abc123\x00", "\x00", "a" * (PASSWORD_MAX_BYTES + 1)):
        stand_in = comparable_password(text)
        assert stand_in != comparable_password(text)
        with pytest.raises(VerifyMismatchError):
            hasher.verify(digest, stand_in)


def test_a_set_may_ask_for_more_or_for_length_alone() -> None:
    strict = PasswordPolicy(minimum_length=12, minimum_digits=2, minimum_letters=3)
    assert strict.accept("abc-----4--5") == "abc-----4--5"
    assert strict.requirement == (
        "Password must be a minimum of 12 characters with at least 2 numbers and 3 alphabetic characters"
    )
    assert refusal_of("abc------4--", strict).message.endswith(strict.requirement)
    long_only = PasswordPolicy(minimum_length=15, minimum_digits=0, minimum_letters=0)
    assert long_only.accept("-" * 15)
    assert long_only.requirement == "Password must be a minimum of 15 characters"
    digits = PasswordPolicy(minimum_letters=0)
    assert digits.requirement == "Password must be a minimum of 6 characters with at least 1 number"


@pytest.mark.parametrize(
    ("length", "digits", "letters", "parameter"),
    [
        (0, 0, 0, "minimumLength"),
        (65, 1, 1, "minimumLength"),
        (6, -1, 1, "minimumDigits"),
        (6, 7, 1, "minimumDigits"),
        (6, 1, 7, "minimumLetters"),
    ],
)
def test_a_policy_nobody_can_meet_is_refused(
    length: int, digits: int, letters: int, parameter: str
) -> None:
    with pytest.raises(Invalid, match=parameter):
        PasswordPolicy(length, digits, letters)


def test_the_parameter_is_named_as_the_caller_wrote_it() -> None:
    with pytest.raises(Invalid, match="newPassword Invalid password format"):
        PasswordPolicy().accept("\x00", parameter="newPassword")


def answer_to(text: str, policy: PasswordPolicy | None = None) -> str | Invalid:
    try:
        return policy.accept(text) if policy else prepare_password(text)
    except Invalid as refusal:
        return refusal


@given(ANY_TEXT)
@example("\ud800")
@example("\u00a8\u0301")
@example("\u1680")  # Ogham's space is none by compatibility, only by category
def test_any_text_is_a_password_or_refused(text: str) -> None:
    """A prepared password is prepared for good, and stays what was typed but for spaces and composition."""
    prepared = answer_to(text)
    if isinstance(prepared, Invalid):
        assert prepared.message == VENDOR_FORMAT
        assert comparable_password(text) != text
    else:
        assert prepare_password(prepared) == comparable_password(text) == prepared
        spaces = "".join(" " if unicodedata.category(typed) == "Zs" else typed for typed in text)
        assert prepared == unicodedata.normalize("NFC", spaces)


@given(st.one_of(ANY_TEXT, st.text(st.sampled_from("aé1٣😀 -e\u0301\x00"), min_size=5)))
def test_what_a_policy_accepts_is_the_prepared_form(text: str) -> None:
    accepted = answer_to(text, PasswordPolicy())
    if isinstance(accepted, Invalid):
        assert accepted.message in (VENDOR_RULE, VENDOR_FORMAT)
    else:
        assert accepted == prepare_password(text)
