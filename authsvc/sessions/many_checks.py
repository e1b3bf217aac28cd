"""Many checks in one call: what stands is answered again, and only the rest is looked up, together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Unavailable
from authsvc.sessions.check_answer import SessionModel
from authsvc.sessions.kept_answers import KeptAnswers
from authsvc.sessions.many_answer import UNAVAILABLE, UNKNOWN_SITE, AnswerModel, Questions
from authsvc.sessions.rules import CheckedSession, NoSession
from authsvc.sessions.standing import Standing
from authsvc.web.wire import wire_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from authsvc.sessions.service import Sessions
    from authsvc.tokens import TokenReference

# What an answer takes beside its texts: objects, and their places in dictionaries.
OBJECT_BYTES = 600


class Asked(NamedTuple):
    """A token as it was sent, and the site it is shown on; None: its session's own."""

    token: str
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer but for its moment, which stands between `before` and `after`."""

    session: CheckedSession
    before: bytes
    after: bytes
    size: int


class ManyChecks:
    """Answers calls of many checks as JSON."""

    def __init__(
        self, sessions: Sessions, reference: Callable[[str], TokenReference | None]
    ) -> None:
        """Let `sessions` decide; `reference` tells what a token as it was sent is looked up by."""
        self._sessions = sessions
        self._reference = reference
        self._standing = Standing(sessions.records.copies, sessions.uses)
        self.kept: KeptAnswers[Asked, Answer] = KeptAnswers(sessions.records.copies.most)

    def answers(
        self, questions: Questions, tenant_id: int | None = None, site_id: int | None = None
    ) -> bytes:
        """Return the body of the answer (`AnswersModel`).

        `tenant_id`, `site_id`: what headers or host name; tokens of another tenant are unknown there.
        """
        if questions.site_id is not None:
            site_id = questions.site_id
        asked = [
            Asked(each.token, site_id if each.site_id is None else each.site_id)
            for each in questions.checks
        ]
        found = self._standing_answers(asked, tenant_id)
        missing = [each for each, answer in zip(asked, found, strict=True) if answer is None]
        if missing:
            looked_up = self._looked_up(missing, tenant_id)
            found = [answer or looked_up[each] for each, answer in zip(asked, found, strict=True)]
        self._sessions.records.figures.repeated += len(asked) - len(missing)
        return b'{"answers":[%s]}' % b",".join(answer for answer in found if answer)

    def _standing_answers(
        self, asked: Sequence[Asked], tenant_id: int | None
    ) -> list[bytes | None]:
        """Answer again, in order, what was good before and would be once more; None for the rest."""
        # Asked before the records: an answer is as old as the oldest thing it says.
        true_at = self._sessions.records.invalidation.true_at()
        if true_at is None:
            return [None] * len(asked)
        moment, now = wire_moment(true_at).encode(), self._sessions.clock()
        sets: dict[tuple[int, int], str | None] = {}
        found: list[bytes | None] = []
        for each in asked:
            answer = self.kept.get(each)
            if answer is None:
                found.append(None)
                continue
            session = answer.session
            place = (session.record.tenant_id, session.site_id)
            if place not in sets:
                sets[place] = self._sessions.directory.remembered_set(*place)
            stands = tenant_id in (None, place[0]) and self._standing.holds(
                session, sets[place], now
            )
            found.append(answer.before + moment + answer.after if stands else None)
        return found

    def _looked_up(self, missing: Sequence[Asked], tenant_id: int | None) -> dict[Asked, bytes]:
        """Decide about the rest as `Sessions.check` does, asking each store for all of them together."""
        references = {
            text: self._known_as(text, tenant_id) for text in {each.token for each in missing}
        }
        shown = {each: (references[each.token], each.site_id) for each in missing}
        ends = self._sessions.check_all(set(shown.values()))
        answers = {}
        for each in shown:
            self.kept.drop(each)
            end = ends[shown[each]]
            answers[each] = (
                self._written(each, end) if isinstance(end, CheckedSession) else _refused(end)
            )
        return answers

    def _known_as(self, text: str, tenant_id: int | None) -> TokenReference | None:
        token = self._reference(text)
        return token if token is not None and tenant_id in (None, token.tenant_id) else None

    def _written(self, asked: Asked, session: CheckedSession) -> bytes:
        model = AnswerModel(session=SessionModel.of(session), reason=None)
        moment = wire_moment(session.true_at).encode()
        before, _, after = model.model_dump_json(by_alias=True).encode().partition(moment)
        size = OBJECT_BYTES + len(asked.token) + len(before) + len(after)
        self.kept.keep(asked, Answer(session, before, after, size))
        return before + moment + after


def _refused(refusal: NoSession | UnknownSite | Unavailable) -> bytes:
    match refusal:
        case NoSession():
            reason: str = refusal.refusal
        case UnknownSite():
            reason = UNKNOWN_SITE
        case _:
            reason = UNAVAILABLE
    return AnswerModel(session=None, reason=reason).model_dump_json(by_alias=True).encode()
