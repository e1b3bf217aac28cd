"""A code by e-mail in place of the password ([K] 2.6, OTP), and what nobody learns by asking for one (rule 11)."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from authsvc.callers import ShownDevice
from authsvc.guessing.rules import FREE_FROM_ONE_ORIGIN, TooManyFailures
from authsvc.login.completing import SignInCompletion
from authsvc.login.rules import Ticket
from authsvc.mail.rules import MailKind
from authsvc.second_factor.email_codes import KEPT_FOR_PASSWORD, MOST_CODES
from authsvc.second_factor.pending import WrongCode
from tests.clock import HeldClock
from tests.mail.conftest import Post
from tests.mail.working import forget_jobs, jobs
from tests.second_factor.codes import (
    SITE,
    STACY,
    application_caller,
    ask_for,
    limited,
    mailed_code,
    request_code,
    wrong,
)


def ask(post: Post, email: str = STACY) -> TestResponse:
    """Ask for a code, as a storefront's server does."""
    body = {"email": email}
    return post.merchant.call("POST", "authtickets/otp/request", body, site=SITE)


def give(post: Post, code: str, email: str = STACY) -> TestResponse:
    """Sign in by a code."""
    body = {"email": email, "otpCode": code, "fingerprint": "phone-1"}
    return post.merchant.call("POST", "authtickets/otp/auth", body, site=SITE)


def by_clock(post: Post, clock: HeldClock) -> SignInCompletion:
    """Return what completes sign-ins, its failures counted at the clock's time: a wait is none of the machine's."""
    completion = post.services.sign_in.completion
    attempts = replace(completion.login.attempts, clock=clock.now)
    return replace(completion, login=replace(completion.login, attempts=attempts))


def refusal(post: Post, completion: SignInCompletion, email: str, code: str) -> str:
    """Sign in by a wrong code; returns what is said."""
    with pytest.raises((WrongCode, TooManyFailures)) as refused:
        completion.ticket_by_sign_in_code(application_caller(post), email, code)
    return refused.value.message


def test_a_mailed_code_signs_in_once_where_the_set_allows_it(post: Post) -> None:
    user_id = post.merchant.sign_up(STACY, SITE).user_id
    assert ask(post).status_code == 403
    assert ask_for(post, "off", codes=True) == 200
    assert ask(post).status_code == 204
    code = mailed_code(post)
    assert give(post, wrong(code)).status_code == 401
    answer = give(post, code)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["userId"] == user_id
    checked = post.merchant.check(answer.json["accessToken"], SITE).json
    assert checked is not None
    assert checked["methods"] == ["email_code"]
    assert give(post, code).status_code == 401
    # Where the set asks for a second factor too, the code by mail is one.
    ask_for(post, "always", codes=True)
    ask(post)
    assert give(post, mailed_code(post)).json["requires2FA"] is False  # type: ignore[index]


def test_a_code_is_wrong_after_three_tries_and_another_is_asked_for(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "off", codes=True)
    ask(post)
    code = mailed_code(post)
    for _ in range(3):
        give(post, wrong(code))
    assert give(post, code).status_code == 401
    ask(post)
    assert give(post, mailed_code(post)).status_code == 200


