"""One question to a merchant's endpoint: TLS verified, no redirects, no other address than the one that was looked at.

An endpoint's name is resolved once, each of its addresses judged, and the connection made to a judged one, so that no
second answer of the name server leads elsewhere (SSRF, OWASP ASVS 5 V1.3.6, V15.3).
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from threading import Timer
from time import time
from urllib.parse import urlsplit

from authsvc.password_verifiers.rules import (
    LONGEST_ANSWER,
    SIGNATURE_HEADER,
    TIMEOUT_SECONDS,
    TIMESTAMP_HEADER,
    Question,
    Verifier,
    VerifierFailed,
    is_public,
    signature,
)

_HTTPS = 443


class _To(HTTPSConnection):
    """A connection to an address that was chosen, which shows a certificate for the name it was chosen for."""

    def __init__(self, name: str, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=TIMEOUT_SECONDS, context=context)
        self._address = address
        self._tls = context
        # Kept here too: the base class forgets it as soon as the head of the answer is read.
        self._reached: ssl.SSLSocket | None = None

    def connect(self) -> None:
        """Connect, and check the certificate against the name."""
        plain = socket.create_connection((self._address, self.port), TIMEOUT_SECONDS)
        # Known before it is done, so that a handshake without end can be broken off as well.
        self.sock = self._reached = self._tls.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self._reached.do_handshake()

    def break_off(self) -> None:
        """Let whoever waits for the endpoint wait no longer, though it still sends a byte now and then."""
        if self._reached is not None:
            with suppress(OSError):
                self._reached.shutdown(socket.SHUT_RDWR)


def ask(verifier: Verifier, question: Question) -> bool:
    """Return the endpoint's verdict; raises `VerifierFailed` for anything but a plain yes or no."""
    try:
        return _ask(verifier, question)
    except (OSError, HTTPException, ValueError) as failure:
        # Its kind alone: a text may repeat what was sent.
        raise VerifierFailed(type(failure).__name__) from None


def _ask(verifier: Verifier, question: Question) -> bool:
    parts = urlsplit(verifier.url)
    name, port = parts.hostname or "", parts.port or _HTTPS
    body = json.dumps(
        {
            "userName": question.username,
            "password": question.password,
            "externalPassword": question.external_password,
        }
    ).encode()
    now = str(int(time()))
    connection = _To(name, port, _address(verifier, name, port), _context(verifier))
    watch = Timer(TIMEOUT_SECONDS, connection.break_off)
    watch.daemon = True
    watch.start()
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body,
            {
                "Content-Type": "application/json",
                "Accept": "application/json",
                TIMESTAMP_HEADER: now,
                SIGNATURE_HEADER: signature(verifier.secret, now, body),
            },
        )
        with connection.getresponse() as answer:
            # A redirect is an answer like any other that is not 200.
            if answer.status != 200:
                raise VerifierFailed(f"status {answer.status}")
            said = answer.read(LONGEST_ANSWER + 1)
    finally:
        watch.cancel()
        connection.close()
    if len(said) > LONGEST_ANSWER:
        raise VerifierFailed("answer too long")
    verdict = json.loads(said)
    if not isinstance(verdict, dict) or not isinstance(verdict.get("isValid"), bool):
        raise VerifierFailed("answer is no verdict")
    return bool(verdict["isValid"])


def _address(verifier: Verifier, name: str, port: int) -> str:
    """Return the first address of the endpoint; every one it has must be allowed."""
    found = [str(place[4][0]) for place in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    if not verifier.in_own_network and not all(
        is_public(ipaddress.ip_address(address.partition("%")[0])) for address in found
    ):
        raise VerifierFailed("private address")
    return found[0]


def _context(verifier: Verifier) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=verifier.authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
