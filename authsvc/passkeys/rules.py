"""What a passkey is, whom it belongs to, where it works, and what a customer set lets it do.

The ceremonies are W3C's Web Authentication, Level 3 ([W] here). A passkey belongs to an account, and works for one
relying party, which is a domain: a customer set has one, so that a passkey made on one site of the set is good on all.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address

from authsvc.customer_sets.rules import host_name
from authsvc.errors import Conflict, Forbidden, Invalid, NotAuthenticated, NotFound

# [W] §5.4.3: a user handle is at most 64 bytes and says nothing of its user. As many random bits as a token of ours.
HANDLE_BYTES = 32
# [W] §7.1 step 25: longer ones are refused.
LONGEST_CREDENTIAL_ID = 1023
# Nobody carries more about; each is looked through and offered to the browser ([W] §14.6.2 asks for a bound).
MOST_PASSKEYS = 20
LONGEST_NAME = 60
DEFAULT_NAME = "Passkey"
# What a browser is told to show beside a passkey ([W] §6.4.1 lets authenticators cut at 64 bytes).
LONGEST_SHOWN = 64


class PasskeyUse(StrEnum):
    """What a customer set lets passkeys do; each lets them do what those above it do."""

    OFF = "off"
    # After the password.
    SECOND_FACTOR = "secondFactor"
    # In place of the password and everything else.
    SIGN_IN = "signIn"


@dataclass(frozen=True, slots=True)
class PasskeyPolicy:
    """What a set lets passkeys do, and the domain they are made for; None where they are off."""

    use: PasskeyUse = PasskeyUse.OFF
    relying_party: str | None = None

    @property
    def is_offered(self) -> bool:
        """Tell whether shoppers may make passkeys."""
        return self.use is not PasskeyUse.OFF and self.relying_party is not None

    @property
    def signs_in(self) -> bool:
        """Tell whether a passkey alone signs in."""
        return self.use is PasskeyUse.SIGN_IN and self.relying_party is not None


NO_PASSKEYS = PasskeyPolicy()


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey: nothing that signs, since that stays with its owner.

    `sign_count`: how often the authenticator says it has signed; 0 for ever where it does not count. `is_backed_up`:
    copies of it are kept, so that it outlives its device. `suspended_at`: since when it is refused as a copy.
    """

    id: int
    account_id: int
    credential_id: bytes
    relying_party: str
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    may_be_backed_up: bool
    is_backed_up: bool
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    suspended_at: datetime | None = None

    def is_copied(self, sign_count: int) -> bool:
        """Tell whether a good signature with this count betrays that two hold the key ([W] §6.1.1)."""
        return (sign_count > 0 or self.sign_count > 0) and sign_count <= self.sign_count


class PasskeyRefused(Invalid):
    """What the browser sent is no good answer to what it was asked; which part is not, is not said."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("credential", "This passkey could not be used. Try again.")


class PasskeySignInRefused(NotAuthenticated):
    """No account of the site's set is opened by what was shown; why not is nobody's business (rule 11)."""

    error_code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        """Say the same for an unknown passkey, another set's, a wrong signature and a question asked long ago."""
        super().__init__(
            "Invalid Credentials: this passkey does not sign in here. Try again, or sign in another way."
        )


class PasskeyTaken(Conflict):
    """A passkey of this id is known already."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This passkey cannot be added. Use another device or another passkey.")


class TooManyPasskeys(Conflict):
    """An account has as many passkeys as it may have."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            f"An account holds {MOST_PASSKEYS} passkeys at most. Remove one that is not used any more."
        )


class PasskeysOff(Forbidden):
    """The customer set does not let passkeys do this."""

    def __init__(self) -> None:
        """Say it."""
        super().__init__("Passkeys are not offered here.")


class UnknownPasskey(NotFound):
    """The account has no such passkey."""

    def __init__(self) -> None:
        """Say the same for other accounts' and none."""
        super().__init__("There is no such passkey.")


class LastMeansOfSigningIn(Conflict):
    """Without this passkey nobody could sign in to the account any more."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This is the only way to sign in. Add another, or a password, first.")


def new_handle() -> bytes:
    """Return what authenticators know an account by."""
    return secrets.token_bytes(HANDLE_BYTES)


def passkey_name(text: str | None) -> str:
    """Return what a shopper calls a passkey; raises `Invalid`."""
    name = " ".join((text or "").split()) or DEFAULT_NAME
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("name", f"Give 1 to {LONGEST_NAME} printable characters.")
    return name


def covers(relying_party: str, host: str) -> bool:
    """Tell whether browsers let pages of `host` use passkeys of this domain by themselves ([W] §5.1.3 step 8)."""
    return host == relying_party or host.endswith(f".{relying_party}")


def relying_party(text: str, hosts: Collection[str]) -> str:
    """Return the domain that a set's passkeys are to be made for; raises `Invalid`.

    It is one of the hosts of the set's sites, or a domain above one of them: only there can somebody answer for it.
    """
    domain = host_name(text)
    if _is_address(domain) or "." not in domain:
        raise Invalid("relyingPartyId", "Give a domain: no address of the network, no single name.")
    if not any(covers(domain, host) for host in hosts):
        raise Invalid("relyingPartyId", "Give the host of a site of this set, or a domain above.")
    return domain


def usual_relying_party(hosts: Sequence[str]) -> str | None:
    """Return the domain for a set whose sites answer on `hosts`, oldest site first, where nobody chose one.

    The first host itself, and not a domain above it: who else has hosts below that is the merchant's to know.
    """
    return next((host for host in hosts if "." in host and not _is_address(host)), None)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
