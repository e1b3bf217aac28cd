import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from authsvc.accounts.usernames import (
    EMAIL_ADDRESS_MAX_BYTES,
    LOCAL_PART_MAX_BYTES,
    USERNAME_MAX_BYTES,
    EmailAddress,
    Username,
    login_key,
)
from authsvc.errors import Invalid

ANY_TEXT = st.text(st.characters())  # surrogates and NUL included
TRICKY = st.text(
    st.sampled_from(
        'aAbBİIıißẞſKkÅÅåΣσςeéE\u0301\u0308\u0345 ＠@．.。-_ＡａﾊﾞハバﬁⅧ①<>";'
        "\u200b\u200c\u200d\u00ad\u202e\ufeffאב1١۱·l\u0915\u094d\x00\ud800",
    ),
    max_size=12,
)
NAMES = st.text(st.sampled_from("abcXYZ019._-äÖéΣｶﾞ漢あЖ"), min_size=1, max_size=20)


def refusal_of(text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        Username.parse(text)
    assert login_key(text) is None
    return refusal.value.message


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("Stacy", "sTACY", "stacy"),
        ("ｓｔａｃｙ", "Stacy", "stacy"),
        ("ﾊﾞﾗ", "バラ", "バラ"),
        ("Rene\u0301", "RENÉ", "rené"),
        ("\u212bke", "Åke", "åke"),
        ("Stacy@Example.com", "stacy@EXAMPLE.COM", "stacy@example.com"),
        ("ｓｔａｃｙ＠ｅｘａｍｐｌｅ．ｃｏｍ", "stacy@example.com", "stacy@example.com"),
        ("RENÉ@example.com", "rene\u0301@example.com", "rené@example.com"),
        ("s@BÜCHER.example", "s@xn--bcher-kva.EXAMPLE", "s@xn--bcher-kva.example"),
        ("s@bu\u0308cher.example", "s@bücher。example", "s@xn--bcher-kva.example"),
    ],
)
def test_case_width_composition_and_idna_spelling_make_one_username(
    one: str, other: str, key: str
) -> None:
    assert Username.parse(one) == Username.parse(other)
    assert Username.parse(one).key == login_key(other) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stacy", "st\u0430cy"),  # Cyrillic a
        ("mail", "ma\u0131l"),  # dotless i
        ("\u0130stanbul", "istanbul"),  # I with a dot keeps its dot
        ("strasse", "straße"),
        ("rene", "rené"),
        ("\u03bf", "o"),  # Greek omicron
        ("stacy@example.com", "st\u0430cy@example.com"),
        ("stacy@example.com", "stacy@ex\u0430mple.com"),
        ("stacy@strasse.example", "stacy@straße.example"),
        ("stacy@example.com", "stacy+shop@example.com"),
        ("stacy@example.com", "s.tacy@example.com"),
        ("οδοσ", "οδος"),  # a final sigma is a letter of its own in lower case
        ("१२", "12"),  # digits of other scripts
    ],
)
def test_what_only_looks_alike_stays_another_username(one: str, other: str) -> None:
    assert Username.parse(one).key != Username.parse(other).key


