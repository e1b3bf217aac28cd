"""How soon a password would be guessed, told while it is typed; advice only, for what is refused a policy says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import BoundedSemaphore

from zxcvbn import zxcvbn

from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.errors import Invalid

# Characters that are looked at. Measured on a busy machine: at worst 15 ms of a processor, where 48 take twice that;
# what is strong in its first 28 does not get weaker by more.
_LOOKED_AT = 28
# Names of owner and shop that are looked for in it.
_MOST_NAMES = 20
# At once in one process: advice is for nobody to keep a worker from its work with.
_AT_ONCE = BoundedSemaphore(1)

# By zxcvbn's scores: guesses below 10^3, 10^6, 10^8, 10^10, and more.
WORDS = ("Very easy to guess", "Easy to guess", "Could be better", "Good", "Very good")


@dataclass(frozen=True, slots=True)
class Advice:
    """What is told of a password: its score (0 to 4), and why it would be refused, if it would."""

    score: int
    refusal: Invalid | None = None


def advice(text: str, policy: PasswordPolicy, about: Iterable[str | None]) -> Advice | None:
    """Judge a password that is being typed, as it will be judged when it is sent; None when too many ask at once."""
    if not _AT_ONCE.acquire(blocking=False):
        return None
    try:
        names = [name for name in about if name]
        prepared = policy.accept(text, about=names)
        return Advice(_score(prepared, names))
    except Invalid as refusal:
        return Advice(0, refusal)
    finally:
        _AT_ONCE.release()


def _score(prepared: str, names: list[str]) -> int:
    looked_at = prepared[:_LOOKED_AT]
    return int(zxcvbn(looked_at, names[:_MOST_NAMES])["score"])
