"""A code by e-mail in place of the password ([K] 2.6, OTP), and what nobody learns by asking for one (rule 11)."""

from __future__ import annotations

import json
from uuid import UUID

from werkzeug.test import TestResponse

from authsvc.mail.rules import MailKind
from authsvc.second_factor.email_codes import MOST_CODES
from tests.mail.conftest import Post
from tests.mail.working import forget_jobs, jobs
from tests.second_factor.codes import SITE, STACY, ask_for, mailed_code, wrong


def ask(post: Post, email: str = STACY) -> TestResponse:
    """Ask for a code, as a storefront's server does."""
    body = {"email": email}
    return post.merchant.call("POST", "authtickets/otp/request", body, site=SITE)


def give(post: Post, code: str, email: str = STACY) -> TestResponse:
    """Sign in by a code."""
    body = {"email": email, "otpCode": code, "fingerprint": "phone-1"}
    return post.merchant.call("POST", "authtickets/otp/auth", body, site=SITE)


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
    refusals = [give(post, "000000", email) for email in ("nobody@mail.com", "who@mail.com")]
    known = give(post, wrong(mailed_code(post)))
    assert {each.status_code for each in (known, *refusals)} == {401}
    texts = {each.json["message"] for each in (known, *refusals) if each.json}
    assert len(texts) == 1


def test_ten_codes_an_hour_are_mailed_and_no_more(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "off", codes=True)
    codes, mails = post.services.sign_in.second_factors.sign_in_codes, post.services.mails.store
    for _ in range(MOST_CODES + 2):
        ask(post)
        told = json.loads(jobs(post.services)[-1][2])
        codes.answer(post.merchant.tenant_id, UUID(told["subject_id"]))
        forget_jobs(post.services)
    account = post.merchant.sign_in(STACY, SITE).account
    assert account is not None
    kind, since = MailKind.SIGN_IN_CODE, account.created_at
    assert mails.count_since(account.tenant_id, account.id, kind, since) == MOST_CODES
