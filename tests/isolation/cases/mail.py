"""Questions about outgoing mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from authsvc.mail.rules import MailKind
from tests.isolation.world import MAIL_ID, Case, stacys_mail

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

CASES: dict[str, Case] = {
    "MailStore.add": lambda w, tenant, _: w.services.mails.store.add(
        stacys_mail(tenant, w.merchant.site("Mystic Sports"), w.account.id, UUID(int=78))
    ),
    "MailStore.claim": lambda w, tenant, _: w.services.mails.store.claim(
        tenant, MAIL_ID, w.now, w.now + timedelta(minutes=1)
    ),
    "MailStore.is_waiting": lambda w, tenant, _: w.services.mails.store.is_waiting(tenant, MAIL_ID),
    "MailStore.release": lambda w, tenant, _: w.services.mails.store.release(
        tenant, MAIL_ID, "450 busy"
    ),
    "MailStore.note_sent": lambda w, tenant, _: w.services.mails.store.note_sent(
        tenant, MAIL_ID, w.now
    ),
    "MailStore.give_up": lambda w, tenant, _: w.services.mails.store.give_up(
        tenant, MAIL_ID, w.now, "550 nobody here"
    ),
    "MailStore.count_since": lambda w, tenant, _: w.services.mails.store.count_since(
        tenant, w.account.id, MailKind.PASSWORD_RESET, _LONG_AGO
    ),
}
