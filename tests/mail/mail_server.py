"""A real mail server for tests: aiosmtpd, over TLS if asked, which may be told to refuse."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "shop", "behind-the-counter"


@dataclass
class Taken:
    """What a server has taken, and how it answers: with the first of `answers` that is left, or gladly."""

    messages: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    starttls: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or refuse it."""
        if self.answers:
            return self.answers.pop(0)
        raw = envelope.original_content or b""
        self.raw.append(raw)
        self.messages.append(message_from_bytes(raw, policy=default))
        self.recipients += envelope.rcpt_tos
        self.starttls.append(session.ssl is not None)
        return "250 Taken"

    def text(self, index: int = -1) -> str:
        """Return the plain text of a message."""
        body = self.messages[index].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def html(self, index: int = -1) -> str:
        """Return the HTML of a message."""
        body = self.messages[index].get_body(("html",))
        assert body is not None
        return str(body.get_content())


@contextmanager
def mail_server(
    taken: Taken, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Run a server on a free port, which is given; with TLS of either kind it asks who is there."""
    secured = starttls is not None or tls is not None
    controller = _OnAFreePort(
        taken,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        auth_required=starttls is not None,
        auth_require_tls=starttls is not None,
        authenticator=_authenticate if secured else None,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    is_known = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=is_known, handled=False)


class _OnAFreePort(Controller):
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
