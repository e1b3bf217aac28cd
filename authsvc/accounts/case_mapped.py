"""RFC 8265's UsernameCaseMapped profile, with a reason in words for what it refuses.

The tables are those of precis-i18n and of this Python's `unicodedata` (its `unidata_version`). A code point that
this version does not know is refused, so a newer version can allow more names and never change the key of one.
"""

from __future__ import annotations

import unicodedata

from precis_i18n import get_profile

from authsvc.errors import Invalid

# Reasons by the name of the rule that precis-i18n reports; RFC 8264 sections 8 and 9, RFC 5892 appendix A.
_WHY_A_CHARACTER_IS_REFUSED = {
    "controls": "control characters are not allowed",
    "precis_ignorable_properties": "invisible characters are not allowed",
    "spaces": "spaces are not allowed",
    "symbols": "symbols are not allowed",
    "punctuation": "punctuation outside ASCII is not allowed",
    "has_compat": "it is a variant of another character; write the plain one",
    "other_letter_digits": "letter-like and number-like signs are not allowed",
    "old_hangul_jamo": "single Hangul jamo are not allowed; write whole syllables",
    "unassigned": "this version of Unicode does not define it",
    "zero_width_nonjoiner": "it is invisible except inside a joined script",
    "zero_width_joiner": "it is invisible except inside a joined script",
}
_WHY_OTHERWISE = "RFC 8265 does not allow it here"
_WHY_THE_WHOLE_IS_REFUSED = {
    "bidi_rule": "mixes writing directions in an order that can be misread (RFC 5893)",
    "not_idempotent": "has no stable normal form (RFC 8265)",
}

_RIGHT_TO_LEFT = {"R", "AL", "AN"}

_PROFILE = get_profile("UsernameCaseMapped")


def case_mapped(text: str, parameter: str) -> str:
    """Return the form of `text` by which names are compared: width and case mapped, composed (RFC 8265, 3.3).

    In: any text that is not empty. Raises `Invalid` for `parameter`, naming the first offending character.
    """
    try:
        return _PROFILE.enforce(text)
    except UnicodeEncodeError as refusal:
        raise Invalid(parameter, _reason(text, refusal)) from None


def width_mapped(text: str) -> str:
    """Replace full-width and half-width characters by their ordinary forms, the profile's first step."""
    return _PROFILE.width_mapping_rule(text)


def _reason(text: str, refusal: UnicodeEncodeError) -> str:
    rule = refusal.reason.removeprefix("DISALLOWED/")
    if rule in _WHY_THE_WHOLE_IS_REFUSED:
        return _WHY_THE_WHOLE_IS_REFUSED[rule]
    why = _WHY_A_CHARACTER_IS_REFUSED.get(rule, _WHY_OTHERWISE)
    return f"contains {_named(_typed_character(text, refusal))}: {why}"


def _typed_character(text: str, refusal: UnicodeEncodeError) -> str:
    """Find the character of `text` that became the refused one, which the profile reports only as mapped."""
    refused = refusal.object[refusal.start]
    return next((typed for typed in text if refused in _mapped(typed)), refused)


def _mapped(character: str) -> str:
    return _PROFILE.normalization_rule(_PROFILE.case_mapping_rule(width_mapped(character)))


def _named(character: str) -> str:
    """Name a character by code point, Unicode name and, where it cannot disturb the text around it, glyph."""
    glyph = (
        character.isprintable()
        and not character.isspace()
        and not unicodedata.category(character).startswith("M")
        and unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT
    )
    parts = [
        f'"{character}"' if glyph else "",
        f"U+{ord(character):04X}",
        unicodedata.name(character, ""),
    ]
    return " ".join(part for part in parts if part)
