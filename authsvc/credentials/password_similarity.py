"""Passwords made of what everybody knows: their owner's names and addresses, and the shop's.

NIST SP 800-63B-4 §3.1.1.2 has "the name of the service, the username, and derivatives thereof" refused. A long phrase
may well have a name in it. What is refused is a password that is mostly such words: forwards or backwards, in any case,
with digits for letters as people put them (`M1stic2026`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Characters; shorter ones are in too many words.
_SHORTEST_WORD = 3
# `l` and `y` fall together with `i`, for a 1 stands for any of them.
_STANDS_FOR = str.maketrans("0134578@$!|ly€", "oieastbasiiiie")
_NO_WORD = re.compile(r"[\W_]+")


def is_mostly(prepared: str, about: Iterable[str | None]) -> bool:
    """Tell whether half of a prepared password or more is words of the texts `about` its owner and the shop."""
    folded = _folded(prepared)
    left = folded
    for word in _words(about):
        # What stands on both sides of a word that is taken out makes no new word.
        left = left.replace(word, "\0")
    kept = len(left.replace("\0", ""))
    return 2 * kept <= len(folded)


def _words(about: Iterable[str | None]) -> list[str]:
    """Return the words and whole names to look for, the longest first."""
    found: set[str] = set()
    for text in filter(None, about):
        # The parts of an address: neither its end nor "com" is anybody's name, the rest may be.
        name = text.casefold().rpartition(".")[0] if "@" in text else text.casefold()
        parts = _NO_WORD.split(name)
        found.update(_folded(word) for word in (*parts, "".join(parts)))
    words = {word for word in found if len(word) >= _SHORTEST_WORD}
    return sorted(words | {word[::-1] for word in words}, key=len, reverse=True)


def _folded(text: str) -> str:
    """Return a text without case, accents and the usual substitutes for letters."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return bare.translate(_STANDS_FOR)
