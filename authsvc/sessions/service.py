"""Opening, checking, continuing and ending sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from authsvc import tokens
from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site, UnknownSite
from authsvc.errors import AuthsvcError, Unavailable
from authsvc.infra.bounded_connection import CHECK_SECONDS, answered_within
from authsvc.infra.database import DatabaseUnavailable
from authsvc.sessions.check_figures import GOOD, UNTOLD, Source
from authsvc.sessions.deciding import (
    Answers,
    Decided,
    Question,
    RecordNow,
    SetNow,
    decide,
    settle,
    settle_all,
)
from authsvc.sessions.rules import (
    CheckedSession,
    EndReason,
    Holder,
    IssuedTokens,
    Lifetimes,
    NoSession,
    RefreshToken,
    SessionRecord,
    UnknownRefreshToken,
)
from authsvc.tokens import Audience, TokenReference

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.freshness import Freshness
    from authsvc.sessions.records import SessionRecords
    from authsvc.sessions.store import SessionStore
    from authsvc.sessions.uses import BrowserUses

# A token, and the site that it is shown on; None: its session's own.
Shown = tuple[TokenReference | None, int | None]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The use cases."""

    store: SessionStore
    records: SessionRecords
    directory: Directory
    trail: AuditTrail
    transaction: Transaction
    lifetimes: Lifetimes
    uses: BrowserUses
    clock: Clock
    # (tenant, account, session): its devices are known no longer, but for the one that this session is on.
    forget_devices: Callable[[int, int, UUID | None], None]
    freshness: Freshness
    # Makes a user id for an anonymous shopper.
    new_user_id: Callable[[], str] = lambda: uuid4().hex

    def open(
        self,
        site: Site,
        holder: Holder,
        methods: tuple[str, ...],
        lifetimes: Lifetimes | None = None,
    ) -> IssuedTokens:
        """Open a session of `holder`, who proved who they are by `methods`, in the set of `site`.

        An account's row must be held by the open transaction, so that a lock cannot slip in between.
        """
        lifetimes = lifetimes or self.lifetimes
        now = self.clock()
        session_id = uuid4()
        expires_at = now + lifetimes.session
        issued = IssuedTokens(
            str(session_id),
            tokens.new_token(site.tenant_id, Audience.SHOPPER),
            min(now + lifetimes.access, expires_at),
            tokens.new_token(site.tenant_id, Audience.SHOPPER),
            min(now + lifetimes.refresh, expires_at),
        )
        self.store.add(site, session_id, holder, methods, now, expires_at, issued)
        return issued

    def open_anonymous(self, site: Site) -> tuple[Holder, IssuedTokens]:
        """Open a session for a shopper who is not signed in ([K] 2.3)."""
        holder = Holder(None, self.new_user_id())
        return holder, self.open(site, holder, ())

    def check(self, token: TokenReference | None, site_id: int | None) -> CheckedSession:
        """Say whose session a token shows, if it may be used on the site; never writes to PostgreSQL.

        `site_id` None asks without a site, which only the session's own set then answers for. Raises `NoSession`
        when it may not be used, `UnknownSite`, and `DatabaseUnavailable` when neither store can tell.
        """
        outcome = UNTOLD
        try:
            now = self.clock()
            record, true_at = self.records.look_up(token) if token else (None, now)
            decision = decide(token, record, site_id, now, self.directory.remembered_set)
            decided = settle(decision, self._as_now)
            outcome = GOOD
        except NoSession as refusal:
            outcome = refusal.refusal
            raise
        finally:
            self.records.figures.note(outcome)
        return self._checked(decided, true_at)

    def check_all(
        self, asked: Collection[Shown]
    ) -> dict[Shown, CheckedSession | NoSession | UnknownSite | Unavailable]:
        """Say of each token and site what `check` returns or raises, asking each store for all of them together."""
        now, remembered_set = self.clock(), self.directory.remembered_set
        found = self.records.look_up_all({token for token, _ in asked if token})
        decisions = {
            (token, site_id): decide(token, found.records.get(token), site_id, now, remembered_set)
            for token, site_id in asked
            if token not in found.untold
        }
        ends = settle_all(decisions, self._as_now)
        answers: dict[Shown, CheckedSession | NoSession | UnknownSite | Unavailable] = {}
        for shown in asked:
            end = ends.get(shown) or DatabaseUnavailable()
            self.records.figures.found_in(found.sources.get(shown[0], Source.NONE))
            self.records.figures.note(_outcome(end))
            answers[shown] = self._checked(end, found.true_at) if isinstance(end, Decided) else end
        return answers

    def refresh(
        self, refresh_token: str, site: Site, shown_by: Caller | None = None
    ) -> tuple[SessionRecord, IssuedTokens]:
        """Continue a session: new tokens for a refresh token, which is replaced. `shown_by`: for the trail.

        Within the grace the replaced token gets the same successor again, so that tabs which refresh at once all
        stay signed in; after it, showing it again ends the session. Raises `UnknownRefreshToken`.
        """
        token = tokens.reference(refresh_token, Audience.SHOPPER)
        if token is None or token.tenant_id != site.tenant_id:
            raise UnknownRefreshToken
        now = self.clock()
        with self.transaction():
            stored = self.store.refresh_token(token)
            if stored is not None and stored.is_reused(now=now, grace=self.lifetimes.refresh_grace):
                self._end_reused(token.tenant_id, stored, shown_by)
                stored = None
            elif stored is not None and stored.is_good(customer_set=site.customer_set, now=now):
                return stored.session, self._successor(refresh_token, token, stored)
        raise UnknownRefreshToken

    def sign_out(self, caller: Caller, record_session_id: str) -> None:
        """End one session."""
        with self.transaction():
            self.end_one(caller.tenant_id, record_session_id, EndReason.SIGNED_OUT)
            self.trail.note(caller, "session.signed_out", f"session:{record_session_id}")

    def end_one(self, tenant_id: int, session_id: str, reason: EndReason) -> None:
        """Within a transaction, end one session."""
        void = self.store.end(tenant_id, UUID(session_id), reason, self.clock())
        self.records.distrust(tenant_id, void)

    def end_all(
        self,
        tenant_id: int,
        account_id: int,
        reason: EndReason,
        spare_session_id: str | None = None,
    ) -> None:
        """Within a transaction, end all sessions of an account, but for the one that is spared.

        Nor are its devices known any longer: one of them may have been somebody else's.
        """
        spare = UUID(spare_session_id) if spare_session_id else None
        void = self.store.end_all(tenant_id, account_id, reason, self.clock(), spare)
        self.forget_devices(tenant_id, account_id, spare)
        self.records.distrust(tenant_id, void)

    def accounts_changed(self, tenant_id: int, account_ids: Sequence[int]) -> None:
        """Within a transaction, let these accounts' sessions be looked at afresh: they are in another set now.

        The transaction holds the accounts with their logins, so that no session is opened for them meanwhile.
        """
        void = self.store.shown_tokens_of(tenant_id, account_ids, self.clock())
        self.records.distrust(tenant_id, void)

    def _checked(self, decided: Decided, true_at: datetime) -> CheckedSession:
        token, record, site_id = decided
        self.uses.note(record, token.digest)
        return CheckedSession(record, site_id, token.digest, true_at)

    def _as_now(self, questions: Collection[Question]) -> Answers:
        """Return what decisions ask for as it is now, each store's in one journey; raises `DatabaseUnavailable`."""
        answers: dict[Question, object] = {}
        places = [each for each in questions if isinstance(each, SetNow)]
        shown = [each.token for each in questions if isinstance(each, RecordNow)]
        if places:
            with answered_within(CHECK_SECONDS):
                sites = self.directory.fresh_sites(places)
            answers |= {SetNow(*place): site.customer_set for place, site in sites.items()}
        if shown:
            records = self.records.all_fresh(shown)
            answers |= {RecordNow(token): record for token, record in records.items()}
        return answers

    def _successor(
        self, refresh_token: str, token: TokenReference, stored: RefreshToken
    ) -> IssuedTokens:
        now = self.clock()
        salt = stored.successor_salt or tokens.new_salt()
        access = tokens.successor(refresh_token, salt, "access")
        refresh = tokens.successor(refresh_token, salt, "refresh")
        end = stored.session.expires_at
        issued = IssuedTokens(
            stored.session.session_id,
            access,
            min(now + self.lifetimes.access, end),
            refresh,
            min(now + self.lifetimes.refresh, end),
        )
        if stored.replaced_at is None:
            self.store.replace(token, salt, now)
            self.store.add_tokens(token.tenant_id, UUID(stored.session.session_id), now, issued)
            return issued
        return IssuedTokens(
            issued.session_id,
            access,
            self._kept_until(token.tenant_id, access, issued.access_expires_at),
            refresh,
            self._kept_until(token.tenant_id, refresh, issued.refresh_expires_at),
        )

    def _kept_until(self, tenant_id: int, token: str, otherwise: datetime) -> datetime:
        reference = TokenReference(tenant_id, tokens.digest(token))
        return self.store.expiry(reference) or otherwise

    def _end_reused(self, tenant_id: int, stored: RefreshToken, shown_by: Caller | None) -> None:
        session = stored.session
        if session.ended:
            return
        self.end_one(tenant_id, session.session_id, EndReason.REFRESH_TOKEN_REUSED)
        # Whoever showed it may be the thief, and is told by where they are.
        self.trail.note(
            Caller(
                tenant_id,
                shown_by.site_id if shown_by else None,
                remote_address=shown_by.remote_address if shown_by else None,
                correlation_id=shown_by.correlation_id if shown_by else None,
            ),
            "session.refresh_token_reused",
            f"account:{session.account_id}" if session.account_id else f"user:{session.user_id}",
        )


def _outcome(end: Decided | AuthsvcError) -> str:
    match end:
        case Decided():
            return GOOD
        case NoSession():
            return end.refusal
    return UNTOLD
