"""From what a request shows to who is calling: tenant, site, application and shopper ([K] A6, A7).

Tenant and site: the `x-vol-tenant` and `x-vol-site` headers first, else the host name, else (the tenant) the ticket.
A host is only asked about where the site is not said, so that a check that says it needs no look-up of names.
Application: `x-vol-app-claims`, or an application's ticket as Bearer. Shopper: `x-vol-user-claims`, or a shopper's
ticket as Bearer; access token and JWT count alike. A browser's cookie counts for the check and for signing out, and
for nothing else: whoever gets a browser to send a request could otherwise act for its shopper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_plus

from werkzeug.datastructures import Authorization

from authsvc import tokens
from authsvc.applications.rules import Application
from authsvc.callers import (
    BadTicket,
    Caller,
    NoTicket,
    Requires,
    Shopper,
    ShopperRole,
    acted_for_by,
)
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Forbidden, Invalid
from authsvc.sessions.jwt import JwtTickets, looks_like_jwt
from authsvc.sessions.rules import CheckedSession, NoSession, Refusal
from authsvc.tokens import Audience, TokenReference

if TYPE_CHECKING:
    from authsvc.applications.service import Applications
    from authsvc.customer_sets.directory import Directory
    from authsvc.sessions.service import Sessions

APPLICATION_HEADER = "x-vol-app-claims"
SHOPPER_HEADER = "x-vol-user-claims"
TENANT_HEADER = "x-vol-tenant"
SITE_HEADER = "x-vol-site"

# A 64-bit number's digits.
_MOST_DIGITS = 18


class Headers(Protocol):
    """A request's headers, by name without regard to case."""

    def get(self, key: str, default: str) -> str:
        """Return a header's value."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a request bears on who is calling."""

    headers: Headers
    host: str
    remote_address: str | None
    correlation_id: str | None
    # What the browser's cookie holds, and whether a page of this host has sent the request.
    cookie: str = ""
    from_own_page: bool = False


@dataclass(frozen=True, slots=True)
class Identified:
    """A proven caller, and by what: an application's ticket, a shopper's session, or both."""

    caller: Caller
    application: Application | None
    session: CheckedSession | None