def test_only_width_and_canonical_twins_fold_into_ascii() -> None:
    """No character becomes an ASCII one, save full-width forms and what Unicode itself calls the same character."""
    twins = {"\u212a": "k", "\u037e": ";", "\u1fef": "`"}  # Kelvin, Greek question mark, varia
    full_width = {chr(code + 0xFEE0): chr(code).lower() for code in range(0x21, 0x7F)}
    del full_width["＠"]  # alone it is an e-mail address without its parts
    others = [*range(0x80, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000)]
    folding = {
        chr(code): key
        for code in others
        if (key := login_key(chr(code))) is not None and key.isascii()
    }
    assert folding == twins | full_width


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Big Sports", "contains U+0020 SPACE: spaces are not allowed"),
        ("stacy\x00", "contains U+0000: control characters are not allowed"),
        ("\x1fstacy", "contains U+001F: control"),  # at an end, too: it is no white space
        ("sta\u200bcy", "contains U+200B ZERO WIDTH SPACE: invisible characters are not allowed"),
        ("sta\u200dcy", "contains U+200D ZERO WIDTH JOINER: it is invisible except"),
        ("sta\u00adcy", "contains U+00AD SOFT HYPHEN: invisible"),
        ("\u202eycats", "contains U+202E RIGHT-TO-LEFT OVERRIDE: invisible"),
        ("\u017ftacy", 'contains "ſ" U+017F LATIN SMALL LETTER LONG S: it is a variant'),
        ("\ufb01nn", 'contains "ﬁ" U+FB01 LATIN SMALL LIGATURE FI: it is a variant'),
        ("henry\u2167", 'contains "Ⅷ" U+2167 ROMAN NUMERAL EIGHT: it is a variant'),
        ("a\u00a8\u0301", "U+0385 GREEK DIALYTIKA TONOS"),
        ("stacy\ufe6b", 'contains "﹫" U+FE6B SMALL COMMERCIAL AT'),
        ("o\u2019brien", "U+2019 RIGHT SINGLE QUOTATION MARK: punctuation outside ASCII"),
        ("\U0001f600", 'contains "😀" U+1F600 GRINNING FACE: symbols are not allowed'),
        ("a\u0378", "contains U+0378: this version of Unicode does not define it"),
        ("a\ud800", "contains U+D800: RFC 8265 does not allow it here"),
        ("a\ue000", "contains U+E000: RFC 8265 does not allow it here"),
        ("ا\u0640", "contains U+0640 ARABIC TATWEEL: RFC 8265 does not allow it here"),
        ("a\u20dd", "contains U+20DD COMBINING ENCLOSING CIRCLE: letter-like"),
        ("\u1100", 'contains "ᄀ" U+1100 HANGUL CHOSEONG KIYEOK: single Hangul jamo'),
        ("ا\u0661\u06f1", "mixes writing directions"),  # digits of two kinds
        ("אabc", "mixes writing directions in an order that can be misread (RFC 5893)"),
        ("", "must not be empty"),
        ("  \u3000", "must not be empty"),
    ],
)
def test_what_rfc_8265_forbids_is_refused_with_its_reason(text: str, reason: str) -> None:
    message = refusal_of(text)
    assert message.startswith("Missing or invalid parameter: userName ")
    assert reason in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stacy@", "There must be something after the @-sign"),
        ("@example.com", "There must be something before the @-sign"),
        ("stacy@localhost", "It should have a period"),
        ("stacy@mystic.local", "special-use or reserved name"),
        ("stacy@example..com", "two periods in a row"),
        (".stacy@example.com", "cannot start with a period"),
        ('"stacy m"@example.com', "spaces are not allowed"),
        ('"stacy"@example.com', "Quoting the part before the @-sign"),
        ("<stacy@example.com>", "angle brackets around the email address are not permitted"),
        ("stacy@[127.0.0.1]", "bracketed IP address"),
        ("a@b@example.com", "after the @-sign contains invalid characters: '@'"),
        ("\u037e@example.com", "invalid characters before the @-sign: ';'"),
        ("\u0301a@example.com", "COMBINING ACUTE ACCENT"),
        ("Stacy <stacy@example.com>", "spaces are not allowed"),
        ("stacy@exa\u00admple.com", "SOFT HYPHEN"),
        ("stacy@exa\u200dmple.com", "ZERO WIDTH JOINER"),
        ("stacy@xn--a.com", "not valid IDNA"),
        ("stacy@1.אב.com", "not valid IDNA"),
        ("אa@example.com", "mixes writing directions"),
        ("stacy@\ud800.com", "U+D800"),
    ],
)
def test_a_username_with_an_at_sign_must_be_a_valid_email_address(text: str, reason: str) -> None:
    assert reason in refusal_of(text)


def test_an_email_address_needs_an_at_sign_where_a_username_does_not() -> None:
    assert not Username.parse("stacy").is_email_address
    with pytest.raises(Invalid, match=r"emailAddress .* It must have an @-sign"):
        EmailAddress.parse("stacy")


def test_a_username_and_an_email_address_of_one_text_have_one_key() -> None:
    """Signing in with an e-mail address finds the account by the same key as with a username."""
    username = Username.parse("Stacy@Bücher.example")
    assert username.is_email_address
    assert username.key == EmailAddress.parse("stacy@BÜCHER.example").key


def test_white_space_around_a_username_is_not_part_of_it() -> None:
    username = Username.parse(" \u00a0Stacy@Example.com\r\n")
    assert (username.as_typed, username.key) == ("Stacy@Example.com", "stacy@example.com")
    assert EmailAddress.parse("\tStacy@Example.com ").as_typed == "Stacy@Example.com"


