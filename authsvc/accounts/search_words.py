"""The words a customer is found by, and the words of what somebody types to find one.

A word of a name begins at its beginning, after white space, and after a mark within it ("Smith-Jones" has two:
`smith-jones` and `jones`); an e-mail address and a username are one word each. Who types is not asked to get case,
full-width forms or composition right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# What is cut off a longer word, a customer is not found by; characters. Most of an e-mail address's longest, 254 bytes.
LONGEST_WORD = 100
# All words of a customer together, UTF-8 bytes: with everything else they stay below the 2,704 that PostgreSQL lets an
# entry of a B-tree have.
MOST_BYTES = 2_400

# Controls and halves of surrogate pairs separate words like white space does.
_SEPARATE = {"Cc", "Cs"}
# Invisible ones (soft hyphen, joiners) are not typed.
_IGNORED = "Cf"
# Letters, numbers, and the marks that belong to a letter.
_WITHIN_WORDS = {"L", "N", "M"}


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word that a customer is found by, beside the customer's others, with a space between each.

    `is_listed`: the word by which the customer stands in a list by name; each customer has one, if only an empty one.
    """

    word: str
    other_words: str
    is_listed: bool


def typed_words(text: str) -> tuple[str, ...]:
    """Return the words of what somebody typed, each once; a name's `Smith-Jones` is one of them."""
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in _normalised(text).split()))


def found_by(
    *,
    last_name: str | None,
    first_name: str | None,
    company_or_organization: str | None,
    email_address: str | None,
    username: str | None,
) -> tuple[SearchWord, ...]:
    """Return the words of a customer with these names and addresses.

    A word that another one begins with would find nobody the other does not, so it is left out.
    """
    names = (last_name, first_name, company_or_organization)
    words = [word for name in names for word in _words_of_name(name or "")]
    words += [word for name in (email_address, username) for word in typed_words(name or "")]
    words = _within_bytes(dict.fromkeys(words)) or [""]
    listed, *others = words
    kept = [listed, *(word for word in others if not _begins_another(word, words))]
    return tuple(
        SearchWord(word, " ".join(other for other in kept if other != word), word == listed)
        for word in kept
    )


def _words_of_name(name: str) -> Iterator[str]:
    for piece in _normalised(name).split():
        for at, character in enumerate(piece):
            if at == 0 or (_is_within(character) and not _is_within(piece[at - 1])):
                yield piece[at:][:LONGEST_WORD]


def _normalised(text: str) -> str:
    """Compose, fold case and width (Unicode's NFKC_Casefold, but for what separates)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if folded.isascii() and folded.isprintable():
        return folded
    return "".join(map(_separated, folded))


def _separated(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SEPARATE:
        return " "
    return "" if category == _IGNORED else character


def _is_within(character: str) -> bool:
    return unicodedata.category(character)[0] in _WITHIN_WORDS


def _begins_another(word: str, words: Iterable[str]) -> bool:
    return any(other != word and other.startswith(word) for other in words)


def _within_bytes(words: Iterable[str]) -> list[str]:
    kept, left = [], MOST_BYTES
    for word in words:
        left -= len(word.encode()) + 1
        if left < 0:
            break
        kept.append(word)
    return kept
