"""What shoppers do with codes: read them in the latest mail, and let an app make them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
from werkzeug.test import TestResponse

from authsvc.callers import Caller
from tests.mail.conftest import Post
from tests.merchants import PASSWORD
from tests.trail import entries

STACY = "stacy@mail.com"
SITE = "Mystic Sports"


def ask_for(post: Post, requirement: str, *, codes: bool = False, customer_set: str = "b2c") -> int:
    """Give a set its policy; returns the status."""
    body = {"requirement": requirement, "isEmailOtpLoginAllowed": codes}
    path = f"customerSets/{customer_set}/secondFactor"
    return post.merchant.call("PUT", path, body).status_code


def sign_in(post: Post, **more: str) -> TestResponse:
    """Sign Stacy in by her password, as a storefront's server does."""
    body = {"username": STACY, "password": PASSWORD, **more}
    return post.merchant.call("POST", "authtickets", body, site=SITE)


def limited(post: Post, **more: str) -> str:
    """Sign Stacy in by her password, which is not enough; returns the limited ticket."""
    ticket = sign_in(post, **more).json
    assert ticket is not None
    assert ticket["requires2FA"] is True
    return str(ticket["accessToken"])


def request_code(post: Post, ticket: str) -> TestResponse:
    """Ask for a code with a limited ticket."""
    return post.merchant.call("POST", "authtickets/2fa/request", site=SITE, shopper=ticket)


def give(post: Post, ticket: str, code: str, site: str = SITE) -> TestResponse:
    """Complete a sign-in."""
    body = {"otpCode": code}
    return post.merchant.call("POST", "authtickets/2fa/auth", body, site=site, shopper=ticket)


def mailed_code(post: Post) -> str:
    """Have all mail sent, and return the six digits of the latest."""
    post.work()
    found = re.search(r"\b\d{6}\b", post.taken.text())
    assert found
    return found[0]


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def app_code(post: Post, secret: str, *, steps: int = 0) -> str:
    """Return what an app shows now, or so many steps later: one is taken early, and in time when it is late."""
    return pyotp.TOTP(secret).at(post.services.clock() + timedelta(seconds=30 * steps))


def application_caller(post: Post) -> Caller:
    """Return the application that the merchant's calls come by, as the use cases get it."""
    (known,) = post.services.applications.store.applications(post.merchant.tenant_id)
    return replace(post.merchant.caller(SITE), application=known.client_id)


def done_in(post: Post) -> set[str]:
    """Return what the merchant's trail tells of."""
    return {each["action"] for each in entries(post.services, post.merchant.tenant_id)}
