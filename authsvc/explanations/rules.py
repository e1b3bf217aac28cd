"""What is answered about a customer and a site: by the very rules that sign-in, session check and orders refuse by.

Nothing here decides: `login.rules.obstacles`, `SessionRecord.refusal` and `may_be_ordered_for` do, and the answers are
put together from what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_sets.rules import Site, may_be_ordered_for, may_use
from authsvc.explanations.changes import ChangeMade
from authsvc.login.rules import Obstacle, obstacles
from authsvc.sessions.rules import SessionRecord


class Question(StrEnum):
    """What staff are asked on the telephone."""

    SIGN_IN = "signIn"
    MY_ACCOUNT = "myAccount"
    OFFLINE_ORDER = "offlineOrder"


class Cause(StrEnum):
    """Why an answer is no."""

    OTHER_CUSTOMER_SET = "otherCustomerSet"
    NO_LOGIN = "noLogin"
    LOCKED = "accountLocked"
    DISABLED = "accountDisabled"
    PASSWORD_CHANGE = "passwordChangeRequired"  # noqa: S105  a cause, not a password
    EMAIL_NOT_VERIFIED = "emailNotVerified"
    TOO_MANY_FAILURES = "tooManyFailures"


_CAUSE_OF = {
    Obstacle.OTHER_CUSTOMER_SET: Cause.OTHER_CUSTOMER_SET,
    Obstacle.NO_LOGIN: Cause.NO_LOGIN,
    Obstacle.LOCKED: Cause.LOCKED,
    Obstacle.DISABLED: Cause.DISABLED,
    Obstacle.PASSWORD_CHANGE: Cause.PASSWORD_CHANGE,
    Obstacle.EMAIL_NOT_VERIFIED: Cause.EMAIL_NOT_VERIFIED,
}
# How soon every worker follows when a change is pushed (design §4).
_PUSHED_WITHIN = timedelta(seconds=1)
# They keep from opening a session, and end none that is open.
_ONLY_AT_SIGN_IN = frozenset(
    {Cause.PASSWORD_CHANGE, Cause.EMAIL_NOT_VERIFIED, Cause.TOO_MANY_FAILURES}
)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the answers follow from, as it is at `now`.

    `open_sessions`: the customer's, that somebody could go on with. `refused_for`: how many seconds the username must
    wait after too many failed sign-ins; None if it need not. `namesake_id`: the account of the site's set that has the
    customer's username. `site_set_name`, `account_set_name`: what the two sets are called. `pushed_at`: when somebody
    last had all workers forget what they remember of sites.
    """

    account: CustomerAccount
    site: Site
    site_set_name: str
    account_set_name: str
    must_change_password: bool
    open_sessions: int
    namesake_id: int | None
    refused_for: int | None
    pushed_at: datetime | None
    now: datetime
    awaits_verification: bool = False

    @property
    def shares_the_set(self) -> bool:
        """Tell whether site and customer are in one set, as the rules see it."""
        return may_use(self.account.customer_set, self.site.customer_set)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question. `causes`: all there are, what is refused for first; none means yes.

    `old_answer_until`: until when a worker that remembers the site's former set may still say yes.
    """

    question: Question
    causes: tuple[Cause, ...]
    old_answer_until: datetime | None = None

    @property
    def is_yes(self) -> bool:
        """Tell whether the answer is yes."""
        return not self.causes


def verdicts(
    facts: Facts, site_changes: Sequence[ChangeMade], remembered_for: timedelta
) -> tuple[Verdict, Verdict, Verdict]:
    """Answer the three questions.

    `site_changes`: which sets the site has been put in, oldest first. `remembered_for`: how long a worker may go by
    the set it remembers of a site ([B]: up to 15 minutes). Only a session check does: signing in and ordering look at
    the set of the moment, and nobody refuses on the strength of what is remembered.
    """
    signing_in = _causes_at_sign_in(facts)
    my_account = _causes_at_my_account(facts, signing_in)
    until = None
    if my_account == (Cause.OTHER_CUSTOMER_SET,):
        until = _remembered_until(facts, site_changes, remembered_for)
    ordering: tuple[Cause, ...] = ()
    if not may_be_ordered_for(facts.account.customer_set, facts.site.customer_set):
        ordering = (Cause.OTHER_CUSTOMER_SET,)
    return (
        Verdict(Question.SIGN_IN, signing_in),
        Verdict(Question.MY_ACCOUNT, my_account, until),
        Verdict(Question.OFFLINE_ORDER, ordering),
    )


def _causes_at_sign_in(facts: Facts) -> tuple[Cause, ...]:
    met = obstacles(
        facts.account,
        facts.site.customer_set,
        must_change_password=facts.must_change_password,
        awaits_verification=facts.awaits_verification,
    )
    causes = [_CAUSE_OF[obstacle] for obstacle in met]
    if facts.refused_for is not None and facts.shares_the_set:
        causes.append(Cause.TOO_MANY_FAILURES)
    return tuple(causes)


def _causes_at_my_account(facts: Facts, signing_in: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Return what keeps the customer from My Account: in a session that is open, and by signing in for one."""
    refusal = _open_session(facts).refusal(customer_set=facts.site.customer_set, now=facts.now)
    if not facts.open_sessions:
        return signing_in
    if refusal is None:
        return ()
    return tuple(cause for cause in signing_in if cause not in _ONLY_AT_SIGN_IN)


def _open_session(facts: Facts) -> SessionRecord:
    """Return a session of the customer's as the check would find it, were one open at this moment."""
    account, later = facts.account, facts.now + timedelta(seconds=1)
    return SessionRecord(
        tenant_id=account.tenant_id,
        session_id="",
        account_id=account.id,
        user_id=account.user_id,
        customer_set=account.customer_set,
        site_id=facts.site.id,
        methods=(),
        opened_at=facts.now,
        token_expires_at=later,
        expires_at=later,
        ended=False,
        account_is_usable=account.is_usable,
    )


def _remembered_until(
    facts: Facts, site_changes: Sequence[ChangeMade], remembered_for: timedelta
) -> datetime | None:
    """Return until when a worker may remember the site in the customer's set; None if none can any more."""
    until = [
        _forgotten_at(change.at, facts.pushed_at, remembered_for)
        for change in site_changes
        if change.old == facts.account.customer_set
    ]
    last = max(until, default=facts.now)
    return last if last > facts.now else None


def _forgotten_at(
    changed_at: datetime, pushed_at: datetime | None, remembered_for: timedelta
) -> datetime:
    by_itself = changed_at + remembered_for
    if pushed_at is None or pushed_at < changed_at:
        return by_itself
    return min(by_itself, pushed_at + _PUSHED_WITHIN)
