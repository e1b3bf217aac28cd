"""Answers in words: what is so, which change made it so, and what to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from authsvc.accounts.rules import CustomerAccount
from authsvc.explanations.changes import ChangeKind, ChangeMade
from authsvc.explanations.rules import Cause, Facts, Question, Verdict

_CAN = {
    Question.SIGN_IN: "sign in on",
    Question.MY_ACCOUNT: "see My Account on",
    Question.OFFLINE_ORDER: "be put on an offline order on",
}
_DONE_TO_THE_ACCOUNT = {
    ChangeKind.ACCOUNT_CREATED: "The account was created in {new}",
    ChangeKind.LOCKED: "The account was locked",
    ChangeKind.DISABLED: "The account was disabled",
    ChangeKind.PASSWORD_CHANGE_REQUIRED: "A new password was asked for",
}


def answer(facts: Facts, verdict: Verdict) -> str:
    """Say yes or no to the question, in one sentence."""
    can = _CAN[verdict.question]
    who, where = customer_name(facts.account), facts.site.name
    return (
        f"Yes: {who} can {can} {where}." if verdict.is_yes else f"No: {who} cannot {can} {where}."
    )


def customer_name(account: CustomerAccount) -> str:
    """Return what to call the customer."""
    full_name = " ".join(filter(None, (account.first_name, account.last_name)))
    called = full_name or account.company_or_organization or account.username
    return called or f"customer {account.id}"


def sets_in_words(facts: Facts) -> tuple[str, str]:
    """Say which sets the site and the customer are in."""
    site_set = _set_name(facts.site.customer_set, facts.site_set_name)
    account_set = _set_name(facts.account.customer_set, facts.account_set_name)
    also = "also " if facts.shares_the_set else ""
    return (
        f"{facts.site.name} is in the customer set {site_set}.",
        f"{_capital(customer_name(facts.account))} is {also}in the customer set {account_set}.",
    )


def state_in_words(facts: Facts, cause: Cause) -> str:
    """Say what of the account is in the way."""
    match cause:
        case Cause.NO_LOGIN:
            return "The account is a guest's: it has no login."
        case Cause.LOCKED:
            return "The account is locked."
        case Cause.DISABLED:
            return "The account is disabled."
        case Cause.PASSWORD_CHANGE:
            return "The password must be changed before the next sign-in."
        case Cause.EMAIL_NOT_VERIFIED:
            return "The e-mail address was not confirmed yet."
        case Cause.TOO_MANY_FAILURES:
            until = facts.now + timedelta(seconds=facts.refused_for or 0)
            return (
                "The username has failed too often: until "
                f"{moment(until)} it is taken only from devices that were signed in before."
            )
        case Cause.OTHER_CUSTOMER_SET:
            return " ".join(sets_in_words(facts))


def change_in_words(facts: Facts, change: ChangeMade) -> str:
    """Say what was done, by whom, when, and by which plan with which reason."""
    told = f"{_done(facts, change)} by {_actor(facts, change.by)} on {moment(change.at)}"
    if change.plan_id is None:
        return f"{told}."
    reason = f", reason “{change.reason}”" if change.reason else ""
    rolled_back = " was rolled back" if change.is_rollback else ""
    return f"{told} (plan {change.plan_id}{rolled_back}{reason})."


def remedies(
    facts: Facts, question: Question, cause: Cause, deciding: ChangeMade | None
) -> list[str]:
    """Say what would turn the answer, the nearest first."""
    match cause:
        case Cause.OTHER_CUSTOMER_SET:
            return _ways_into_the_set(facts, question, deciding)
        case Cause.NO_LOGIN:
            return [
                "Give the account its login, which happens once; or let them sign up: "
                f"a new account on {facts.site.name} joins {facts.site.customer_set}."
            ]
        case Cause.LOCKED:
            return ["Unlock the account."]
        case Cause.DISABLED:
            return ["They need another account: a disabled one is not enabled again."]
        case Cause.PASSWORD_CHANGE:
            return ["They change the password; or take back that it must be changed."]
        case Cause.EMAIL_NOT_VERIFIED:
            return ["They open the link that was mailed to them; trying to sign in mails another."]
        case Cause.TOO_MANY_FAILURES:
            return ["Wait; or unlock the account, which forgets the attempts."]


def moment(at: datetime) -> str:
    """Write a moment as people do: 3 Nov 2026, 14:32 UTC."""
    return f"{at.day} {at.strftime('%b %Y, %H:%M')} UTC"


def _ways_into_the_set(facts: Facts, question: Question, deciding: ChangeMade | None) -> list[str]:
    site, site_set, own = facts.site.name, facts.site.customer_set, facts.account.customer_set
    namesake = facts.namesake_id
    ways: list[str] = []
    if question is Question.OFFLINE_ORDER:
        ways.append(
            f"Create a new unique account for them on {site}, or let them create it there: it joins {site_set}."
            if namesake is None
            else f"Order for customer {namesake}, who has the same username in {site_set}."
        )
    elif namesake is None:
        ways.append(f"Let them sign up on {site}: their new account joins {site_set}.")
    else:
        ways.append(
            f"On {site} they sign in as customer {namesake}, who has the same username in {site_set}."
        )
    if namesake is None:
        ways.append(f"Move the customer to {site_set}: they leave the sites of {own}.")
    ways.append(f"Move {site} to {own}: the customers of {site_set} can no longer use it.")
    if deciding is not None and deciding.rollback_until and deciding.rollback_until > facts.now:
        until = moment(deciding.rollback_until)
        ways.append(f"Roll plan {deciding.plan_id} back, all of it; possible until {until}.")
    return ways


def _done(facts: Facts, change: ChangeMade) -> str:
    back = " back" if change.is_rollback else ""
    match change.kind:
        case ChangeKind.SITE_CREATED:
            return f"{facts.site.name} was created in {change.new}"
        case ChangeKind.SITE_ASSIGNED:
            return f"{facts.site.name} was moved{back} from {change.old} to {change.new}"
        case ChangeKind.ACCOUNT_MOVED:
            return f"The customer was moved{back} from {change.old} to {change.new}"
        case _:
            return _DONE_TO_THE_ACCOUNT[change.kind].format(new=change.new)


def _actor(facts: Facts, name: str) -> str:
    kind, _, which = name.partition(":")
    if kind == "shopper":
        return "the customer" if which == facts.account.user_id else "a shopper, signing up"
    return {"staff": which, "application": f"the application {which}"}.get(kind, "the operator")


def _set_name(code: str, name: str) -> str:
    return code if name.lower() == code else f"{name} ({code})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
