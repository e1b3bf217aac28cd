"""From what a mail says to the message as it travels: the same to the last byte, however often it is made."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from uuid import UUID

from authsvc.accounts.usernames import EmailAddress
from authsvc.mail.wording import Wording


def compose(
    wording: Wording, *, mail_id: UUID, put_at: datetime, shop: str, sender: str, recipient: str
) -> EmailMessage:
    """Return the message of one request to send a mail.

    `sender`: the address all mails come from, here under the shop's name. Message-ID, date and boundary follow from the
    request, so that a mail that had to be handed over twice is one mail to whoever compares.
    """
    to = on_the_wire(recipient)
    message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    message["From"] = Address(shop, addr_spec=sender)
    message["To"] = to
    message["Subject"] = wording.subject
    message["Date"] = format_datetime(put_at)
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    # RFC 3834 §5: no vacation notice is wanted in return.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(wording.text)
    message.add_alternative(wording.html, subtype="html")
    message.set_boundary(f"authsvc-{mail_id.hex}")
    return message


def on_the_wire(address: str) -> str:
    """Return an address as SMTP carries it: the domain in A-labels, the local part as its owner writes it."""
    known = EmailAddress.parse(address)
    local = known.as_typed.rpartition("@")[0] or known.key.rpartition("@")[0]
    return f"{local}@{known.key.rpartition('@')[2]}"
