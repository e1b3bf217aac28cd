"""Codes by e-mail: made, mailed, and compared ([K] 2.6).

A code exists once its mail is put, and not before: however often somebody asks, there are as many codes to guess as
mails were sent to the account, and a name without account never has any.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog

from authsvc.accounts.rules import CustomerAccount
from authsvc.callers import Caller
from authsvc.errors import TooMany
from authsvc.mail.rules import MailKind, host_for
from authsvc.second_factor.pending import CODE_LIFETIME, CODE_SECONDS, PendingSignIn
from authsvc.second_factor.rules import Factor

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.customer_sets.directory import Directory
    from authsvc.customer_sets.rules import Site
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.mail.letters import Letters
    from authsvc.mail.service import Mails
    from authsvc.second_factor.pending_store import PendingStore

log = structlog.get_logger(__name__)

_DIGITS = 6
# Codes mailed to one account within an hour. With three tries each it takes two and a half years of guessing to
# have an even chance; more would fill somebody's mailbox.
MOST_CODES = 10
# Of them these are kept for who has shown the password: no stranger, who asks for codes in its place, uses them up.
KEPT_FOR_PASSWORD = 5
WITHIN = timedelta(hours=1)


class TooManyCodes(TooMany):
    """So many codes were asked for that the account gets none for a while."""

    def __init__(self) -> None:
        """Say how long it takes at the most."""
        super().__init__(
            "Too many codes were asked for. Try again in an hour.",
            retry_after_seconds=int(WITHIN.total_seconds()),
        )


@dataclass(frozen=True, slots=True)
class EmailCodes:
    """The use cases."""

    pending: PendingStore
    mails: Mails
    letters: Letters
    accounts: Accounts
    directory: Directory
    transaction: Transaction
    clock: Clock
    # What is compared with where there is no code, in as much time.
    _nobodys: list[bytes] = field(default_factory=list, repr=False)

    def send(self, caller: Caller, pending: PendingSignIn) -> None:
        """Mail a code for a sign-in that waits; where it waits for something else there is nothing to mail.

        Raises `NoMail`, `SiteHasNoHost`, `TooManyCodes`.
        """
        if Factor.EMAIL_CODE not in pending.factors or pending.account_id is None:
            return
        self.mails.ensure_offered()
        site = self.directory.site(caller.tenant_id, pending.site_id)
        with self.transaction():
            account = self.accounts.held(caller.tenant_id, pending.account_id)
            request_id = uuid4()
            self.pending.ask(caller.tenant_id, pending.digest, request_id)
            if not self.put(account, site, request_id, password_known=bool(pending.methods)):
                raise TooManyCodes

    def put(
        self, account: CustomerAccount, site: Site, request_id: UUID, *, password_known: bool
    ) -> bool:
        """Within a transaction that holds the account, mail a code for a request; False after too many.

        `password_known`: whoever asks has shown the password, which the mail says to who has not, and for whom some of
        the codes are kept.
        """
        now = self.clock()
        mailed = self.mails.store.count_since(
            account.tenant_id, account.id, MailKind.SIGN_IN_CODE, now - WITHIN
        )
        if mailed >= (MOST_CODES if password_known else MOST_CODES - KEPT_FOR_PASSWORD):
            log.warning("too_many_codes", tenant_id=account.tenant_id, account_id=account.id)
            return False
        if account.email_address is None:
            return False
        code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
        good_until = now + CODE_LIFETIME
        sealed = self.mails.encryption.encrypt(code.encode())
        if self.pending.set_code(account.tenant_id, request_id, account.id, sealed, good_until):
            letter = self.letters.to(
                account,
                MailKind.SIGN_IN_CODE,
                site.id,
                host_for(site.id, site.hosts),
                account.email_address,
                good_until,
                {
                    "minutes": str(CODE_SECONDS // 60),
                    "password_known": "yes" if password_known else "",
                },
                {"code": code},
            )
            self.mails.put(account.tenant_id, letter, request_id)
        return True

    def is_right(self, pending: PendingSignIn, typed: str) -> bool:
        """Tell whether what was typed is the code of a sign-in; it takes as long where there is none."""
        sealed = pending.code or self._of_nobody()
        kept = self.mails.encryption.decrypt(sealed)
        same = hmac.compare_digest(kept, "".join(typed.split()).encode("utf-8", "replace"))
        good_until = pending.code_good_until
        return same and good_until is not None and self.clock() < good_until

    def _of_nobody(self) -> bytes:
        if not self._nobodys:
            self._nobodys.append(self.mails.encryption.encrypt(b"-" * _DIGITS))
        return self._nobodys[0]
