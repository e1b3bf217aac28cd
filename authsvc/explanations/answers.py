"""Answers put together: verdict, sentence, rule, facts, the change that made them so, and remedies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from authsvc.explanations import documents, words
from authsvc.explanations.changes import ChangeMade, History
from authsvc.explanations.documents import Rule
from authsvc.explanations.rules import Cause, Facts, Question, Verdict, verdicts

_RULES = {
    Question.SIGN_IN: documents.SIGN_IN,
    Question.MY_ACCOUNT: documents.MY_ACCOUNT,
    Question.OFFLINE_ORDER: documents.OFFLINE_ORDER,
}
_RULES_OF_CAUSES = {
    Cause.NO_LOGIN: documents.GUEST,
    Cause.LOCKED: documents.LOCKED,
    Cause.DISABLED: documents.DISABLED,
    Cause.PASSWORD_CHANGE: documents.PASSWORD_CHANGE,
    Cause.EMAIL_NOT_VERIFIED: documents.EMAIL_NOT_VERIFIED,
    Cause.TOO_MANY_FAILURES: documents.TOO_MANY_FAILURES,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A change with its sentence."""

    change: ChangeMade
    words: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for an answer. `cause`: None for a yes. `facts`: what is so, in sentences.

    `change`: what made it so, where one change did; `background`: what put site and customer where they are.
    """

    cause: Cause | None
    rule: Rule
    facts: tuple[str, ...]
    change: Told | None
    background: tuple[Told, ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its sentence and reasons; there is at least one reason."""

    verdict: Verdict
    words: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The three answers about one customer and one site."""

    facts: Facts
    answers: tuple[Answer, ...]


def explained(facts: Facts, history: History, remembered_for: timedelta) -> Explanation:
    """Answer the three questions; `remembered_for` as in `rules.verdicts`."""
    given = verdicts(facts, history.site_sets, remembered_for)
    return Explanation(facts, tuple(_answer(facts, history, verdict) for verdict in given))


def _answer(facts: Facts, history: History, verdict: Verdict) -> Answer:
    reasons = [_reason(facts, history, verdict.question, cause) for cause in verdict.causes]
    return Answer(
        verdict,
        words.answer(facts, verdict),
        tuple(reasons) or (_of_the_sets(facts, history, verdict.question, None),),
    )


def _reason(facts: Facts, history: History, question: Question, cause: Cause) -> Reason:
    if cause is Cause.OTHER_CUSTOMER_SET:
        return _of_the_sets(facts, history, question, cause)
    change = {
        Cause.NO_LOGIN: history.created,
        Cause.LOCKED: history.locked,
        Cause.DISABLED: history.disabled,
        Cause.PASSWORD_CHANGE: history.password_change,
    }.get(cause)
    return Reason(
        cause,
        _RULES_OF_CAUSES[cause],
        (words.state_in_words(facts, cause),),
        _told(facts, change),
        (),
        tuple(words.remedies(facts, question, cause, None)),
    )


def _of_the_sets(facts: Facts, history: History, question: Question, cause: Cause | None) -> Reason:
    """Return the reason that lies in which sets site and customer are in, which is also every yes's."""
    deciding = history.deciding(facts.site.customer_set, facts.account.customer_set)
    rule = _RULES[question]
    if cause and deciding is history.site_set and question is not Question.OFFLINE_ORDER:
        rule = documents.SITE_MOVED if deciding else rule
    both = (_told(facts, history.site_set), _told(facts, history.account_set))
    return Reason(
        cause,
        rule,
        words.sets_in_words(facts),
        _told(facts, deciding),
        tuple(told for told in both if told is not None and told.change is not deciding),
        tuple(words.remedies(facts, question, cause, deciding)) if cause else (),
    )


def _told(facts: Facts, change: ChangeMade | None) -> Told | None:
    return None if change is None else Told(change, words.change_in_words(facts, change))
