"""How an application proves who it is, and what is done with applications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from authsvc import tokens
from authsvc.applications.rules import (
    ACCESS_LIFETIME,
    LONGEST_OVERLAP,
    OVERLAP,
    REFRESH_LIFETIME,
    Application,
    ApplicationSecret,
    ApplicationTicket,
    BadApplicationCredentials,
    SecretsOverlap,
    UnknownApplication,
    UnknownRefreshToken,
    new_client_id,
    new_shared_secret,
    secret_digest,
    tenant_of,
)
from authsvc.audit.rules import Change
from authsvc.callers import BadTicket, Behavior, Caller
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid
from authsvc.tokens import Audience

if TYPE_CHECKING:
    from authsvc.applications.records import ApplicationRecords
    from authsvc.applications.store import ApplicationStore
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class Applications:
    """The use cases; each is one transaction."""

    store: ApplicationStore
    records: ApplicationRecords
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def create(
        self,
        caller: Caller,
        name: str,
        behaviors: Iterable[Behavior],
        site_ids: frozenset[int] | None = None,
    ) -> tuple[Application, str]:
        """Create an application of the caller's tenant; returns it and its secret, which is shown only now.

        `site_ids`: the only sites it may act on; None: on all. Raises `UnknownSite`.
        """
        shared_secret = new_shared_secret()
        application = Application(
            caller.tenant_id,
            new_client_id(caller.tenant_id),
            name,
            (ApplicationSecret(secret_digest(shared_secret), self.clock()),),
            frozenset(behaviors),
            True,
            self.clock(),
            site_ids,
        )
        with self.transaction():
            self._ensure_sites(caller.tenant_id, site_ids)
            self.store.add(application)
            self.trail.note(
                caller,
                "application.created",
                f"application:{application.client_id}",
                [
                    Change("name", None, name),
                    Change("behaviors", None, sorted(application.behaviors)),
                    *([] if site_ids is None else [Change("sites", None, sorted(site_ids))]),
                ],
            )
        return application, shared_secret

    def applications(self, tenant_id: int) -> list[Application]:
        """List the tenant's applications."""
        return self.store.applications(tenant_id)

    def remove(self, caller: Caller, client_id: str) -> None:
        """Delete an application; its tickets end everywhere within a second. Raises `UnknownApplication`."""
        with self.transaction():
            if self.store.application(caller.tenant_id, client_id, for_update=True) is None:
                raise UnknownApplication(f"There is no application {client_id!r}.")
            self.records.distrust(caller.tenant_id, self.store.remove(caller.tenant_id, client_id))
            self.trail.note(caller, "application.removed", f"application:{client_id}")

    def bind(self, caller: Caller, client_id: str, site_ids: frozenset[int] | None) -> Application:
        """Say which sites an application may act on (None: all), in force everywhere within a second; returns it.

        Raises `UnknownApplication`, `UnknownSite`, or `Invalid` for no site at all.
        """
        if site_ids is not None and not site_ids:
            raise Invalid("site", "Name at least one site; to keep it from all, remove it.")
        tenant_id = caller.tenant_id
        with self.transaction():
            application = self.store.application(tenant_id, client_id, for_update=True)
            if application is None:
                raise UnknownApplication(f"There is no application {client_id!r}.")
            self._ensure_sites(tenant_id, site_ids)
            if site_ids != application.site_ids:
                self.records.distrust(tenant_id, self.store.bind(tenant_id, client_id, site_ids))
                old, new = (
                    None if each is None else sorted(each)
                    for each in (application.site_ids, site_ids)
                )
                self.trail.note(
                    caller,
                    "application.bound",
                    f"application:{client_id}",
                    [Change("sites", old, new)],
                )
        return replace(application, site_ids=site_ids)

    def _ensure_sites(self, tenant_id: int, site_ids: frozenset[int] | None) -> None:
        if site_ids is None:
            return
        unknown = site_ids - self.store.sites_among(tenant_id, site_ids)
        if unknown:
            raise UnknownSite(f"There is no site {min(unknown)}.")

    def rotate_secret(
        self, caller: Caller, client_id: str, overlap: timedelta = OVERLAP
    ) -> tuple[datetime, str]:
        """Give an application a new secret; returns until when the old one is good, and the new one, shown only now.

        With an overlap of zero the old secrets end now, and every ticket handed out for them with them, as after a
        theft. Otherwise their tickets end when they do; access tokens last up to `ACCESS_LIFETIME` longer.
        Raises `UnknownApplication`, `Invalid`, and `SecretsOverlap` while two are good already.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise Invalid(
                "overlap", f"must be from 0 to {LONGEST_OVERLAP // timedelta(hours=1)} hours"
            )
        shared_secret, now = new_shared_secret(), self.clock()
        ends = now + overlap
        with self.transaction():
            application = self.store.application(caller.tenant_id, client_id, for_update=True)
            if application is None:
                raise UnknownApplication(f"There is no application {client_id!r}.")
            for secret in application.secrets:
                if not overlap:
                    void = self.store.remove_secret(caller.tenant_id, client_id, secret.digest)
                    self.records.distrust(caller.tenant_id, void)
                elif secret.expires_at is None:
                    self.store.end_secret(caller.tenant_id, client_id, secret.digest, ends)
                elif secret.is_good(now):
                    raise SecretsOverlap(secret.expires_at)
            new = ApplicationSecret(secret_digest(shared_secret), now)
            self.store.add_secret(caller.tenant_id, client_id, new)
            self.trail.note(
                caller,
                "application.secret_rotated",
                f"application:{client_id}",
                [Change("oldSecretGoodUntil", None, ends.isoformat())],
            )
        return ends, shared_secret

    def proven(self, client_id: str, shared_secret: str) -> Application:
        """Return the active application with this id, and this secret only; raises `BadApplicationCredentials`."""
        tenant_id = tenant_of(client_id)
        application = None if tenant_id is None else self.store.application(tenant_id, client_id)
        secret = application.accepts(shared_secret, self.clock()) if application else None
        if application is None or secret is None:
            raise _bad_credentials()
        return replace(application, secrets=(secret,))

    def authenticate(
        self, client_id: str, shared_secret: str, refresh_token: str | None = None
    ) -> ApplicationTicket:
        """Exchange client id and shared secret for a ticket; raises `BadApplicationCredentials`.

        `refresh_token`: of an earlier ticket; the new one keeps it if it is the application's and still good. It
        never makes up for a wrong secret (RFC 6749 §6), so that a renewed secret shuts the old one's holders out.
        """
        application = self.proven(client_id, shared_secret)
        kept = self._holder(refresh_token) if refresh_token else None
        if refresh_token and kept and kept[0].client_id == application.client_id:
            return self._continue(application, refresh_token, kept[1])
        return self._issue(application)

    def refresh(self, refresh_token: str) -> ApplicationTicket:
        """Exchange a refresh token for a ticket that keeps it; raises `UnknownRefreshToken`."""
        found = self._holder(refresh_token)
        if found is None:
            raise UnknownRefreshToken(
                "This refresh token is not or no longer good. Authenticate with client id and shared secret."
            )
        application, refresh_expires_at = found
        return self._continue(application, refresh_token, refresh_expires_at)

    def give_up(self, refresh_token: str) -> None:
        """End a ticket's refresh token; raises `UnknownRefreshToken`."""
        token = tokens.reference(refresh_token, Audience.APPLICATION)
        if token is None or not self.store.remove_token(token, "refresh"):
            raise UnknownRefreshToken("There is no ticket with this refresh token.")

    def identify(self, access_token: str) -> Application:
        """Return the application whose access token this is; raises `BadTicket`."""
        token = tokens.reference(access_token, Audience.APPLICATION)
        application = None if token is None else self.records.application_of_access_token(token)
        if application is None:
            raise BadTicket(
                "The application's ticket is not or no longer good. Authenticate again."
            )
        return application

    def _holder(self, refresh_token: str) -> tuple[Application, datetime] | None:
        """Return the application whose refresh token this is, and when it runs out, if it is still good."""
        token = tokens.reference(refresh_token, Audience.APPLICATION)
        found = None if token is None else self.store.application_of_token(token, "refresh")
        now = self.clock()
        if found is None or not found[0].is_active or found[1] <= now:
            return None
        return found if found[0].secrets[0].is_good(now) else None

    def _continue(
        self, application: Application, refresh_token: str, refresh_expires_at: datetime
    ) -> ApplicationTicket:
        """Give a new access token beside the refresh token there is.

        The refresh token keeps its value and its end: the vendor's client goes on sending the one it has, and
        falls silent when a refresh fails ([K] 7, I-259).
        """
        return replace(
            self._issue(application, with_refresh=False),
            refresh_token=refresh_token,
            refresh_expires_at=refresh_expires_at,
        )

    def _issue(self, application: Application, *, with_refresh: bool = True) -> ApplicationTicket:
        now = self.clock()
        ticket = ApplicationTicket(
            tokens.new_token(application.tenant_id, Audience.APPLICATION),
            now + ACCESS_LIFETIME,
            tokens.new_token(application.tenant_id, Audience.APPLICATION),
            now + REFRESH_LIFETIME,
        )
        kept = [("access", ticket.access_token, ticket.access_expires_at)]
        if with_refresh:
            kept.append(("refresh", ticket.refresh_token, ticket.refresh_expires_at))
        with self.transaction():
            if not self.store.use_secret(
                application.tenant_id, application.client_id, application.secrets[0].digest, now
            ):
                # It was ended since it was looked at.
                raise _bad_credentials()
            for kind, token, expires_at in kept:
                self.store.add_token(
                    tokens.TokenReference(application.tenant_id, tokens.digest(token)),
                    application.client_id,
                    application.secrets[0].digest,
                    kind,
                    now,
                    expires_at,
                )
        return ticket


def _bad_credentials() -> BadApplicationCredentials:
    return BadApplicationCredentials(
        "Invalid Credentials: the client id and shared secret do not belong to an active application."
    )
