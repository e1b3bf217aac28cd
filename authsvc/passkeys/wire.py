"""What browsers' passkey answers look like in JSON (`PublicKeyCredential.toJSON`), and what they are asked with."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from typing import Annotated

from pydantic import Field, ValidationError

from authsvc.passkeys.rules import (
    LONGEST_CREDENTIAL_ID,
    LONGEST_NAME,
    MOST_PASSKEYS,
    Passkey,
    PasskeyPolicy,
    PasskeyRefused,
    PasskeyUse,
)
from authsvc.passkeys.service import works
from authsvc.passkeys.verification import MadePasskey, ShownPasskey
from authsvc.web.wire import Json, Wire, WireDateTime

# Base64 takes four characters for three bytes.
_LONGEST_ID = -(-LONGEST_CREDENTIAL_ID // 3) * 4
# Client data and signatures are hundreds of bytes, an attestation with certificates a few thousand.
_LONGEST_PART = 16_000
# A challenge, sealed, with the site's domain in it.
_LONGEST_SEALED = 2_000
_MOST_TRANSPORTS = 10

Bytes = Annotated[str, Field(max_length=_LONGEST_PART, pattern=r"^[A-Za-z0-9_-]*={0,2}$")]
CredentialId = Annotated[
    str, Field(min_length=1, max_length=_LONGEST_ID, pattern=r"^[A-Za-z0-9_-]+={0,2}$")
]
Sealed = Annotated[str, Field(max_length=_LONGEST_SEALED)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class MadeResponse(Wire):
    """What the authenticator says of a new passkey."""

    client_data: Annotated[Bytes, Field(alias="clientDataJSON")]
    attestation_object: Bytes
    transports: Annotated[
        list[Annotated[str, Field(max_length=LONGEST_NAME)]],
        Field(max_length=_MOST_TRANSPORTS, default_factory=list),
    ]


class MadeCredential(Wire):
    """What `navigator.credentials.create` returned."""

    id: CredentialId
    response: MadeResponse

    def made(self) -> MadePasskey:
        """Return it in bytes; raises `PasskeyRefused`."""
        response = self.response
        return MadePasskey(
            _bytes(self.id),
            _bytes(response.client_data),
            _bytes(response.attestation_object),
            tuple(response.transports),
        )


class ShownResponse(Wire):
    """What the authenticator signed."""

    client_data: Annotated[Bytes, Field(alias="clientDataJSON")]
    authenticator_data: Bytes
    signature: Bytes
    user_handle: Bytes | None = None


class ShownCredential(Wire):
    """What `navigator.credentials.get` returned."""

    id: CredentialId
    response: ShownResponse

    def shown(self) -> ShownPasskey:
        """Return it in bytes; raises `PasskeyRefused`."""
        response = self.response
        return ShownPasskey(
            _bytes(self.id),
            _bytes(response.client_data),
            _bytes(response.authenticator_data),
            _bytes(response.signature),
            _bytes(response.user_handle) if response.user_handle else None,
        )


class PasskeyRequest(Wire):
    """What the browser is asked with, and the sealed challenge that comes back with its answer; good for 5 minutes."""

    public_key: Json
    challenge_token: str


class NewPasskey(Wire):
    """A new passkey: the sealed challenge, what the browser returned, and what to call it."""

    challenge_token: Sealed
    credential: MadeCredential
    name: Name | None = None


class PasskeyProof(Wire):
    """The sealed challenge, and what the browser returned."""

    challenge_token: Sealed
    credential: ShownCredential


class PasskeyName(Wire):
    """What a passkey is called."""

    name: Name


class PasskeyModel(Wire):
    """An account's passkey. `isUsable`: whether it is good for anything on the sites of the account's set, now."""

    id: int
    name: str
    created_date: WireDateTime
    last_used_date: WireDateTime | None
    is_backed_up: bool
    relying_party_id: str
    is_usable: bool
    is_suspended: bool

    @classmethod
    def of(cls, passkey: Passkey, policy: PasskeyPolicy) -> PasskeyModel:
        """Return it as the API shows it: no key, no credential id."""
        return cls(
            id=passkey.id,
            name=passkey.name,
            created_date=passkey.created_at,
            last_used_date=passkey.last_used_at,
            is_backed_up=passkey.is_backed_up,
            relying_party_id=passkey.relying_party,
            is_usable=works(passkey, policy),
            is_suspended=passkey.suspended_at is not None,
        )


class PasskeyList(Wire):
    """All passkeys of an account, oldest first."""

    items: Annotated[list[PasskeyModel], Field(max_length=MOST_PASSKEYS)]


class PasskeyPolicyModel(Wire):
    """What a customer set lets passkeys do: `off`, `secondFactor`, or `signIn`, which is both.

    `relyingPartyId`: the domain they are made for. Absent, it stays, or is the host of the set's oldest site. Another
    one makes the passkeys there are useless.
    """

    use: PasskeyUse
    relying_party_id: Annotated[str, Field(max_length=253)] | None = None

    @classmethod
    def of(cls, policy: PasskeyPolicy) -> PasskeyPolicyModel:
        """Return it as the API shows it."""
        return cls(use=policy.use, relying_party_id=policy.relying_party)


class RelatedOrigins(Wire):
    """Whose pages may ask for passkeys of the domain (Web Authentication, Level 3, §5.11)."""

    origins: list[str]


def made_credential(text: str) -> MadePasskey:
    """Return what a page's form sends of a new passkey; raises `PasskeyRefused`."""
    try:
        return MadeCredential.model_validate_json(text).made()
    except ValidationError as refusal:
        raise PasskeyRefused from refusal


def shown_credential(text: str) -> ShownPasskey:
    """Return what a page's form sends to prove that a passkey is there; raises `PasskeyRefused`."""
    try:
        return ShownCredential.model_validate_json(text).shown()
    except ValidationError as refusal:
        raise PasskeyRefused from refusal


def _bytes(text: str) -> bytes:
    kept = text.rstrip("=")
    try:
        return urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
    except (BadBase64, ValueError) as refusal:
        raise PasskeyRefused from refusal
