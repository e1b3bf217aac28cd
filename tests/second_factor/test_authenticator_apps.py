"""Authenticator apps: set up by a first code, asked for from then on, and lost without losing the account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from authsvc.infra.second_factor_schema import authenticator_apps
from authsvc.second_factor.pending import WrongCode
from tests.mail.conftest import Post
from tests.recovery.test_password_resets import NEW, forgotten, update
from tests.second_factor.codes import (
    SITE,
    STACY,
    app_code,
    application_caller,
    ask_for,
    done_in,
    give,
    limited,
    mailed_code,
    request_code,
    sign_in,
)


def path(post: Post, account_id: int, rest: str = "") -> str:
    """Return the address of an account's app."""
    return f"accounts/{account_id}/authenticatorApp{rest}"


def set_up(post: Post) -> tuple[int, str, list[str]]:
    """Sign Stacy up and set her app up; returns the account, the app's secret and the recovery codes."""
    merchant = post.merchant
    ticket = merchant.sign_up(STACY, SITE)
    assert ticket.account is not None
    account_id, shown = ticket.account.id, ticket.tokens.access_token
    begun = merchant.call("POST", path(post, account_id), site=SITE, shopper=shown).json
    assert begun is not None
    secret = begun["secret"]
    assert begun["address"].startswith("otpauth://totp/")
    confirm = path(post, account_id, "/confirmation")
    body = {"enrolment": begun["enrolment"], "code": "000000"}
    refused = merchant.call("POST", confirm, body, site=SITE, shopper=shown)
    assert refused.status_code == 400
    body["code"] = app_code(post, secret)
    done = merchant.call("POST", confirm, body, site=SITE, shopper=shown)
    assert done.json is not None
    again = merchant.call("POST", confirm, body, site=SITE, shopper=shown)
    assert again.status_code == 409
    return account_id, secret, done.json["recoveryCodes"]


def test_an_app_is_asked_for_from_its_first_code_on(post: Post) -> None:
    ask_for(post, "offered")
    account_id, secret, codes = set_up(post)
    ticket = limited(post)
    # A mailbox is no answer to an app; asking for a mail says nothing and sends none.
    post.work()
    mails = len(post.taken.messages)
    assert request_code(post, ticket).status_code == 204
    post.work()
    assert len(post.taken.messages) == mails
    code = app_code(post, secret, steps=1)
    assert give(post, ticket, code).status_code == 200
    # No step's code twice, and no earlier one (RFC 6238 §5.2).
    ticket = limited(post)
    assert give(post, ticket, code).status_code == 401
    assert give(post, ticket, app_code(post, secret, steps=0)).status_code == 401
    # Each recovery code once, whatever its case and hyphens.
    assert give(post, ticket, codes[0].upper().replace("-", " ")).status_code == 200
    assert give(post, limited(post), codes[0]).status_code == 401
    standing = post.merchant.call("GET", path(post, account_id)).json
    assert standing is not None
    assert standing["recoveryCodesLeft"] == 9
    # What is stored opens nothing by itself.
    with post.services.database.connection() as connection:
        row = connection.execute(
            select(authenticator_apps.c.secret_encrypted).where(
                authenticator_apps.c.tenant_id == post.merchant.tenant_id
            )
        ).scalar_one()
    assert secret.encode() not in bytes(row)
    done = done_in(post)
    assert {"account.second_factor_set_up", "account.recovery_code_used"} <= set(done)


def test_one_step_is_good_once_even_for_two_at_once(post: Post) -> None:
    ask_for(post, "offered")
    _, secret, _ = set_up(post)
    tickets = [limited(post) for _ in range(3)]
    code = app_code(post, secret, steps=1)
    # One after the other through the API's door, all at once through the database.
    with ThreadPoolExecutor(3) as threads:
        statuses = list(threads.map(lambda ticket: _give_alone(post, ticket, code), tickets))
    assert sorted(statuses) == [False, False, True]


def _give_alone(post: Post, ticket: str, code: str) -> bool:
    caller = application_caller(post)
    try:
        post.services.sign_in.completion.ticket(caller, ticket, code, None)
    except WrongCode:
        return False
    return True


