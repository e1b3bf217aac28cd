"""A shop with a host, in a queue where nothing else waits, and a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from authsvc.mail.rules import Letter, MailKind
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from tests.mail.mail_server import Taken, mail_server
from tests.mail.working import do_all_jobs, forget_jobs
from tests.merchants import Merchant


@dataclass(frozen=True)
class Post:
    """A merchant whose Mystic Sports answers at `host`, and what a mail server at `port` has taken."""

    services: Services
    merchant: Merchant
    host: str
    taken: Taken
    port: int

    @property
    def site_id(self) -> int:
        """Mystic Sports."""
        return self.merchant.site("Mystic Sports")

    def letter(self, **other: object) -> Letter:
        """Return a letter to Stacy about a new password, unless `other` says otherwise."""
        values: dict[str, object] = {
            "kind": MailKind.PASSWORD_RESET,
            "site_id": self.site_id,
            "host": self.host,
            "account_id": None,
            "recipient": "stacy@mail.com",
            "language": "en",
            "good_until": self.services.clock() + timedelta(hours=72),
            "words": {"first_name": "Stacy", "username": "stacy", "user_id": "u1", "hours": "72"},
            "secrets": {"token": "t0ken"},
        }
        return Letter(**{**values, **other})  # type: ignore[arg-type]

    def put(self, letter: Letter | None = None, request_id: UUID | None = None) -> UUID:
        """Put a letter, in a transaction of its own."""
        with self.services.database.transaction():
            return self.services.mails.put(
                self.merchant.tenant_id, letter or self.letter(), request_id
            )

    def work(self) -> None:
        """Do all that is to be done."""
        do_all_jobs(self.services, self.port)


@pytest.fixture(name="post")
def _post(services: Services, merchant: Merchant) -> Iterator[Post]:
    host = f"sports.{uuid4().hex[:8]}.example"
    services.sites.change(
        merchant.caller(),
        merchant.site("Mystic Sports"),
        SiteChange(hosts=[host], accent_color="#b3261e"),
    )
    forget_jobs(services)
    taken = Taken()
    with mail_server(taken) as port:
        yield Post(services, merchant, host, taken, port)
