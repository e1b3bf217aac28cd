"""An authenticator made of software: keys, counters and flags as a test wants them, wrong ones too."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

# Web Authentication, Level 3, §6.1: the bits of the flags.
PRESENT, VERIFIED, MAY_BE_BACKED_UP, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def encoded(value: bytes) -> str:
    """Return bytes as browsers write them into JSON."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Return bytes as browsers read them from JSON."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey on one device; `counts`: whether it tells how often it signed."""

    origin: str
    counts: bool = False
    flags: int = PRESENT | VERIFIED | MAY_BE_BACKED_UP | BACKED_UP
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: bytes | None = None
    # What a page that lies would have been asked for; None: what it was asked for.
    relying_party: str | None = None

    def make(self, options: dict[str, Any], **said: object) -> dict[str, Any]:
        """Answer `navigator.credentials.create`; `said`: more of what the browser says of the page."""
        self.handle = decoded(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"], said)
        numbers = self.key.public_key().public_numbers()
        public_key = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        attested = (
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + cbor2.dumps(public_key)
        )
        data = self._data(options["rp"]["id"], self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=encoded(client_data),
            attestationObject=encoded(attestation),
            transports=["internal", "hybrid"],
        )

    def show(self, options: dict[str, Any], **said: object) -> dict[str, Any]:
        """Answer `navigator.credentials.get`; `said` as above."""
        if self.counts:
            self.sign_count += 1
        client_data = self._client_data("webauthn.get", options["challenge"], said)
        data = self._data(options["rpId"], self.flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            userHandle=encoded(self.handle) if self.handle else None,
        )

    def _client_data(self, kind: str, challenge: str, said: dict[str, object]) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | said).encode()

    def _data(self, relying_party: str, flags: int) -> bytes:
        domain = self.relying_party or relying_party
        return (
            hashlib.sha256(domain.encode()).digest()
            + bytes([flags])
            + self.sign_count.to_bytes(4, "big")
        )

    def _answer(self, **response: object) -> dict[str, Any]:
        name = encoded(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
