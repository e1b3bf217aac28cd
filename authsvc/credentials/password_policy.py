"""What a password must be, and its prepared form: the only form that is hashed.

Any script, case kept, nothing cut off, nothing trimmed (RFC 8265 OpaqueString); every kind of space becomes the ASCII
space, and then Unicode's NFKC makes one of what keyboards write in several ways, composed or not, wide or not (NIST
SP 800-63B-4 §3.1.1.2). Control characters, invisible ones and code points that this Python's Unicode does not know are
refused, because the next keyboard or library might send them otherwise.

Passwords used to be hashed by RFC 8265 alone, in NFC. So what is shown at a sign-in is compared in that form as well,
where it differs: it does for what has a wide letter, a ligature or the like in it.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from precis_i18n import get_profile

from authsvc.credentials.common_passwords import is_common
from authsvc.credentials.password_similarity import is_mostly
from authsvc.errors import Invalid

#: UTF-8 bytes of the prepared form. OWASP asks for at least 64 characters (256 bytes at most) to be allowed; this
#: allows four times that. Argon2 digests its input once, so length is not what a hash costs: the bound is on what one
#: request can make us normalise and on what a store must hold.
PASSWORD_MAX_BYTES = 1024
#: UTF-8 bytes of what is typed. No normal form of a prepared password is longer: at the worst, Korean syllables and
#: Greek letters with two accents, three bytes of one become nine and two become six.
TYPED_MAX_BYTES = 3 * PASSWORD_MAX_BYTES

# The vendor's text; storefront themes compare it letter by letter ([K] 4, 7).
_INVALID_FORMAT = "Invalid password format."

#: Characters; a policy may not ask for more than OWASP says every service must allow.
MINIMUM_LENGTH_LIMIT = 64

# 256 bits: as hard to hit as any key here, see `comparable_password`.
_STAND_IN_BYTES = 32

# What a shopper is told of a password that is long enough and still easily guessed.
COMMON = "Choose another password: this one is on the lists of common or leaked passwords that are tried first."
SIMILAR = (
    "Choose another password: this one is made of your own name or address, or of the shop's name."
)

_PROFILE = get_profile("OpaqueString")


class PasswordTooLong(Invalid):
    """Nothing is cut off, so there is a bound, and it is said."""

    def __init__(self, parameter: str) -> None:
        """Say where it is."""
        super().__init__(
            parameter,
            f"Password must be a maximum of {PASSWORD_MAX_BYTES} bytes: as many Latin letters, "
            f"or {PASSWORD_MAX_BYTES // 3} characters of any script",
        )


@dataclass(frozen=True, slots=True)
class ShownPassword:
    """A password as it is shown at a sign-in: its prepared form, and what other systems' hashes are made of.

    `older_form`: RFC 8265's, which our older hashes are made of, where it is another.
    """

    prepared: str = field(repr=False)
    as_typed: str = field(repr=False)
    older_form: str | None = field(default=None, repr=False)


def prepare_password(text: str, *, parameter: str = "password") -> str:
    """Return the form of `text` to hash.

    Raises `Invalid` for `parameter`: with the vendor's text if it is empty or holds a refused character, or
    `PasswordTooLong`.
    """
    prepared = _normal(_enforced(text, parameter))
    if _bytes(prepared) > PASSWORD_MAX_BYTES:
        raise PasswordTooLong(parameter)
    return prepared


def comparable_password(text: str) -> ShownPassword:
    """Return the forms of `text` to compare with a hash at sign-in; never refuses.

    A text that can be nobody's password gives a fresh random stand-in: the comparison then costs what it always costs,
    and matches nothing. It is no constant, because what a verifier of imported hashes makes of a constant (an empty
    string, one cut off at a NUL) is not ours to know.
    """
    stand_in = secrets.token_hex(_STAND_IN_BYTES)
    try:
        if not text or _bytes(text) > TYPED_MAX_BYTES:
            return ShownPassword(stand_in, stand_in)
    except UnicodeEncodeError:
        return ShownPassword(stand_in, stand_in)
    prepared = _normal(text)
    try:
        as_typed = _enforced(text, "password")
    except Invalid:
        # Another normal form of a password may hold what no password may, such as half a Korean syllable.
        return ShownPassword(prepared, stand_in)
    return ShownPassword(prepared, as_typed, None if as_typed == prepared else as_typed)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """How strong a new password must be. The default is the vendor's rule ([K] 4).

    `minimum_length` counts characters, accents and their letters as one; `minimum_digits` and `minimum_letters` count
    decimal digits and letters of any script. `refuses_common`: not one that many people have, or that was leaked;
    `refuses_similar`: not one made of its owner's or the shop's names. Applies to new passwords only: a sign-in never
    asks it.
    """

    minimum_length: int = 6
    minimum_digits: int = 1
    minimum_letters: int = 1
    refuses_common: bool = False
    refuses_similar: bool = False

    def __post_init__(self) -> None:
        """Refuse a policy that no one could satisfy or that asks for nothing."""
        if not 1 <= self.minimum_length <= MINIMUM_LENGTH_LIMIT:
            raise Invalid("minimumLength", f"must be from 1 to {MINIMUM_LENGTH_LIMIT}")
        for parameter, count in (
            ("minimumDigits", self.minimum_digits),
            ("minimumLetters", self.minimum_letters),
        ):
            if not 0 <= count <= self.minimum_length:
                raise Invalid(parameter, "must be from 0 to minimumLength")

    def accept(
        self, text: str, *, parameter: str = "password", about: Iterable[str | None] = ()
    ) -> str:
        """Return the prepared form of a new password.

        `about`: names of its owner and of the shop. Raises `Invalid` for `parameter`: with `requirement` if the
        password is too weak, with `COMMON` or `SIMILAR` if it is too easily guessed, or as `prepare_password` does.
        """
        # An empty password is first of all too short; OpaqueString would only call it malformed.
        typed = _enforced(text, parameter) if text else text
        if (
            len(typed) < self.minimum_length
            or sum(map(str.isdecimal, typed)) < self.minimum_digits
            or sum(map(str.isalpha, typed)) < self.minimum_letters
        ):
            raise Invalid(parameter, self.requirement)
        prepared = prepare_password(text, parameter=parameter)
        if self.refuses_common and is_common(prepared):
            raise Invalid(parameter, COMMON)
        if self.refuses_similar and is_mostly(prepared, about):
            raise Invalid(parameter, SIMILAR)
        return prepared

    @property
    def requirement(self) -> str:
        """Say what this policy asks for, in the vendor's words ([K] 4)."""
        wanted = []
        if self.minimum_digits:
            wanted.append(_counted(self.minimum_digits, "number"))
        if self.minimum_letters:
            wanted.append(_counted(self.minimum_letters, "alphabetic character"))
        length = f"Password must be a minimum of {_counted(self.minimum_length, 'character')}"
        return f"{length} with at least {' and '.join(wanted)}" if wanted else length


def _enforced(text: str, parameter: str) -> str:
    """Return RFC 8265's form of `text`; raises as `prepare_password` does."""
    try:
        # Length first: it bounds the work of everything after it.
        if _bytes(text) > TYPED_MAX_BYTES:
            raise PasswordTooLong(parameter)
        return str(_PROFILE.enforce(text))
    except UnicodeEncodeError:
        raise Invalid(parameter, _INVALID_FORMAT) from None


def _normal(text: str) -> str:
    """Return a text in the one form that all its normal forms have."""
    spaced = "".join(
        " " if unicodedata.category(character) == "Zs" else character for character in text
    )
    return unicodedata.normalize("NFKC", spaced)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _bytes(text: str) -> int:
    return len(text.encode())
