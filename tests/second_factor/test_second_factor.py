"""A second factor by e-mail, as the vendor has it ([K] 2.6), and that nobody is signed in before it is given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jwt
import pytest

from authsvc.errors import AuthsvcError
from authsvc.login.rules import Enrolment
from authsvc.second_factor.pending import CODE_LIFETIME, WrongCode
from authsvc.second_factor.rules import Factor, Requirement, demanded, region_of
from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.second_factor.codes import (
    SITE,
    STACY,
    application_caller,
    ask_for,
    done_in,
    give,
    limited,
    mailed_code,
    request_code,
    sign_in,
    wrong,
)


def test_always_takes_a_mailed_code_and_opens_nothing_before(post: Post) -> None:
    merchant = post.merchant
    user_id = merchant.sign_up(STACY, SITE).user_id
    assert ask_for(post, "always") == 200
    answer = sign_in(post)
    ticket = answer.json
    assert ticket is not None
    assert answer.status_code == 201
    assert (ticket["requires2FA"], ticket["userId"]) == (True, user_id)
    assert ticket["customerAccount"] is ticket["refreshToken"] is ticket["jwtAccessToken"] is None
    # The limited ticket is good for this step and for nothing else.
    shown = ticket["accessToken"]
    assert merchant.check(shown, SITE).status_code == 401
    assert merchant.call("GET", "accounts/current", shopper=shown, site=SITE).status_code == 401
    assert request_code(post, shown).status_code == 204
    code = mailed_code(post)
    assert post.taken.recipients == [STACY]
    assert give(post, shown, code, "Mystic Kids").status_code == 401
    assert give(post, shown, wrong(code)).status_code == 401
    done = give(post, shown, code)
    assert done.status_code == 200
    assert done.json is not None
    assert done.json["requires2FA"] is False
    checked = merchant.check(done.json["accessToken"], SITE)
    assert checked.json is not None
    assert checked.json["methods"] == ["password", "email_code"]
    claims = jwt.decode(done.json["jwtAccessToken"], options={"verify_signature": False})
    assert claims["amr"] == ["otp", "pwd", "mfa"]
    # Once.
    assert give(post, shown, code).status_code == 401
    account = merchant.call("GET", "accounts/current", shopper=done.json["accessToken"], site=SITE)
    assert account.json is not None
    assert account.json["last2FaDate"] is not None
    assert "account.second_factor_refused" in done_in(post)


def test_a_code_is_wrong_after_three_tries(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "always")
    ticket = limited(post)
    request_code(post, ticket)
    code = mailed_code(post)
    for _ in range(3):
        assert give(post, ticket, wrong(code)).status_code == 401
    assert give(post, ticket, code).status_code == 401
    # A new one must be asked for, and is the only good one then.
    request_code(post, ticket)
    assert give(post, ticket, mailed_code(post)).status_code == 200


def test_a_code_lives_three_minutes(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "always")
    ticket = limited(post)
    request_code(post, ticket)
    code = mailed_code(post)
    completion = post.services.sign_in.completion
    later = replace(
        completion.typed_codes.codes,
        clock=lambda: post.services.clock() + CODE_LIFETIME,
    )
    slow = replace(completion, typed_codes=replace(completion.typed_codes, codes=later))
    caller = application_caller(post)
    with pytest.raises(WrongCode):
        slow.ticket(caller, ticket, code, None)
    assert give(post, ticket, code).status_code == 200


def test_of_two_redemptions_of_one_code_at_once_one_gets_in(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "always")
    ticket = limited(post)
    request_code(post, ticket)
    code = mailed_code(post)
    caller = application_caller(post)

    def redeem(_: int) -> bool:
        try:
            post.services.sign_in.completion.ticket(caller, ticket, code, None)
        except AuthsvcError:
            return False
        return True

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(redeem, range(3))) == [False, False, True]


def test_a_new_device_is_asked_and_a_known_one_is_not(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "new_device")
    ticket = limited(post, fingerprint="phone-1")
    request_code(post, ticket)
    assert give(post, ticket, mailed_code(post)).status_code == 200
    known = sign_in(post, fingerprint="phone-1").json
    assert known is not None
    assert known["requires2FA"] is False
    limited(post, fingerprint="phone-2")
    limited(post)


def test_a_change_of_region_is_asked(post: Post) -> None:
    post.merchant.sign_up(STACY, SITE)
    ask_for(post, "change_of_region")
    ticket = limited(post, region="Texas")
    request_code(post, ticket)
    assert give(post, ticket, mailed_code(post)).status_code == 200
    same = sign_in(post, region=" texas ").json
    assert same is not None
    assert same["requires2FA"] is False
    limited(post, region="Utah")


def test_what_happens_in_between_counts(post: Post) -> None:
    """A lock, a new password, a move: the code is right and opens nothing."""
    merchant = post.merchant
    account = merchant.sign_up(STACY, SITE).account
    assert account is not None
    ask_for(post, "always")
    ticket = limited(post)
    request_code(post, ticket)
    code = mailed_code(post)
    credentials = post.services.credentials
    credentials.set_locked(merchant.caller(), account.id, locked=True)
    assert give(post, ticket, code).status_code == 403
    credentials.set_locked(merchant.caller(), account.id, locked=False)
    credentials.change_password(merchant.caller(), account.id, PASSWORD, "Racket-2027")
    assert give(post, ticket, code).status_code == 401


def test_without_an_address_a_set_that_always_asks_says_so(post: Post) -> None:
    merchant = post.merchant
    enrolment = Enrolment({"username": "stacy"}, PASSWORD)
    post.services.login.sign_up(merchant.caller(SITE), enrolment)
    ask_for(post, "always")
    body = {"username": "stacy", "password": PASSWORD}
    answer = merchant.call("POST", "authtickets", body, site=SITE)
    assert (answer.status_code, "no e-mail address" in answer.text) == (403, True)


def test_the_policy_is_told_and_its_change_is_in_the_trail(post: Post) -> None:
    told = post.merchant.call("GET", "customerSets/b2c/secondFactor").json
    assert told == {"requirement": "off", "isEmailOtpLoginAllowed": False}
    assert ask_for(post, "sometimes") == 400
    assert ask_for(post, "always", customer_set="nowhere") == 404
    assert ask_for(post, "always", codes=True) == 200
    done = done_in(post)
    assert "customer_set.second_factor_changed" in done


def test_what_is_set_up_is_never_answered_by_less() -> None:
    app = frozenset({Factor.AUTHENTICATOR_APP, Factor.RECOVERY_CODE})
    for requirement in Requirement:
        asked = demanded(requirement, app, ["email_code"], is_new_device=False, is_new_region=False)
        assert asked == app
    given = demanded(
        Requirement.ALWAYS, app, ["recovery_code"], is_new_device=True, is_new_region=True
    )
    assert given == frozenset()
    alone = demanded(
        Requirement.ALWAYS, frozenset(), ["email_code"], is_new_device=True, is_new_region=True
    )
    assert alone == frozenset()


def test_a_region_is_what_the_client_says_or_a_block_of_addresses() -> None:
    assert region_of(None, "203.0.113.9") == region_of(None, "203.0.200.1") == "203.0.0.0/16"
    assert region_of(None, "2001:db8::1") == "2001:db8::/32"
    assert region_of(None, None) == "unknown"
