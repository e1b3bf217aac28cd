"""The sessions of a customer account: who is signed in where, and ending that. The vendor has no such calls."""

from __future__ import annotations

from authsvc.accounts.account_sessions import AccountSessions
from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, FreshSignIn, Requires, ShopperRole
from authsvc.listing.queries import FieldsQuery
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.sessions.rules import LiveSession, UnknownSession
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire, WireDateTime

_READ_OWN = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
# ASVS 5 7.5.2: who ends sessions has proved who they are; ending one's own is `DELETE /session`.
_UPDATE_OWN = Requires(
    Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT, fresh_sign_in=FreshSignIn.NEEDED
)


class AccountSession(Wire):
    """A session that goes on: signed in on a site, good until it is left alone too long, and at the latest until."""

    id: str
    site_id: Id
    methods: list[str]
    signed_in_at: WireDateTime
    good_until: WireDateTime
    expires_at: WireDateTime
    # Of `/devices`; null where the session's device is not known.
    device_id: str | None

    @classmethod
    def of(cls, session: LiveSession) -> AccountSession:
        """Show a session."""
        return cls(
            id=session.session_id,
            site_id=session.site_id,
            methods=list(session.methods),
            signed_in_at=session.opened_at,
            good_until=session.good_until,
            expires_at=session.expires_at,
            device_id=session.device_id,
        )


def routes(service: AccountSessions) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("account_sessions", prefix="/api/commerce/customer/accounts", tag="Sessions")

    @part.get(
        "/<int:account_id>/sessions",
        requires=_READ_OWN,
        answers=Collection[AccountSession],
        refuses=(UnknownAccount,),
    )
    def list_sessions(
        caller: Caller, account_id: int, query: FieldsQuery
    ) -> Collection[AccountSession]:
        """List where an account is signed in, newest first."""
        caller.may_see_account(account_id)
        found = service.signed_in(caller.tenant_id, account_id)
        return Collection[AccountSession].page(
            [AccountSession.of(session) for session in found],
            start_index=0,
            page_size=len(found),
            total_count=len(found),
        )

    @part.delete(
        "/<int:account_id>/sessions",
        requires=_UPDATE_OWN,
        refuses=(FreshSignInRequired, UnknownAccount),
    )
    def end_sessions(caller: Caller, account_id: int) -> None:
        """Sign an account out everywhere: all of its sessions end."""
        caller.may_see_account(account_id)
        service.end_everywhere(caller, account_id)

    @part.delete(
        "/<int:account_id>/sessions/<session_id>",
        requires=_UPDATE_OWN,
        refuses=(FreshSignInRequired, UnknownAccount, UnknownSession),
    )
    def end_session(caller: Caller, account_id: int, session_id: str) -> None:
        """End one session of an account."""
        caller.may_see_account(account_id)
        service.end(caller, account_id, session_id)

    return part
