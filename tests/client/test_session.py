"""What programs behind a guard are told of a session."""

from __future__ import annotations

from dataclasses import replace

from authsvc.client.session import identity_headers
from tests.client.answers import session


def test_staff_in_a_shoppers_session_are_named_and_an_anonymous_shopper_has_no_account() -> None:
    own = identity_headers(session())
    assert own["X-Auth-Account"] == "7"
    assert own["X-Auth-As-Of"] == "2026-11-22T12:16:40.000Z"
    assert "X-Auth-Act" not in own
    acted = identity_headers(replace(session(), methods=("act_as:staff:zoë",)))
    assert acted["X-Auth-Act"].encode("latin-1").decode() == "staff:zoë"
    assert "X-Auth-Account" not in identity_headers(replace(session(), account_id=None))
