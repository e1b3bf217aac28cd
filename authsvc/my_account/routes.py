"""My Account in one call."""

from __future__ import annotations

from flask import Response, request

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import SIGNED_IN, Caller
from authsvc.errors import AuthsvcError
from authsvc.my_account.answers import MyAccountAnswers, is_known
from authsvc.my_account.wire import MyAccount
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.operations import Routes

PREFIX = "/api/commerce/customer/accounts"
RULE = "/current/my-account"
# Where Flask finds what a read was refused for in front of it, so that nothing is asked twice.
REFUSAL_KEY = "authsvc.my_account_refusal"


def routes(answers: MyAccountAnswers) -> Routes:
    """Declare the operation over `answers`."""
    part = Routes("my_account", prefix=PREFIX, tag="My Account")

    @part.get(RULE, requires=SIGNED_IN, answers=MyAccount, refuses=(UnknownAccount,))
    def get_my_account(caller: Caller) -> Response:
        """Get all of the shopper's account: profile, contacts, attributes, segments, cards and the latest orders.

        The same on every site of the customer set. `Age` says how many seconds ago it was written; it is as things
        are now all the same. With its `ETag` in `If-None-Match` the answer is 304 while nothing has changed.
        """
        refusal: AuthsvcError | None = request.environ.get(REFUSAL_KEY)
        if refusal is not None:
            raise refusal
        answer = answers.answer(caller)
        headers = answers.headers(answer)
        if is_known(answer, request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        return Response(answer.body, 200, headers, content_type=JSON_CONTENT_TYPE)

    return part
