"""Usernames and e-mail addresses: the form as typed, which is shown, and the key, which is compared.

A username is unique in its customer set ([B]); which strings are one username is decided here and nowhere else:

- a name by RFC 8265 UsernameCaseMapped: case, full-width and half-width forms and composition do not count;
- an e-mail address by the same on its local part, and by its domain's lower-case A-label form. A-labels because they
  are what DNS and SMTP carry, are plain ASCII (no later mapping can alter them) and settle every IDNA spelling;
- white space around either is not part of it: keyboards and password managers add it, and neither form may hold any;
- a username with an "@" (a full-width one counts) is an e-mail address and must be a valid one. The vendor allows
  "any valid string" ([K] 3.3); here a name that merely looks like an address would let its owner pose as that
  address to staff and to the sign-in, which accepts addresses too.

Look-alikes of other scripts (a Cyrillic a) are other names. Nothing may ever be sent to, or done for, what someone
typed at sign-in or reset: find the account by key, then use what the account itself has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from email_validator import EmailNotValidError, validate_email

from authsvc.accounts.case_mapped import case_mapped, width_mapped
from authsvc.errors import Invalid

#: UTF-8 bytes; RFC 5321, 4.5.3.1.3: a path is 256 octets, angle brackets included.
EMAIL_ADDRESS_MAX_BYTES = 254
#: UTF-8 bytes; RFC 5321, 4.5.3.1.1.
LOCAL_PART_MAX_BYTES = 64
#: UTF-8 bytes; the same as an e-mail address, because both are usernames and share a column and its index.
USERNAME_MAX_BYTES = EMAIL_ADDRESS_MAX_BYTES

# Unicode's White_Space; `str.strip()` alone would also swallow the separators U+001C to U+001F, which are controls.
_WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@dataclass(frozen=True, slots=True)
class Username:
    """What a person signs in with: an e-mail address or a name. Two are equal when their keys are."""

    as_typed: str = field(compare=False)
    key: str

    @classmethod
    def parse(cls, text: str, *, parameter: str = "userName") -> Self:
        """Take what a person typed.

        Raises `Invalid` for `parameter`, with the rule that was broken and the character that broke it.
        """
        typed = _trimmed(text, parameter)
        if "@" in width_mapped(typed):
            return cls(typed, _email_address_key(typed, parameter))
        return cls(typed, _within(case_mapped(typed, parameter), USERNAME_MAX_BYTES, parameter))

    @property
    def is_email_address(self) -> bool:
        """Tell an e-mail address from a name."""
        return "@" in self.key


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An e-mail address, deliverable by its form; nobody asks the network. Two are equal when their keys are.

    Its key is the key of the `Username` of the same text.
    """

    as_typed: str = field(compare=False)
    key: str

    @classmethod
    def parse(cls, text: str, *, parameter: str = "emailAddress") -> Self:
        """Take what a person typed.

        Raises `Invalid` for `parameter`, with the rule of RFC 5321, RFC 6531, IDNA or RFC 8265 that was broken.
        """
        typed = _trimmed(text, parameter)
        return cls(typed, _email_address_key(typed, parameter))


def login_key(text: str) -> str | None:
    """Return the key to find a login by, or None for a text that no username can have and so nothing matches."""
    try:
        return Username.parse(text).key
    except Invalid:
        return None


def _trimmed(text: str, parameter: str) -> str:
    typed = text.strip(_WHITE_SPACE)
    if not typed:
        raise Invalid(parameter, "must not be empty")
    # Bounds the work below; every character counts at least one byte of the longest thing allowed.
    if len(typed) > USERNAME_MAX_BYTES:
        raise Invalid(parameter, f"must be at most {USERNAME_MAX_BYTES} characters")
    return typed


def _within(key: str, limit: int, parameter: str, part: str = "") -> str:
    if len(key.encode()) > limit:
        raise Invalid(parameter, f"{part}must be at most {limit} bytes as UTF-8")
    return key


# Signing up asks for one and the same address five times, as username and as address.
@lru_cache(maxsize=64)
def _email_address_key(typed: str, parameter: str) -> str:
    # Width first: a full-width "@" or full stop separates parts just as an ordinary one does.
    local, at_sign, domain = width_mapped(typed).rpartition("@")
    if not at_sign:
        raise Invalid(parameter, "is not a valid e-mail address. It must have an @-sign.")
    if local:
        local = case_mapped(local, parameter)
        _within(local, LOCAL_PART_MAX_BYTES, parameter, "the part before the @-sign ")
    try:
        # The library judges the mapped local part, so that a key is always a valid address and its own key; and the
        # length of the whole, in bytes, with the domain as A-labels too.
        # RFC 2606's domain .test is let in: no one can own it, and staging shops live on it.
        address = validate_email(
            f"{local}@{domain}", check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as refusal:
        raise Invalid(parameter, f"is not a valid e-mail address. {refusal}") from None
    return f"{local}@{address.ascii_domain}"
