"""What a good session check answers: the same in JSON and in headers, which proxies pass on."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from authsvc.callers import acted_for_by
from authsvc.sessions.rules import CheckedSession
from authsvc.web.wire import Id, Wire, WireDateTime, wire_moment

AS_OF_HEADER = "X-Auth-As-Of"
# Whoever asked may keep an answer for a second, besides the one that it may be old (`invalidation.TRUST_SECONDS`).
KEPT = "private, max-age=1"
VARIES = "Authorization, Cookie, x-vol-user-claims, x-vol-site, x-vol-tenant"
_KEPT, _VARIES = ("Cache-Control", KEPT), ("Vary", VARIES)


class Actor(Wire):
    """Who acts in a session for its shopper: `staff:anna@example.com`, `application:…`."""

    sub: str

    @classmethod
    def of(cls, methods: tuple[str, ...]) -> Actor | None:
        """Return who acts in a session that was opened by these methods; None: its shopper."""
        name = acted_for_by(methods)
        return None if name is None else cls(sub=name)


class SessionModel(Wire):
    """A session that may be used on the site it was asked for; `asOf`: the moment that this is true for.

    `act`: who acts in it for the shopper, as RFC 8693 §4.1 names it; null where nobody does.
    """

    as_of: WireDateTime
    account_id: Id | None
    user_id: str
    is_anonymous: bool
    customer_set: str
    site_id: Id
    tenant_id: Id
    methods: list[str]
    act: Actor | None
    signed_in_at: WireDateTime
    expires_at: WireDateTime

    @classmethod
    def of(cls, session: CheckedSession) -> SessionModel:
        """Show a session to the service that asked."""
        record = session.record
        return cls(
            as_of=session.true_at,
            account_id=record.account_id,
            user_id=record.user_id,
            is_anonymous=record.account_id is None,
            customer_set=record.customer_set,
            site_id=session.site_id,
            tenant_id=record.tenant_id,
            methods=list(record.methods),
            act=Actor.of(record.methods),
            signed_in_at=record.opened_at,
            expires_at=record.token_expires_at,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """An answer but for its moment, which stands between `before` and `after`; `headers` say the same but for it too.

    Written by hand: a model takes longer than asking Valkey for the session does.
    """

    before: bytes
    after: bytes
    headers: list[tuple[str, str]]

    @classmethod
    def of(cls, session: CheckedSession) -> Written:
        """Write down a session as `SessionModel` in JSON and as headers."""
        record = session.record
        signed_in_at = wire_moment(record.opened_at)
        expires_at = wire_moment(record.token_expires_at)
        actor = acted_for_by(record.methods)
        after = {
            "accountId": record.account_id,
            "userId": record.user_id,
            "isAnonymous": record.account_id is None,
            "customerSet": record.customer_set,
            "siteId": session.site_id,
            "tenantId": record.tenant_id,
            "methods": record.methods,
            "act": None if actor is None else {"sub": actor},
            "signedInAt": signed_in_at,
            "expiresAt": expires_at,
        }
        headers = _headers(session, signed_in_at, expires_at)
        return cls(b'{"asOf":"', b'",' + orjson.dumps(after)[1:], headers)


def identity_headers(session: CheckedSession) -> dict[str, str]:
    """Return the headers that say whose session it is; none of them can hold what a shopper typed."""
    record = session.record
    expires_at = wire_moment(record.token_expires_at)
    headers = dict(_headers(session, wire_moment(record.opened_at), expires_at))
    return headers | {AS_OF_HEADER: wire_moment(session.true_at)}


def _headers(session: CheckedSession, signed_in_at: str, expires_at: str) -> list[tuple[str, str]]:
    record = session.record
    headers = [
        ("X-Auth-User", record.user_id),
        ("X-Auth-Customer-Set", record.customer_set),
        ("X-Auth-Site", str(session.site_id)),
        ("X-Auth-Tenant", str(record.tenant_id)),
        ("X-Auth-Methods", ",".join(record.methods)),
        ("X-Auth-Signed-In-At", signed_in_at),
        ("X-Auth-Expires-At", expires_at),
        _KEPT,
        _VARIES,
    ]
    if record.account_id is not None:
        headers.append(("X-Auth-Account", str(record.account_id)))
    actor = acted_for_by(record.methods)
    if actor is not None:
        headers.append(("X-Auth-Act", actor))
    return headers
