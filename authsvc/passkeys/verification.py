"""What authenticators are asked and what they answer, verified by py_webauthn (Web Authentication, Level 3, §7).

Nothing of an answer is believed before its signature is verified, its sign count least of all: whoever knows a
passkey's id could otherwise have it taken for a copy, and suspended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
import webauthn
from webauthn.helpers import (
    bytes_to_base64url,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authsvc.passkeys.challenges import LIFETIME, Challenge
from authsvc.passkeys.rules import LONGEST_CREDENTIAL_ID, LONGEST_SHOWN, Passkey, PasskeyRefused

log = structlog.get_logger(__name__)

# [W] §5.4 names these three for everybody: Ed25519, P-256, and RSA for older Windows.
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# We ask for none; browsers may leave an authenticator's signature by the new key itself in ([W] §5.1.3 step 25).
_FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)
_TRANSPORTS = frozenset(each.value for each in AuthenticatorTransport)
_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """What a browser sent of a new passkey."""

    credential_id: bytes
    client_data: bytes = field(repr=False)
    attestation: bytes = field(repr=False)
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """What a browser sent to prove that it has a passkey."""

    credential_id: bytes
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    user_handle: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedKey:
    """What is known of a new passkey once it is verified."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    may_be_backed_up: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class VerifiedUse:
    """What a good signature tells."""

    sign_count: int
    may_be_backed_up: bool
    is_backed_up: bool


def registration_options(
    challenge: Challenge,
    *,
    shop: str,
    handle: bytes,
    name: str,
    known: Sequence[Passkey],
    alone: bool,
) -> dict[str, Any]:
    """Return what `navigator.credentials.create` takes, as JSON.

    `alone`: it is to sign in by itself, so that its owner is asked for finger, face or PIN, and it is found without a
    username. `known`: passkeys of the account, of which a device makes no second.
    """
    wanted = (
        UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    )
    options = webauthn.generate_registration_options(
        rp_id=challenge.relying_party,
        rp_name=shop,
        user_id=handle,
        user_name=name[:LONGEST_SHOWN],
        user_display_name=name[:LONGEST_SHOWN],
        challenge=challenge.nonce,
        timeout=int(LIFETIME.total_seconds()) * _MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED
            if alone
            else ResidentKeyRequirement.PREFERRED,
            user_verification=wanted,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return _as_json(webauthn.options_to_json(options))


def request_options(
    challenge: Challenge, allowed: Sequence[Passkey], *, alone: bool
) -> dict[str, Any]:
    """Return what `navigator.credentials.get` takes, as JSON; `allowed`: one of these, or whichever there is."""
    options = webauthn.generate_authentication_options(
        rp_id=challenge.relying_party,
        challenge=challenge.nonce,
        timeout=int(LIFETIME.total_seconds()) * _MILLISECONDS,
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED
        if alone
        else UserVerificationRequirement.PREFERRED,
    )
    return _as_json(webauthn.options_to_json(options))


def verified_key(
    made: MadePasskey, challenge: Challenge, origins: Sequence[str], *, alone: bool
) -> VerifiedKey:
    """Return what is known of a new passkey that answers the challenge; raises `PasskeyRefused`."""
    response = AuthenticatorAttestationResponse(
        client_data_json=made.client_data, attestation_object=made.attestation
    )
    try:
        _refuse_frames(made.client_data)
        _refuse_attestation(made.attestation)
        verified = webauthn.verify_registration_response(
            credential=RegistrationCredential(
                id=bytes_to_base64url(made.credential_id),
                raw_id=made.credential_id,
                response=response,
            ),
            expected_challenge=challenge.nonce,
            expected_rp_id=challenge.relying_party,
            expected_origin=list(origins),
            require_user_verification=alone,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except Exception as failure:
        raise _refusal(failure) from failure
    # What the browser says beside the signed part must not name another passkey.
    if verified.credential_id != made.credential_id or (
        len(verified.credential_id) > LONGEST_CREDENTIAL_ID
    ):
        raise PasskeyRefused
    return VerifiedKey(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        tuple(each for each in made.transports if each in _TRANSPORTS),
        verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        verified.credential_backed_up,
    )


def verified_use(
    shown: ShownPasskey,
    passkey: Passkey,
    challenge: Challenge,
    origins: Sequence[str],
    *,
    alone: bool,
) -> VerifiedUse:
    """Return what a passkey's signature tells that answers the challenge; raises `PasskeyRefused`.

    The sign count is not judged here. `alone`: its owner must have shown finger, face or PIN.
    """
    try:
        _refuse_frames(shown.client_data)
        verified = webauthn.verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(shown.credential_id),
                raw_id=shown.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=shown.client_data,
                    authenticator_data=shown.authenticator_data,
                    signature=shown.signature,
                    user_handle=shown.user_handle,
                ),
            ),
            expected_challenge=challenge.nonce,
            expected_rp_id=challenge.relying_party,
            expected_origin=list(origins),
            credential_public_key=passkey.public_key,
            # The library would judge the count before the signature.
            credential_current_sign_count=0,
            require_user_verification=alone,
        )
    except Exception as failure:
        raise _refusal(failure) from failure
    return VerifiedUse(
        verified.new_sign_count,
        verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        verified.credential_backed_up,
    )


def _refuse_frames(client_data: bytes) -> None:
    """Refuse what was asked for in a frame of another site's page; the library does not look ([W] §7.2 step 13)."""
    said: Mapping[str, Any] = json.loads(client_data)
    if parse_client_data_json(client_data).cross_origin or said.get("topOrigin") is not None:
        raise PasskeyRefused


def _refuse_attestation(attestation: bytes) -> None:
    """Refuse what we did not ask for, before anybody reads the certificates in it."""
    if parse_attestation_object(attestation).fmt not in _FORMATS:
        raise PasskeyRefused


def _refusal(failure: Exception) -> PasskeyRefused:
    """Say no more than that; what parsing others' bytes may raise, the library does not list."""
    if isinstance(failure, PasskeyRefused):
        return failure
    log.info("passkey refused", reason=type(failure).__name__)
    return PasskeyRefused()


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(transport) for transport in each.transports],
        )
        for each in passkeys
    ]


def _as_json(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options
