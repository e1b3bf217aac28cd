"""What a password must be, and its prepared form: the only form that is ever hashed or compared.

Prepared by RFC 8265 OpaqueString: any script, case kept, nothing cut off, nothing trimmed; every kind of space becomes
the ASCII space and composed and decomposed letters become the same, so that a password typed on a telephone matches
the one typed on a desk. Control characters, invisible ones and code points that this Python's Unicode does not know
are refused, because the next keyboard or library might send them otherwise.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from precis_i18n import get_profile

from authsvc.errors import Invalid

#: UTF-8 bytes. OWASP asks for at least 64 characters (256 bytes at most) to be allowed; this allows four times that.
#: Argon2 digests its input once, so length is not what a hash costs: the bound is on what one request can make us
#: normalise and on what a store must hold.
PASSWORD_MAX_BYTES = 1024

# The vendor's text; storefront themes compare it letter by letter ([K] 4, 7).
_INVALID_FORMAT = "Invalid password format."

# Characters; a policy may not ask for more than OWASP says every service must allow.
_MINIMUM_LENGTH_LIMIT = 64

# 256 bits: as hard to hit as any key here, see `comparable_password`.
_STAND_IN_BYTES = 32

_PROFILE = get_profile("OpaqueString")


def prepare_password(text: str, *, parameter: str = "password") -> str:
    """Return the form of `text` to hash.

    Raises `Invalid` for `parameter` with the vendor's text if it is empty, too long or holds a refused character.
    """
    try:
        # Length first: it bounds the work of everything after it.
        if _bytes(text) > PASSWORD_MAX_BYTES:
            raise Invalid(parameter, _INVALID_FORMAT)
        prepared = _PROFILE.enforce(text)
    except UnicodeEncodeError:
        raise Invalid(parameter, _INVALID_FORMAT) from None
    if _bytes(prepared) > PASSWORD_MAX_BYTES:
        raise Invalid(parameter, _INVALID_FORMAT)
    return prepared


def comparable_password(text: str) -> str:
    """Return the form of `text` to compare with a hash at sign-in; never refuses.

    A text that can be nobody's password gives a fresh random stand-in: the comparison then costs what it always costs,
    and matches nothing. It is no constant, because what a verifier of imported hashes makes of a constant (an empty
    string, one cut off at a NUL) is not ours to know.
    """
    try:
        return prepare_password(text)
    except Invalid:
        return secrets.token_hex(_STAND_IN_BYTES)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """How strong a new password must be. The default is the vendor's rule ([K] 4).

    `minimum_length` counts characters of the prepared form; `minimum_digits` and `minimum_letters` count decimal
    digits and letters of any script. Applies to new passwords only: a sign-in never asks it.
    """

    minimum_length: int = 6
    minimum_digits: int = 1
    minimum_letters: int = 1

    def __post_init__(self) -> None:
        """Refuse a policy that no one could satisfy or that asks for nothing."""
        if not 1 <= self.minimum_length <= _MINIMUM_LENGTH_LIMIT:
            raise Invalid("minimumLength", f"must be from 1 to {_MINIMUM_LENGTH_LIMIT}")
        for parameter, count in (
            ("minimumDigits", self.minimum_digits),
            ("minimumLetters", self.minimum_letters),
        ):
            if not 0 <= count <= self.minimum_length:
                raise Invalid(parameter, "must be from 0 to minimumLength")

    def accept(self, text: str, *, parameter: str = "password") -> str:
        """Return the prepared form of a new password.

        Raises `Invalid` for `parameter`: with `requirement` if the password is too weak, or as `prepare_password` does.
        """
        # An empty password is first of all too short; OpaqueString would only call it malformed.
        prepared = prepare_password(text, parameter=parameter) if text else text
        if (
            len(prepared) < self.minimum_length
            or sum(map(str.isdecimal, prepared)) < self.minimum_digits
            or sum(map(str.isalpha, prepared)) < self.minimum_letters
        ):
            raise Invalid(parameter, self.requirement)
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


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _bytes(text: str) -> int:
    return len(text.encode())
