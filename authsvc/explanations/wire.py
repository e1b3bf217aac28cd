"""An explanation as it stands on the wire."""

from __future__ import annotations

from authsvc.explanations.answers import Answer, Explanation, Reason, Told
from authsvc.explanations.changes import ChangeKind
from authsvc.explanations.documents import Rule
from authsvc.explanations.rules import Cause, Question
from authsvc.web.wire import Id, Wire, WireDateTime


class RuleModel(Wire):
    """A rule: its number in the design if it has one, in plain words, and the document's sentence if there is one."""

    number: int | None
    words: str
    source: str
    sentence: str

    @classmethod
    def of(cls, rule: Rule) -> RuleModel:
        """Write a rule."""
        return cls(number=rule.number, words=rule.words, source=rule.source, sentence=rule.sentence)


class ChangeMadeModel(Wire):
    """What was done, when and by whom; the sets before and after, and the plan that did it, if one did."""

    kind: ChangeKind
    words: str
    date: WireDateTime
    by: str
    old_customer_set_code: str | None
    new_customer_set_code: str | None
    plan_id: Id | None
    plan_reason: str
    is_rollback: bool

    @classmethod
    def of(cls, told: Told) -> ChangeMadeModel:
        """Write a change."""
        change = told.change
        return cls(
            kind=change.kind,
            words=told.words,
            date=change.at,
            by=change.by,
            old_customer_set_code=change.old,
            new_customer_set_code=change.new,
            plan_id=change.plan_id,
            plan_reason=change.reason,
            is_rollback=change.is_rollback,
        )


class ReasonModel(Wire):
    """One reason for an answer. `cause` is null for a yes; `change`: what made it so, where one change did."""

    cause: Cause | None
    rule: RuleModel
    facts: list[str]
    change: ChangeMadeModel | None
    background: list[ChangeMadeModel]
    remedies: list[str]

    @classmethod
    def of(cls, reason: Reason) -> ReasonModel:
        """Write a reason."""
        return cls(
            cause=reason.cause,
            rule=RuleModel.of(reason.rule),
            facts=list(reason.facts),
            change=reason.change and ChangeMadeModel.of(reason.change),
            background=[ChangeMadeModel.of(told) for told in reason.background],
            remedies=list(reason.remedies),
        )


class AnswerModel(Wire):
    """The answer to one question. `oldAnswerUntil`: until when a worker's memory may still say yes."""

    question: Question
    is_yes: bool
    words: str
    reasons: list[ReasonModel]
    old_answer_until: WireDateTime | None

    @classmethod
    def of(cls, answer: Answer) -> AnswerModel:
        """Write an answer."""
        return cls(
            question=answer.verdict.question,
            is_yes=answer.verdict.is_yes,
            words=answer.words,
            reasons=[ReasonModel.of(reason) for reason in answer.reasons],
            old_answer_until=answer.verdict.old_answer_until,
        )


class ExplanationModel(Wire):
    """What a customer can do on a site, and why, at the moment of `date`."""

    account_id: Id
    customer_set_code: str
    site_id: Id
    site_customer_set_code: str
    date: WireDateTime
    answers: list[AnswerModel]

    @classmethod
    def of(cls, explanation: Explanation) -> ExplanationModel:
        """Write an explanation."""
        facts = explanation.facts
        return cls(
            account_id=facts.account.id,
            customer_set_code=facts.account.customer_set,
            site_id=facts.site.id,
            site_customer_set_code=facts.site.customer_set,
            date=facts.now,
            answers=[AnswerModel.of(answer) for answer in explanation.answers],
        )
