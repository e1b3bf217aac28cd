"""Handing a message over to a mail server: SMTP, with TLS and the server's certificate checked (RFC 8314, RFC 3207)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from authsvc.mail_server import MailServer

# For each word of the conversation; together they stay far below `mail.rules.CLAIM`.
ANSWER_SECONDS = 15
_FIRST_PERMANENT = 500


class HandoverFailed(Exception):
    """The server did not take the mail, or may not have; it is worth trying again."""


class RecipientRefused(Exception):
    """The server will never take this mail (RFC 5321 §4.2.1: 5yz): there is no such mailbox, say."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """Hands messages over, each in a conversation of its own. `trust`: whose certificates are believed."""

    server: MailServer
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def hand_over(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Return once the server has answered for the message; raises `HandoverFailed` or `RecipientRefused`."""
        try:
            conversation = self._connect()
        except (OSError, smtplib.SMTPException) as failure:
            raise HandoverFailed(_told(failure)) from failure
        try:
            conversation.send_message(message, sender, [recipient])
        except smtplib.SMTPRecipientsRefused as failure:
            code, answer = next(iter(failure.recipients.values()))
            raise _refusal(code, answer) from failure
        except smtplib.SMTPDataError as failure:
            raise _refusal(failure.smtp_code, failure.smtp_error) from failure
        except (OSError, smtplib.SMTPException) as failure:
            raise HandoverFailed(_told(failure)) from failure
        finally:
            # It has answered for the message or not; how the conversation ends is no matter.
            with suppress(OSError, smtplib.SMTPException):
                conversation.quit()
            conversation.close()

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.tls:
            conversation: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=ANSWER_SECONDS, context=self.trust
            )
        else:
            conversation = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        try:
            conversation.ehlo()
            if not server.tls and (not server.is_here or conversation.has_extn("starttls")):
                # Raises where the server offers none: a password or a link is never sent in clear.
                conversation.starttls(context=self.trust)
                conversation.ehlo()
            if server.user:
                conversation.login(server.user, server.password)
        except BaseException:
            conversation.close()
            raise
        return conversation


def _refusal(code: int, answer: bytes | str) -> Exception:
    told = f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    return RecipientRefused(told) if code >= _FIRST_PERMANENT else HandoverFailed(told)


def _told(failure: Exception) -> str:
    if isinstance(failure, smtplib.SMTPResponseException):
        # A refused login or sender is the operator's to mend, and the mail waits for that.
        answer = failure.smtp_error
        return f"{failure.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    return f"{type(failure).__name__}: {failure}"
