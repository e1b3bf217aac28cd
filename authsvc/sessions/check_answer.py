"""What a good session check answers: the same in JSON and in headers, which proxies pass on."""

from __future__ import annotations

from authsvc.sessions.rules import CheckedSession
from authsvc.web.wire import Id, Wire, WireDateTime, wire_moment

AS_OF_HEADER = "X-Auth-As-Of"
# Whoever asked may keep an answer for a second, besides the one that it may be old (`invalidation.TRUST_SECONDS`).
KEPT = "private, max-age=1"
VARIES = "Authorization, Cookie, x-vol-user-claims, x-vol-site, x-vol-tenant"


class SessionModel(Wire):
    """A session that may be used on the site it was asked for; `asOf`: the moment that this is true for."""

    as_of: WireDateTime
    account_id: Id | None
    user_id: str
    is_anonymous: bool
    customer_set: str
    site_id: Id
    tenant_id: Id
    methods: list[str]
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
            signed_in_at=record.opened_at,
            expires_at=record.token_expires_at,
        )


def identity_headers(session: CheckedSession) -> dict[str, str]:
    """Return the headers that say whose session it is; none of them can hold what a shopper typed."""
    record = session.record
    account = {} if record.account_id is None else {"X-Auth-Account": str(record.account_id)}
    return account | {
        "X-Auth-User": record.user_id,
        "X-Auth-Customer-Set": record.customer_set,
        "X-Auth-Site": str(session.site_id),
        "X-Auth-Tenant": str(record.tenant_id),
        "X-Auth-Methods": ",".join(record.methods),
        "X-Auth-Signed-In-At": wire_moment(record.opened_at),
        "X-Auth-Expires-At": wire_moment(record.token_expires_at),
        AS_OF_HEADER: wire_moment(session.true_at),
        "Cache-Control": KEPT,
        "Vary": VARIES,
    }