def test_ten_wrong_codes_within_an_hour_end_guessing_by_who_has_the_password(post: Post) -> None:
    ask_for(post, "offered")
    account_id, secret, codes = set_up(post)
    typed, tenant_id = post.services.sign_in.completion.typed_codes, post.merchant.tenant_id
    for _ in range(10):
        typed.count(tenant_id, account_id, "123456")
    ticket = limited(post)
    assert give(post, ticket, app_code(post, secret)).status_code == 429
    done = give(post, ticket, codes[0]).json
    assert done is not None

    def act(name: str, code: str) -> TestResponse:
        address, shopper = path(post, account_id, name), done["accessToken"]
        return post.merchant.call("POST", address, {"code": code}, site=SITE, shopper=shopper)

    # Recovery codes go on as the refusal says, also for who has lost the app and wants it away.
    assert act("/recoveryCodes", app_code(post, secret)).status_code == 429
    renewed = act("/recoveryCodes", codes[1])
    assert renewed.json is not None
    assert act("/removal", app_code(post, secret)).status_code == 429
    later = replace(typed, clock=lambda: post.services.clock() + timedelta(hours=1))
    later.count(tenant_id, account_id, "123456")
    assert act("/removal", renewed.json["recoveryCodes"][0]).status_code == 204


def test_an_app_is_removed_by_its_holder_and_reset_by_customer_service(post: Post) -> None:
    ask_for(post, "offered")
    account_id, secret, codes = set_up(post)
    done = give(post, limited(post), app_code(post, secret, steps=1)).json
    assert done is not None
    shown = done["accessToken"]
    removal = path(post, account_id, "/removal")
    body = {"code": "123456"}
    merchant = post.merchant
    assert merchant.call("POST", removal, body, site=SITE, shopper=shown).status_code == 400
    body = {"code": codes[1]}
    assert merchant.call("POST", removal, body, site=SITE, shopper=shown).status_code == 204
    free = sign_in(post).json
    assert free is not None
    assert free["requires2FA"] is False
    reset = f"accounts/{account_id}/secondFactorReset"
    assert merchant.call("POST", reset).status_code == 409
    apps = post.services.sign_in.second_factors.apps
    caller = merchant.caller(SITE)
    begun = apps.begin(caller, account_id)
    apps.confirm(caller, account_id, begun.enrolment, app_code(post, begun.secret))
    assert merchant.call("POST", reset).status_code == 204
    assert sign_in(post).json["requires2FA"] is False  # type: ignore[index]
    post.work()
    assert post.taken.recipients == [STACY] * 4
    told = [post.taken.text(index) for index in range(4)]
    assert len([each for each in told if "customer service" in each]) == 1
    assert "account.second_factor_reset" in done_in(post)


def test_a_reset_of_the_password_leaves_the_second_factor(post: Post) -> None:
    ask_for(post, "offered")
    _, secret, _ = set_up(post)
    assert update(post, forgotten(post)).status_code == 200
    body = {"username": STACY, "password": NEW}
    ticket = post.merchant.call("POST", "authtickets", body, site=SITE).json
    assert ticket is not None
    assert ticket["requires2FA"] is True
    code = app_code(post, secret, steps=1)
    assert give(post, ticket["accessToken"], code).status_code == 200


def test_where_it_is_off_none_is_set_up_and_those_there_are_go_on(post: Post) -> None:
    account = post.merchant.sign_up("john@mail.com", SITE).account
    assert account is not None
    shown = post.merchant.sign_in("john@mail.com", SITE).tokens.access_token
    refused = post.merchant.call("POST", path(post, account.id), site=SITE, shopper=shown)
    assert refused.status_code == 403
    ask_for(post, "offered")
    _, secret, codes = set_up(post)
    ask_for(post, "off", codes=True)
    assert give(post, limited(post), codes[0]).status_code == 200
    # Nor does a code by mail alone open what an app guards.
    post.merchant.call("POST", "authtickets/otp/request", {"email": STACY}, site=SITE)
    body = {"email": STACY, "otpCode": mailed_code(post)}
    first = post.merchant.call("POST", "authtickets/otp/auth", body, site=SITE).json
    assert first is not None
    assert first["requires2FA"] is True
    assert give(post, first["accessToken"], app_code(post, secret, steps=1)).status_code == 200


@pytest.mark.parametrize("code", ["", "abc", "12345", "１２３４５６", "0" * 41, "\N{SNOWMAN}"])
def test_nothing_but_a_code_is_a_code(post: Post, code: str) -> None:
    ask_for(post, "offered")
    set_up(post)
    assert give(post, limited(post), code).status_code in (400, 401)
