"""Outgoing mail, connected: for whoever puts mails, and for the worker that sends them."""

from __future__ import annotations

from functools import partial

from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.job_queue import JobQueue, Task
from authsvc.mail.delivery import Delivery, Handover
from authsvc.mail.rules import NoMail
from authsvc.mail.service import Mails
from authsvc.mail.smtp import Smtp
from authsvc.mail.store import MailStore
from authsvc.mail_server import MailServer
from authsvc.regrouping.site_store import SiteStore
from authsvc.settings import Settings


def connect_mail(settings: Settings, database: Database, clock: Clock) -> Mails:
    """Connect what puts mails."""
    return Mails(
        MailStore(database),
        settings.encryption,
        partial(JobQueue(database).put, Task.SEND_MAIL),
        clock,
        is_offered=settings.smtp_url is not None,
    )


def connect_delivery(
    settings: Settings, database: Database, mails: Mails, handover: Handover | None = None
) -> Delivery:
    """Connect what sends them, to the mail server of the settings unless another is given; raises `NoMail`."""
    if settings.smtp_url is None or settings.mail_from is None:
        raise NoMail
    server = MailServer.of_url(settings.smtp_url.get_secret_value())
    return Delivery(
        mails,
        SiteStore(database).site,
        handover or Smtp(server),
        settings.mail_from,
        settings.site_address,
        mails.clock,
    )