@dataclass(frozen=True, slots=True)
class Identification:
    """Finds out who is calling and refuses who may not."""

    directory: Directory
    applications: Applications
    sessions: Sessions
    jwt: JwtTickets

    def caller(self, requires: Requires, shown: Shown) -> Caller:
        """Return the proven caller if they meet `requires`.

        Raises `NoTicket`, `BadTicket`, `NoSession` (401), `Forbidden`, `Invalid`, `UnknownSite`.
        """
        return self.identified(requires, shown).caller

    def identified(self, requires: Requires, shown: Shown) -> Identified:
        """Return what `caller` does, with what proved it; raises as it does."""
        bearer = _bearer(shown.headers)
        application = self._application(shown.headers, bearer)
        shopper_token = self._shopper_token(shown.headers, bearer)
        if shopper_token is None and requires.by_cookie and shown.from_own_page:
            shopper_token = _of_cookie(shown)
        tenant_id, site_id = self._place(shown, application, shopper_token)
        session = self._session(requires, shopper_token, tenant_id, site_id)
        caller = Caller(
            tenant_id,
            site_id,
            application.client_id if application else None,
            application.behaviors if application else frozenset(),
            None if session is None else _shopper(session),
            shopper_token is not None,
            shown.remote_address,
            shown.correlation_id,
            bound_to=application.site_ids if application else None,
        )
        requires.admit(caller)
        return Identified(caller, application, session)

    def application_token(self, headers: Headers) -> TokenReference | None:
        """Return what the application's ticket that a request shows is looked up by, if it shows one."""
        text = headers.get(APPLICATION_HEADER, "") or _bearer(headers)
        return tokens.reference(text, Audience.APPLICATION)

    def session(self, shown: Shown) -> CheckedSession:
        """Return the session that a request shows, on the site it names; raises `NoSession`."""
        token = self._shopper_token(shown.headers, _bearer(shown.headers)) or _of_cookie(shown)
        if token is None:
            raise NoSession(Refusal.UNKNOWN)
        tenant_id, site_id = self._place(shown, None, token)
        if tenant_id != token.tenant_id:
            raise NoSession(Refusal.UNKNOWN)
        return self.sessions.check(token, site_id)

    def application(self, shown: Shown) -> Application:
        """Return the application that calls by itself: by its ticket, or by id and secret in HTTP Basic.

        Raises `NoTicket`, `BadTicket`, `BadApplicationCredentials`.
        """
        basic = Authorization.from_header(shown.headers.get("Authorization", ""))
        if basic is not None and basic.type == "basic":
            # RFC 6749 §2.3.1: both are form-encoded first, which changes nothing in those we give out.
            return self.applications.proven(
                unquote_plus(basic.username or ""), unquote_plus(basic.password or "")
            )
        application = self._application(shown.headers, _bearer(shown.headers))
        if application is None:
            raise NoTicket("Send the application's ticket, or its id and secret by HTTP Basic.")
        return application

    def introspected(self, shown: Shown, text: str, site_id: int | None) -> CheckedSession:
        """Return the session that a token shows to the application which calls, if it is good on the site.

        `site_id` None: the site that the request names. Raises as `application` does, `NoSession` and `UnknownSite`.
        """
        application = self.application(shown)
        tenant_id = application.tenant_id
        named_tenant, named_site = self.named_place(shown)
        site = named_site if site_id is None else site_id
        if application.site_ids is not None and site not in application.site_ids:
            # On no site of the application's is it good, as far as the application is concerned.
            raise NoSession(Refusal.UNKNOWN)
        token = self.shown_token(text)
        if token is None or {token.tenant_id, named_tenant or tenant_id} != {tenant_id}:
            raise NoSession(Refusal.UNKNOWN)
        return self.sessions.check(token, site)

    def shown_token(self, text: str) -> TokenReference | None:
        """Return what a shopper's token is looked up by, ticket's, JWT or cookie's; None for any other text."""
        if looks_like_jwt(text):
            return self.jwt.reference(text)
        return tokens.reference(text, Audience.SHOPPER) or tokens.reference(text, Audience.BROWSER)

    def named_place(self, shown: Shown) -> tuple[int | None, int | None]:
        """Return the tenant and the site that headers, else the host name; None where they say nothing."""
        tenant_id = _number(shown.headers, TENANT_HEADER)
        site_id = _number(shown.headers, SITE_HEADER)
        if site_id is None:
            host_tenant, host_site = self.directory.tenant_and_site_of_host(shown.host)
            if tenant_id in (None, host_tenant):
                tenant_id, site_id = host_tenant, host_site
        return tenant_id, site_id

    def _application(self, headers: Headers, bearer: str) -> Application | None:
        claims = headers.get(APPLICATION_HEADER, "")
        if claims:
            return self.applications.identify(claims)
        if not bearer:
            return None
        if tokens.reference(bearer, Audience.APPLICATION):
            return self.applications.identify(bearer)
        if tokens.reference(bearer, Audience.SHOPPER) or looks_like_jwt(bearer):
            return None
        raise BadTicket(
            "The ticket in the Authorization header is not one of this service. Authenticate again."
        )

    def _shopper_token(self, headers: Headers, bearer: str) -> TokenReference | None:
        """Return the shopper's token; one that cannot be any shopper's is a session that does not exist."""
        claims = headers.get(SHOPPER_HEADER, "")
        text = claims or bearer
        if not text:
            return None
        token = (
            self.jwt.reference(text)
            if looks_like_jwt(text)
            else tokens.reference(text, Audience.SHOPPER)
        )
        if token is None and not claims and tokens.reference(bearer, Audience.APPLICATION):
            return None
        return token or _NOBODYS

    def _place(
        self, shown: Shown, application: Application | None, shopper_token: TokenReference | None
    ) -> tuple[int, int | None]:
        tenant_id, site_id = self.named_place(shown)
        if tenant_id is None and application is not None:
            tenant_id = application.tenant_id
        if tenant_id is None and shopper_token is not None and shopper_token is not _NOBODYS:
            tenant_id = shopper_token.tenant_id
        if tenant_id is None:
            raise NoTicket(
                "Send a ticket: an application's as `Authorization: Bearer` or in x-vol-app-claims."
            )
        if application is not None and application.tenant_id != tenant_id:
            raise Forbidden("The application's ticket belongs to another tenant.")
        return tenant_id, site_id

    def _session(
        self,
        requires: Requires,
        token: TokenReference | None,
        tenant_id: int,
        site_id: int | None,
    ) -> CheckedSession | None:
        if token is None:
            return None
        own = token if token.tenant_id == tenant_id else None
        try:
            return self.sessions.check(own, site_id)
        except (NoSession, UnknownSite):
            if requires.shopper is ShopperRole.IRRELEVANT:
                return None
            raise


# Stands for a shopper's ticket that is none: it belongs to no tenant and matches nothing.
_NOBODYS = TokenReference(0, b"")


def _of_cookie(shown: Shown) -> TokenReference | None:
    if not shown.cookie:
        return None
    return tokens.reference(shown.cookie, Audience.BROWSER) or _NOBODYS


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _number(headers: Headers, name: str) -> int | None:
    text = headers.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise Invalid(name, "Give the number of a tenant or site.")
    return int(text)


def _shopper(session: CheckedSession) -> Shopper:
    record = session.record
    return Shopper(
        record.session_id,
        record.user_id,
        record.account_id,
        record.customer_set,
        acted_for_by(record.methods),
    )
