"""Outgoing mail in PostgreSQL, from the change that asks for it until it is sent or given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.mail_schema import outgoing_mails
from authsvc.mail.rules import Letter, MailKind, StoredMail

# What a mail server says may be a page; the first words tell.
_LONGEST_FAILURE = 500


class MailStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, mail: StoredMail) -> bool:
        """Keep a mail that is to be sent; tells whether there was none of its id, which stands for its request."""
        letter = mail.letter
        with self._database.connection() as connection:
            made = connection.execute(
                insert(outgoing_mails)
                .values(
                    tenant_id=mail.tenant_id,
                    id=mail.id,
                    site_id=letter.site_id,
                    account_id=letter.account_id,
                    kind=letter.kind,
                    language=letter.language,
                    host=letter.host,
                    recipient=letter.recipient,
                    words=dict(letter.words),
                    sealed=mail.sealed,
                    put_at=mail.put_at,
                    good_until=letter.good_until,
                )
                .on_conflict_do_nothing()
                .returning(outgoing_mails.c.id)
            ).first()
        return made is not None

    def claim(
        self, tenant_id: int, mail_id: UUID, now: datetime, until: datetime
    ) -> StoredMail | None:
        """Return a mail that nobody else is sending, and keep others from it `until` then; None where there is none."""
        with self._database.connection() as connection:
            row = connection.execute(
                update(outgoing_mails)
                .where(
                    self._waiting(tenant_id, mail_id),
                    or_(
                        outgoing_mails.c.claimed_until.is_(None),
                        outgoing_mails.c.claimed_until <= now,
                    ),
                )
                .values(claimed_until=until)
                .returning(outgoing_mails)
            ).one_or_none()
        return None if row is None else _mail(row)

    def is_waiting(self, tenant_id: int, mail_id: UUID) -> bool:
        """Tell whether a mail is neither sent nor given up."""
        query = select(outgoing_mails.c.id).where(self._waiting(tenant_id, mail_id))
        with self._database.connection() as connection:
            return connection.execute(query).first() is not None

    def release(self, tenant_id: int, mail_id: UUID, failure: str) -> None:
        """Let others have a mail that could not be sent, and say why."""
        self._update(tenant_id, mail_id, claimed_until=None, failure=failure[:_LONGEST_FAILURE])

    def note_sent(self, tenant_id: int, mail_id: UUID, now: datetime) -> None:
        """Keep that a mail was handed over; what was secret in it goes."""
        self._update(tenant_id, mail_id, sent_at=now, sealed=None, failure=None)

    def give_up(self, tenant_id: int, mail_id: UUID, now: datetime, why: str) -> None:
        """Keep that a mail will not be sent, and why; what was secret in it goes."""
        self._update(
            tenant_id, mail_id, given_up_at=now, sealed=None, failure=why[:_LONGEST_FAILURE]
        )

    def count_since(self, tenant_id: int, account_id: int, kind: MailKind, since: datetime) -> int:
        """Return how many mails of a kind were put for an account since then."""
        query = (
            select(func.count())
            .select_from(outgoing_mails)
            .where(
                outgoing_mails.c.tenant_id == tenant_id,
                outgoing_mails.c.account_id == account_id,
                outgoing_mails.c.kind == kind,
                outgoing_mails.c.put_at > since,
            )
        )
        with self._database.connection() as connection:
            return int(connection.execute(query).scalar_one())

    def purge(self, before: datetime) -> int:
        """Delete mails that were sent or given up before that moment, of whichever tenant; returns how many."""
        ended = func.coalesce(outgoing_mails.c.sent_at, outgoing_mails.c.given_up_at)
        with self._database.connection() as connection:
            return connection.execute(delete(outgoing_mails).where(ended < before)).rowcount

    def _waiting(self, tenant_id: int, mail_id: UUID) -> ColumnElement[bool]:
        return and_(
            outgoing_mails.c.tenant_id == tenant_id,
            outgoing_mails.c.id == mail_id,
            outgoing_mails.c.sent_at.is_(None),
            outgoing_mails.c.given_up_at.is_(None),
        )

    def _update(self, tenant_id: int, mail_id: UUID, **values: object) -> None:
        with self._database.connection() as connection:
            connection.execute(
                update(outgoing_mails).where(self._waiting(tenant_id, mail_id)).values(**values)
            )


def _mail(row: Row[Any]) -> StoredMail:
    letter = Letter(
        MailKind(row.kind),
        row.site_id,
        row.host,
        row.account_id,
        row.recipient,
        row.language,
        row.good_until,
        row.words,
    )
    return StoredMail(row.tenant_id, row.id, letter, bytes(row.sealed), row.put_at)