def test_the_parameter_is_named_as_the_caller_wrote_it() -> None:
    with pytest.raises(Invalid) as refusal:
        EmailAddress.parse("x", parameter="EmailAddress")
    assert refusal.value.data == (("ParameterName", "EmailAddress"),)


def test_staging_shops_may_use_the_reserved_domain_test() -> None:
    assert login_key("stacy@mystic-sports.test") == "stacy@mystic-sports.test"


def test_lengths_are_those_of_rfc_5321_counted_in_bytes_of_the_key() -> None:
    domain = "@" + "d" * 61 + ".example"
    longest = "a" * LOCAL_PART_MAX_BYTES + domain
    assert login_key(longest) == longest
    assert "at most 64 bytes" in refusal_of("a" + longest)
    assert "at most 64 bytes" in refusal_of("ü" * 33 + domain)
    assert "at most 64 bytes" in refusal_of("\u0130" * 32 + domain)  # grows by its dot
    domains = ".".join(["d" * 60] * 4)
    assert len(login_key("a" * 10 + f"@{domains}") or "") == EMAIL_ADDRESS_MAX_BYTES
    assert "254" in refusal_of("a" * 11 + f"@{domains}")
    # Few enough characters but too many bytes, as it is or once its domain is written as an A-label.
    domains = ".".join(["d" * 60] * 3)
    assert "too long (1 character too many)" in refusal_of("ü" * 32 + f"@{domains}.example")
    assert "too long when the part" in refusal_of("a" * 10 + f"@{domains}.{'d' * 50}.bücher")


def test_a_name_is_as_long_as_an_email_address_at_most() -> None:
    assert login_key("n" * USERNAME_MAX_BYTES) == "n" * USERNAME_MAX_BYTES
    assert "at most 254 characters" in refusal_of("n" * (USERNAME_MAX_BYTES + 1))
    assert "at most 254 bytes" in refusal_of("漢" * 85)


@given(st.one_of(ANY_TEXT, TRICKY, NAMES))
@example("\u00a8\u0301")
@example("K@K.com")
@example("a@\u0661.com")
def test_any_text_is_a_username_or_refused(text: str) -> None:
    """Whatever is sent, the answer is a username that survives its own rules or a refusal that can be sent back."""
    try:
        username = Username.parse(text)
    except Invalid as refusal:
        refusal.message.encode()
        assert login_key(text) is None
        return
    assert username.as_typed in text
    assert login_key(text) == login_key(username.as_typed) == username.key
    assert Username.parse(username.key) == username
    assert Username.parse(username.key).as_typed == username.key
    assert len(username.key.encode()) <= USERNAME_MAX_BYTES


@given(NAMES, st.one_of(st.none(), st.sampled_from(["example.com", "bücher.example"])))
def test_equivalent_spellings_share_a_key(name: str, domain: str | None) -> None:
    text = name if domain is None else f"{name}@{domain}"
    key = login_key(text)
    assume(key is not None)
    assert login_key(unicodedata.normalize("NFD", text)) == key
    assert login_key(unicodedata.normalize("NFC", text)) == key
    assert login_key(text.lower()) == key
    full_width = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert login_key(full_width) == key


@given(TRICKY)
@example("K")
@example("ßﬀİı")
def test_names_that_share_a_key_differ_only_by_case_width_or_composition(text: str) -> None:
    """A key is what those three mappings make of a name, computed here from Unicode's own data, and nothing more."""
    assume("@" not in text and "＠" not in text)
    key = login_key(text)
    assert key in (None, _folded(text.strip()))


def _folded(text: str) -> str:
    mappings = [(character, unicodedata.decomposition(character).split()) for character in text]
    plain = "".join(
        chr(int(mapping[1], 16)) if mapping[:1] in (["<wide>"], ["<narrow>"]) else character
        for character, mapping in mappings
    )
    return unicodedata.normalize("NFC", plain.lower())


@given(ANY_TEXT)
def test_an_email_address_is_one_or_refused(text: str) -> None:
    try:
        address = EmailAddress.parse(f"{text}@example.com")
    except Invalid as refusal:
        refusal.message.encode()
        return
    assert Username.parse(address.as_typed).key == address.key
