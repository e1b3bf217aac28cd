"""How a check is decided, and what it has to ask the stores for meanwhile: one check by itself, or many together.

A decision is a generator. It yields what it must know as it is now, is sent the answer, and returns or refuses in the
end. So the rule stands here once, and a thousand decisions take as many journeys to a store as one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Hashable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Unavailable
from authsvc.sessions.rules import NoSession, Refusal, SessionRecord
from authsvc.tokens import TokenReference


class SetNow(NamedTuple):
    """Which customer set is this site in now?"""

    tenant_id: int
    site_id: int


class RecordNow(NamedTuple):
    """What is known now of the session behind this token?"""

    token: TokenReference


Question = SetNow | RecordNow
# What is known now, by question; who is left out does not exist.
Answers = Mapping[Question, Any]


class Decided(NamedTuple):
    """A session that may be used, by which token, and the site it was asked for."""

    token: TokenReference
    record: SessionRecord
    site_id: int


Decision = Generator[Question, Any, Decided]
Key = TypeVar("Key", bound=Hashable)


def decide(
    token: TokenReference | None,
    record: SessionRecord | None,
    site_id: int | None,
    now: datetime,
    remembered_set: Callable[[int, int], str | None],
) -> Decision:
    """Decide whether the session behind a token may be used on a site; None: the site it was opened on.

    `record`: what was found of it, maybe a copy. `remembered_set`: tells which set a tenant's site is remembered to be
    in, if it is remembered. Raises `NoSession`, and `UnknownSite`.
    """
    if token is None or record is None:
        raise NoSession(Refusal.UNKNOWN)
    place = SetNow(token.tenant_id, record.site_id if site_id is None else site_id)
    remembered = remembered_set(*place)
    customer_set = remembered or _known(place, (yield place))
    refusal = record.refusal(customer_set=customer_set, now=now)
    if refusal is Refusal.EXPIRED and record.remembered is not None:
        # Its end may have been put off since this copy was made.
        record = (yield RecordNow(token)) or record
        refusal = record.refusal(customer_set=customer_set, now=now)
    if refusal is Refusal.OTHER_CUSTOMER_SET:
        # A remembered set must not keep a new door closed: look at both sides as they are now.
        if remembered:
            customer_set = _known(place, (yield place))
        record = (yield RecordNow(token)) or record
        refusal = record.refusal(customer_set=customer_set, now=now)
    if refusal is Refusal.OTHER_CUSTOMER_SET:
        # Both may have been moved together, between those two looks.
        customer_set = _known(place, (yield place))
        refusal = record.refusal(customer_set=customer_set, now=now)
    if refusal is not None:
        raise NoSession(refusal)
    return Decided(token, record, place.site_id)


def settle(decision: Decision, ask: Callable[[Collection[Question]], Answers]) -> Decided:
    """Carry one decision to its end, asking what it must know; raises what `decide` and `ask` raise."""
    try:
        question = next(decision)
        while True:
            question = decision.send(ask((question,)).get(question))
    except StopIteration as end:
        decided: Decided = end.value
        return decided


def settle_all(
    decisions: Mapping[Key, Decision], ask: Callable[[Collection[Question]], Answers]
) -> dict[Key, Decided | NoSession | UnknownSite | Unavailable]:
    """Carry decisions to their ends side by side; return each one's end, or why it was refused or cannot be told.

    `ask`: answers what all of them must know next, in one journey; may raise `Unavailable`, and is not called
    again then.
    """
    ends: dict[Key, Decided | NoSession | UnknownSite | Unavailable] = {}
    asking: dict[Key, Question] = {}

    def go_on(key: Key, step: Callable[[], Question]) -> None:
        try:
            asking[key] = step()
        except StopIteration as end:
            ends[key] = end.value
        except (NoSession, UnknownSite) as refusal:
            ends[key] = refusal

    for key, decision in decisions.items():
        go_on(key, partial(next, decision))
    while asking:
        asked, asking = asking, {}
        try:
            answers = ask(set(asked.values()))
        except Unavailable as failure:
            return ends | dict.fromkeys(asked, failure)
        for key, question in asked.items():
            go_on(key, partial(decisions[key].send, answers.get(question)))
    return ends


def _known(place: SetNow, customer_set: str | None) -> str:
    if customer_set is None:
        raise UnknownSite(f"There is no site {place.site_id}.")
    return customer_set
