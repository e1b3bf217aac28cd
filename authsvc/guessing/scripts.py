"""What Valkey does for one try, each in one piece: nobody else's try comes between looking and counting.

The windows are the `limits` library's moving windows: its own scripts word for word, as functions. Theirs take one
limit a call; here a try takes all of its windows or none, so that what one of them refuses does not use up the others.

KEYS, in all three: 1 until when guessing is hardened, 2 that good sign-ins came from the block, 3 the account; more in
each. An account is one hash: n failures since the last good sign-in, s of them by strangers, f, a and l when the first,
the last, and the last by a stranger were (seconds), and for each origin its own count and last (`o…n`, `o…l`). It holds
as many origins as failures, of which there are a hundred at the most.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from limits.storage import RedisStorage

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Script:
    """A script and what Valkey remembers it by."""

    text: str
    digest: str


def _script(name: str, *, windows: bool = True) -> Script:
    text = (_FOLDER / name).read_text()
    if windows:
        text = (
            _function("acquire", RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW)
            + _function("look", RedisStorage.SCRIPT_MOVING_WINDOW)
            + text
        )
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def _function(name: str, body: str | bytes) -> str:
    """Return a script of the library as a function of what it is usually given."""
    text = body.decode() if isinstance(body, bytes) else body
    return f"local function {name}(KEYS, ARGV)\n{text}\nend\n"


BEGIN = _script("begin.lua")
TAKE_BACK = _script("take_back.lua")
NOTICE = _script("notice.lua", windows=False)
