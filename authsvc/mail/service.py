"""Putting a mail into the transaction of what it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from authsvc.mail.rules import Letter, NoMail, StoredMail

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.fernet import MultiFernet

    from authsvc.infra.clock import Clock
    from authsvc.mail.store import MailStore


@dataclass(frozen=True, slots=True)
class Mails:
    """The use cases of whoever has something to tell by mail.

    `send`: (tenant, mail) has the worker send a mail once the open transaction is committed.
    """

    store: MailStore
    encryption: MultiFernet
    send: Callable[[int, UUID], None]
    clock: Clock
    # Whether the installation was told where to hand mail over.
    is_offered: bool

    def ensure_offered(self) -> None:
        """Raise `NoMail` where this installation sends none."""
        if not self.is_offered:
            raise NoMail

    def put(self, tenant_id: int, letter: Letter, request_id: UUID | None = None) -> UUID:
        """Within a transaction, have a mail sent; it is, if and only if that is committed.

        `request_id` stands for what asked for it: put twice for one request, it is sent once. Returns the mail's id.
        Raises `NoMail`.
        """
        self.ensure_offered()
        mail_id = request_id or uuid4()
        sealed = self.encryption.encrypt(json.dumps(dict(letter.secrets)).encode())
        if self.store.add(StoredMail(tenant_id, mail_id, letter, sealed, self.clock())):
            self.send(tenant_id, mail_id)
        return mail_id

    def secrets(self, mail: StoredMail) -> Mapping[str, str]:
        """Return what is secret in a mail on its way, for the worker that writes it."""
        opened: dict[str, str] = json.loads(self.encryption.decrypt(mail.sealed))
        return opened
