"""What the worker does with one mail: write it, hand it over, and keep that it did.

A mail is handed over once. The one gap that no sender can close: a server that has taken the message, and a worker (or
its connection to the server or to PostgreSQL) that ends before this is written down. Then the mail is handed over anew,
the same to the last byte, Message-ID and link included (docs/mail.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from authsvc.infra.database import DatabaseUnavailable
from authsvc.mail.composing import compose, on_the_wire
from authsvc.mail.rules import CLAIM, StoredMail, link
from authsvc.mail.smtp import HandoverFailed, RecipientRefused
from authsvc.mail.wording import wording

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from authsvc.infra.clock import Clock
    from authsvc.mail.service import Mails
    from authsvc.regrouping.site_store import SiteDetails

log = structlog.get_logger(__name__)

# How long PostgreSQL may be away, in pauses, while it is written down that a mail was handed over (seconds).
_PAUSES = (1, 2, 4, 8, 16)


class NotSentYet(Exception):
    """The mail could not be handed over, or somebody else is at it: the queue tries again."""


class Handover(Protocol):
    """What takes messages."""

    def hand_over(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Take one; raises `HandoverFailed` or `RecipientRefused`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The use case.

    `site`: (tenant, site) → the site as it is now. `site_address`: how sites are reached, such as `https://{host}`.
    """

    mails: Mails
    site: Callable[[int, int], SiteDetails | None]
    handover: Handover
    sender: str
    site_address: str
    clock: Clock

    def deliver(self, tenant_id: int, mail_id: UUID) -> None:
        """Send a mail that waits, or see that it is sent already; raises `NotSentYet`."""
        store, now = self.mails.store, self.clock()
        mail = store.claim(tenant_id, mail_id, now, now + CLAIM)
        if mail is None:
            if store.is_waiting(tenant_id, mail_id):
                raise NotSentYet("another worker is at it")
            return
        told = log.bind(tenant_id=tenant_id, mail_id=str(mail_id), kind=mail.letter.kind.value)
        if now >= mail.letter.good_until:
            store.give_up(tenant_id, mail_id, now, "too late")
            told.warning("mail_given_up", reason="too late")
            return
        try:
            message = self._message(mail)
            self.handover.hand_over(message, self.sender, on_the_wire(mail.letter.recipient))
        except RecipientRefused as refusal:
            store.give_up(tenant_id, mail_id, self.clock(), str(refusal))
            told.warning("mail_given_up", reason=str(refusal)[:3])
        except HandoverFailed as failure:
            store.release(tenant_id, mail_id, str(failure))
            # What a server answers may repeat the address; its code, or the error's name, tells enough.
            told.warning("mail_not_sent", reason=str(failure).partition(" ")[0])
            raise NotSentYet(type(failure).__name__) from None
        else:
            self._note_sent(tenant_id, mail_id)
            told.info("mail_sent")

    def _message(self, mail: StoredMail) -> EmailMessage:
        letter = mail.letter
        site = self.site(mail.tenant_id, letter.site_id)
        if site is None or letter.host not in site.hosts:
            # A link leads to a host of the site, or nowhere: this one was taken from it meanwhile.
            raise RecipientRefused("the site has lost the host that the link leads to")
        values: Mapping[str, str] = {**letter.words, **self.mails.secrets(mail)}
        written = wording(
            letter.kind,
            letter.language,
            shop=site.logo_text or site.name,
            accent=site.accent_color,
            address=link(letter.kind, self.site_address, letter.host, values),
            values=values,
        )
        return compose(
            written,
            mail_id=mail.id,
            put_at=mail.put_at,
            shop=site.name,
            sender=self.sender,
            recipient=letter.recipient,
        )

    def _note_sent(self, tenant_id: int, mail_id: UUID) -> None:
        for pause in _PAUSES:
            try:
                self.mails.store.note_sent(tenant_id, mail_id, self.clock())
            except DatabaseUnavailable:
                sleep(pause)
            else:
                return
        self.mails.store.note_sent(tenant_id, mail_id, self.clock())
