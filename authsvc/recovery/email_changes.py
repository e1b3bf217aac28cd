"""Another e-mail address: confirmed at the new one, told to the old one, and taken back from there if need be.

The address is what a password is reset by, so whoever changes it has the account. Nothing changes before the new
mailbox has confirmed; and the old one can undo it for two weeks, even if the account has been taken over by then.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount, EmailAddressTaken, UsernameTaken
from authsvc.accounts.usernames import EmailAddress
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import Invalid, TooMany
from authsvc.mail.rules import MailKind, SiteHasNoHost, host_for
from authsvc.recovery.rules import (
    MOST_RESETS,
    RESETS_WITHIN,
    AddressTakenMeanwhile,
    LinkRefused,
    Purpose,
)
from authsvc.sessions.rules import EndReason

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.service import Credentials
    from authsvc.infra.database import Transaction
    from authsvc.recovery.links import Links
    from authsvc.recovery.verification import EmailVerification
    from authsvc.second_factor.authenticator_apps import AuthenticatorApps
    from authsvc.sessions.service import Sessions

# Random bytes of a password that nobody knows.
_NOBODYS_BYTES = 32
# An address that goes takes with it every link that was mailed there or asked for from there.
_OF_THE_ADDRESS = frozenset(
    {
        Purpose.PASSWORD_RESET,
        Purpose.INVITATION,
        Purpose.EMAIL_VERIFICATION,
        Purpose.EMAIL_CHANGE,
    }
)


class TooManyEmailChanges(TooMany):
    """The account has asked for so many changes within an hour that it must wait."""

    def __init__(self) -> None:
        """Say for how long."""
        seconds = int(RESETS_WITHIN.total_seconds())
        super().__init__(
            "Too many changes were asked for. Try again in an hour.", retry_after_seconds=seconds
        )


@dataclass(frozen=True, slots=True)
class EmailChanges:
    """The use cases."""

    links: Links
    verification: EmailVerification
    credentials: Credentials
    sessions: Sessions
    apps: AuthenticatorApps
    trail: AuditTrail
    transaction: Transaction
    # Of an account that somebody had taken over.
    forget_passkeys: Callable[[Caller, CustomerAccount], None]

    def request(
        self, caller: Caller, account_id: int, new: str, password: str, host: str | None = None
    ) -> None:
        """Mail a link to the `new` address; the account keeps its own until the link is opened.

        A shopper says their password once more. Raises `Invalid`, `EmailAddressTaken`, `NoMail`, `SiteHasNoHost`,
        `UnknownAccount`, `NoLogin`, `WrongPassword`, `TooManyFailures`, `TooManyEmailChanges`, `HashingBusy`.
        """
        self.links.mails.ensure_offered()
        wanted = EmailAddress.parse(new)
        since = self.credentials.confirm_password(caller, account_id, password)
        with self.transaction():
            account = self.links.accounts.held(caller.tenant_id, account_id)
            self.credentials.hold_confirmed(caller.tenant_id, account_id, since)
            if wanted.key == account.email_key:
                raise Invalid("emailAddress", "This is your address already.")
            self.links.accounts.ensure_identifiers_free(
                account.tenant_id, account.customer_set, None, wanted.key, besides=account.id
            )
            mailed = self.links.mails.store.count_since(
                account.tenant_id,
                account.id,
                MailKind.EMAIL_CHANGE,
                self.links.clock() - RESETS_WITHIN,
            )
            if mailed >= MOST_RESETS:
                # To whichever addresses: nobody is to mail strangers by it.
                raise TooManyEmailChanges
            site = self.links.directory.fresh_site(caller.tenant_id, caller.site())
            self.links.store.void(account.tenant_id, account.id, frozenset({Purpose.EMAIL_CHANGE}))
            self.links.mail(
                account,
                Purpose.EMAIL_CHANGE,
                MailKind.EMAIL_CHANGE,
                site.id,
                host_for(site.id, site.hosts, host),
                to=wanted.as_typed,
            )
            self.trail.note(caller, "account.email_change_requested", f"account:{account.id}")

    def confirm(self, caller: Caller, token: str) -> CustomerAccount:
        """Give the account the address that the link was mailed to, and tell the old one how to take that back.

        Raises `LinkRefused`, or `EmailAddressTaken` if somebody signed up with the address meanwhile.
        """
        with self.transaction():
            account, link = self.links.take(caller.tenant_id, token, Purpose.EMAIL_CHANGE)
            old = account.email_address
            changed = self._readdress(caller, account, link.email_address)
            self.verification.prove(changed, link.email_address)
            if old is not None:
                self._tell(account, old, link.site_id)
        return changed

    def undo(self, caller: Caller, token: str) -> CustomerAccount:
        """Give the account back the address that the link was mailed to; whoever took it over is out.

        Everybody is signed out, passkeys are gone and so is an authenticator app that was set up since, the password is
        nobody's any more, and a link to a new one is mailed to the address.
        Where another account has the address or the name by now, as whoever took this one over may have seen to, this
        one is closed as well and staff find out by its trail: that stays done although `AddressTakenMeanwhile` is
        raised. Raises `LinkRefused` or `HashingBusy`.
        """
        self.links.look(caller.tenant_id, token, Purpose.EMAIL_UNDO)
        # Outside of the transaction, as for every hash.
        nobodys = self.credentials.passwords.hashing.hash(secrets.token_hex(_NOBODYS_BYTES))
        with self.transaction():
            account, link = self.links.take(caller.tenant_id, token, Purpose.EMAIL_UNDO)
            try:
                changed = self._readdress(caller, account, link.email_address)
                is_back = True
            except (EmailAddressTaken, UsernameTaken):
                # Refused before anything is written.
                changed, is_back = account, False
            self.links.store.void(account.tenant_id, account.id, frozenset(Purpose))
            self.sessions.end_all(account.tenant_id, account.id, EndReason.PASSWORD_CHANGED)
            self.forget_passkeys(caller, changed)
            self.apps.forget_since(caller, changed, link.made_at)
            if changed.has_login:
                # Whoever knew the old one could else change it, and sign in by that.
                self.credentials.shut(caller, account.id, nobodys)
            if not is_back:
                # Its mail goes to whoever took it over: no link may open it either.
                self.links.accounts.disable(_nobodys(caller), account.id)
            elif changed.has_login:
                site = self.links.directory.fresh_site(caller.tenant_id, link.site_id)
                self.links.mail(
                    changed,
                    Purpose.PASSWORD_RESET,
                    MailKind.PASSWORD_RESET,
                    site.id,
                    host_for(site.id, site.hosts),
                )
            self.trail.note(
                caller,
                "account.email_change_undone" if is_back else "account.email_change_undo_failed",
                f"account:{account.id}",
                [Change("password", None, None)],
            )
        if not is_back:
            raise AddressTakenMeanwhile
        return changed

    def _readdress(self, caller: Caller, account: CustomerAccount, address: str) -> CustomerAccount:
        """Change the address, and the username with it where that is the address."""
        wanted = {"email_address": address}
        if account.username_key is not None and account.username_key == account.email_key:
            wanted["username"] = address
        self.links.store.void(account.tenant_id, account.id, _OF_THE_ADDRESS)
        return self.links.accounts.update(_nobodys(caller), account.id, wanted)

    def _tell(self, account: CustomerAccount, old: str, site_id: int) -> None:
        site = self.links.directory.fresh_site(account.tenant_id, site_id)
        try:
            host = host_for(site.id, site.hosts)
        except SiteHasNoHost:
            raise LinkRefused from None
        self.links.mail(
            account, Purpose.EMAIL_UNDO, MailKind.EMAIL_CHANGE_NOTICE, site.id, host, to=old
        )


def _nobodys(caller: Caller) -> Caller:
    """Return who opens a link: nobody's session. What a shopper may not change by themselves, the link may."""
    return Caller(
        caller.tenant_id,
        caller.site_id,
        remote_address=caller.remote_address,
        correlation_id=caller.correlation_id,
    )