def test_nobody_learns_who_has_an_account(post: Post) -> None:
    """The same status, text and work: one row and one job each, before the worker looks who is meant."""
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "off", codes=True)
    told = []
    for email in (STACY, "nobody@mail.com"):
        before = len(jobs(post.services))
        answer = ask(post, email)
        told.append((answer.status_code, answer.data, len(jobs(post.services)) - before))
    assert told[0] == told[1] == (204, b"", 1)
    post.work()
    assert post.taken.recipients == [STACY]
    assert give(post, "000000", "who@mail.com").status_code == 401, "nobody has asked"
    clock = HeldClock()
    held = by_clock(post, clock)
    refusals: dict[str, list[str]] = {STACY: [], "nobody@mail.com": []}
    for email, heard in refusals.items():
        for tries in (3, 3, 1):
            ask(post, email)
            code = mailed_code(post)
            heard += [refusal(post, held, email, wrong(code)) for _ in range(tries)]
    assert refusals[STACY] == refusals["nobody@mail.com"]
    assert len(set(refusals[STACY][:5])) == len(set(refusals[STACY][5:])) == 1
    assert "Too many failed attempts" in refusals[STACY][5]
    # What is refused before it is looked at uses no try up.
    ask(post)
    code = mailed_code(post)
    for _ in range(3):
        refusal(post, held, STACY, wrong(code))
    clock.pass_time(minutes=1)
    assert held.ticket_by_sign_in_code(application_caller(post), STACY, code).account


def test_a_stranger_s_sign_in_codes_keep_nobody_from_a_second_factor(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "always", codes=True)
    held = by_clock(post, HeldClock())
    ask(post)
    post.work()
    for _ in range(FREE_FROM_ONE_ORIGIN):
        assert "Invalid Credentials" in refusal(post, held, STACY, "stolen")
    assert "Too many failed attempts" in refusal(post, held, STACY, "stolen")
    ticket = limited(post)
    request_code(post, ticket)
    assert held.ticket(application_caller(post), ticket, mailed_code(post), None).account


def test_a_known_device_s_codes_wait_for_nobody_else_s(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "always", codes=True)
    held, thief = by_clock(post, HeldClock()), application_caller(post)
    owner = replace(thief, device=ShownDevice("0123456789abcdef" * 2))

    def second_factor() -> Ticket:
        ticket = limited(post)
        request_code(post, ticket)
        return held.ticket(owner, ticket, mailed_code(post), None)

    assert second_factor().account
    tickets = [limited(post), limited(post)]
    for number in range(FREE_FROM_ONE_ORIGIN):
        with pytest.raises(WrongCode):
            held.ticket(thief, tickets[number % 2], "stolen", None)
    with pytest.raises(TooManyFailures):
        held.ticket(thief, tickets[0], "stolen", None)
    assert second_factor().account


@pytest.mark.parametrize("name", [STACY, "stacy"])
def test_an_unlock_forgets_the_codes_that_failed_by_either_name(post: Post, name: str) -> None:
    account = post.merchant.sign_up(STACY, SITE, username="stacy").account
    assert account is not None
    ask_for(post, "off", codes=True)
    held = by_clock(post, HeldClock())
    ask(post, name)
    for _ in range(FREE_FROM_ONE_ORIGIN):
        refusal(post, held, name, "stolen")
    assert "Too many failed attempts" in refusal(post, held, name, "stolen")
    post.services.credentials.set_locked(post.merchant.caller(), account.id, locked=False)
    assert "Invalid Credentials" in refusal(post, held, name, "stolen")


def test_ten_codes_an_hour_are_mailed_and_half_of_them_are_kept_for_who_has_the_password(
    post: Post,
) -> None:
    account = post.merchant.sign_up(STACY, SITE).account
    assert account is not None
    ask_for(post, "always", codes=True)
    codes, mails = post.services.sign_in.second_factors.sign_in_codes, post.services.mails.store
    for _ in range(MOST_CODES + 2):
        ask(post)
        told = json.loads(jobs(post.services)[-1][2])
        codes.answer(post.merchant.tenant_id, UUID(told["subject_id"]))
        forget_jobs(post.services)
    kind, since = MailKind.SIGN_IN_CODE, account.created_at
    mailed = mails.count_since(account.tenant_id, account.id, kind, since)
    assert mailed == MOST_CODES - KEPT_FOR_PASSWORD
    ticket = limited(post)
    statuses = [request_code(post, ticket).status_code for _ in range(KEPT_FOR_PASSWORD + 1)]
    assert statuses == [204] * KEPT_FOR_PASSWORD + [429]
