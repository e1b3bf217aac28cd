import unicodedata
from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import CHEAPEST
from hypothesis import example, given
from hypothesis import strategies as st

from authsvc.credentials.password_policy import (
    COMMON,
    PASSWORD_MAX_BYTES,
    TYPED_MAX_BYTES,
    PasswordPolicy,
    PasswordTooLong,
    comparable_password,
    prepare_password,
)
from authsvc.credentials.password_strength import advice
from authsvc.errors import Invalid

VENDOR_RULE = (
    "Missing or invalid parameter: password Password must be a minimum of 6 characters "
    "with at least 1 number and 1 alphabetic character"
)
VENDOR_FORMAT = "Missing or invalid parameter: password Invalid password format."

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
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


def test_spaces_compositions_and_widths_that_keyboards_differ_in_are_one_password() -> None:
    assert prepare_password("caf\u00e9\u00a0cr\u00e8me\u3000") == "café crème "
    assert prepare_password("cafe\u0301 cre\u0300me ") == "café crème "
    assert prepare_password("ａｂｃ１２３…") == prepare_password("abc123...") == "abc123..."


def test_case_makes_another_password() -> None:
    assert prepare_password("abc123") != prepare_password("ABC123")


def test_nothing_of_a_long_password_is_cut_off() -> None:
    longest = "a1" * (PASSWORD_MAX_BYTES // 2)
    assert prepare_password(longest) == longest
    with pytest.raises(PasswordTooLong, match="maximum of 1024 bytes"):
        PasswordPolicy().accept(longest + "a")
    assert PasswordPolicy().accept("😀" * 63 + "a1")  # OWASP: 64 characters and more, of any kind


def test_the_upper_limit_counts_the_bytes_of_the_form_that_is_hashed() -> None:
    grows = "\ufdfa" * (PASSWORD_MAX_BYTES // 3)  # three bytes as typed, thirty-three spelled out
    shrinks = "e\u0301" * (PASSWORD_MAX_BYTES // 2)
    with pytest.raises(PasswordTooLong):
        prepare_password(grows)
    assert prepare_password(shrinks) == "é" * (PASSWORD_MAX_BYTES // 2)
    with pytest.raises(PasswordTooLong):
        prepare_password("a" * (TYPED_MAX_BYTES + 1))


def test_no_normal_form_of_a_password_is_too_long_to_be_shown() -> None:
    """Of every character there is: what is hashed in so many bytes is typed in three times as many at the most."""
    for code in range(0x110000):
        hashed = unicodedata.normalize("NFKC", chr(code))
        if 0xD800 <= code < 0xE000 or hashed == chr(code).lower() == unicodedata.normalize(
            "NFKD", hashed
        ):
            continue
        for form in FORMS:
            typed = unicodedata.normalize(form, hashed)
            assert len(typed.encode()) <= 3 * len(hashed.encode()), (code, form)


def test_a_password_of_nobody_is_compared_at_full_cost_and_matches_nothing() -> None:
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    digest = hasher.hash(prepare_password("abc123"))
    assert hasher.verify(digest, comparable_password("abc123").prepared)
    for text in ("", "a" * (TYPED_MAX_BYTES + 1), "\ud800"):
        stand_in = comparable_password(text).prepared
        assert stand_in != comparable_password(text).prepared
        with pytest.raises(VerifyMismatchError):
            hasher.verify(digest, stand_in)
    # What other systems may have cut off at a NUL is not shown to a comparison with their hashes.
    assert "abc123" not in comparable_password("abc123\x00").as_typed


def test_a_hash_of_the_older_form_is_still_compared_with() -> None:
    shown = comparable_password("ｍystic…１")
    assert (shown.prepared, shown.older_form) == ("mystic...1", "ｍystic…１")
    assert comparable_password("mystic...1").older_form is None


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


# What keyboards, dictation and word processors write in several ways.
SEVERAL_WAYS = st.text(
    st.sampled_from("aé1٣😀 -e\u0301ㅋ가ﬁ…´½ａ１ªſ\u2126\u1e9b\u0323\u3000\u1680\u0958"), min_size=5
)


@given(st.one_of(ANY_TEXT, SEVERAL_WAYS))
@example("\ud800")
@example("\u00a8\u0301")
@example("\u1680")  # Ogham's space is none by compatibility, only by category
@example("ㅋㅋㅋㅋa1")  # whose normal form is half a syllable each
def test_any_text_that_is_accepted_signs_in_again_in_every_normal_form(text: str) -> None:
    prepared = answer_to(text)
    if isinstance(prepared, PasswordTooLong):
        return
    if isinstance(prepared, Invalid):
        assert prepared.message == VENDOR_FORMAT
        return
    shown = comparable_password(text)
    assert shown.prepared == prepared
    # What was hashed before was RFC 8265's form, and is compared with as well.
    spaces = "".join(" " if unicodedata.category(typed) == "Zs" else typed for typed in text)
    assert (shown.older_form or prepared) == unicodedata.normalize("NFC", spaces)
    for form in FORMS:
        assert comparable_password(unicodedata.normalize(form, text)).prepared == prepared


@given(st.one_of(ANY_TEXT, SEVERAL_WAYS))
def test_what_a_policy_accepts_is_the_prepared_form(text: str) -> None:
    accepted = answer_to(text, PasswordPolicy())
    if isinstance(accepted, Invalid):
        assert accepted.message in (VENDOR_RULE, VENDOR_FORMAT)
    else:
        assert accepted == prepare_password(text)


STRICT = PasswordPolicy(8, 0, 0, refuses_common=True, refuses_similar=True)
ADA = ("ada.lovelace@mail.com", "Ada", "Lovelace", "Mystic Sports")


@pytest.mark.parametrize(
    "text",
    [
        "password1",
        "PASSWORD1",
        "12345678",
        "qwertyuiop",
        "ｐassword1",
        "letmeinletmein",
        "passwordpassword",
    ],
)
def test_common_and_leaked_passwords_are_refused_where_a_set_wants_that(text: str) -> None:
    assert refusal_of(text, STRICT).message == f"Missing or invalid parameter: password {COMMON}"
    assert PasswordPolicy(8, 0, 0).accept(text)


@pytest.mark.parametrize(
    "text",
    [
        "Lovelace1815",
        "ecalevol1815",
        "ada-ada-ada",
        "M1st1cSp0rts!",
        "mysticsports2026",
        "LÓVELACE!!!!",
    ],
)
def test_passwords_made_of_the_owners_or_the_shops_names_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="your own name or address"):
        STRICT.accept(text, about=ADA)
    assert PasswordPolicy(8, 0, 0).accept(text, about=ADA)


@pytest.mark.parametrize(
    "text",
    [
        "violet spanner mystic tuesday",
        "fifteen adamant otters",
        "  Ω≈ç√∫˜µ≤≥÷ 田中さん",
        "-----------!",
    ],
)
def test_a_phrase_may_have_a_name_in_it(text: str) -> None:
    assert STRICT.accept(text, about=ADA)


def test_advice_says_what_the_policy_will_say_and_how_good_the_rest_is() -> None:
    told = {
        text: advice(text, STRICT, ADA)
        for text in ("short", "password1", "violet4291", "violet spanner otter tuesday", "1" * 1000)
    }
    scores = {text: given.score for text, given in told.items() if given is not None}
    assert [text for text, given in told.items() if given is not None and given.refusal] == [
        "short",
        "password1",
    ]
    assert scores["1" * 1000] <= scores["violet4291"] < scores["violet spanner otter tuesday"] == 4
