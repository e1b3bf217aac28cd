"""When a session may be used: design §2 rule 13, §4."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.sessions.rules import (
    Lifetimes,
    NoSession,
    RefreshToken,
    Refusal,
    SessionRecord,
    UnknownRefreshToken,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RECORD = SessionRecord(
    tenant_id=1001,
    session_id="s",
    account_id=1001,
    user_id="u",
    customer_set="b2c",
    site_id=101,
    methods=("password",),
    opened_at=NOW - MINUTE,
    token_expires_at=NOW + 15 * MINUTE,
    expires_at=NOW + 60 * MINUTE,
    ended=False,
    account_is_usable=True,
)
TOKEN = RefreshToken(RECORD, NOW + 30 * MINUTE, None, None)
GRACE = timedelta(seconds=30)


def test_a_session_is_valid_on_the_sites_of_its_set_and_on_no_other() -> None:
    """Rule 13: A session is valid on a site if and only if the site's set now is the account's set now."""
    assert RECORD.refusal(customer_set="b2c", now=NOW) is None
    assert RECORD.refusal(customer_set="b2b", now=NOW) is Refusal.OTHER_CUSTOMER_SET


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ended": True}, Refusal.ENDED),
        ({"account_is_usable": False}, Refusal.ENDED),
        ({"token_expires_at": NOW}, Refusal.EXPIRED),
        ({"expires_at": NOW}, Refusal.EXPIRED),
        ({"token_expires_at": NOW + MINUTE, "expires_at": NOW + MINUTE}, None),
    ],
)
def test_what_else_ends_it(changes: dict[str, object], refusal: Refusal | None) -> None:
    record = replace(RECORD, **changes)  # type: ignore[arg-type]  # fields by name
    assert record.refusal(customer_set="b2c", now=NOW) is refusal


@given(
    st.sampled_from(["b2c", "b2b"]),
    st.booleans(),
    st.booleans(),
    st.integers(-20, 20),
    st.integers(-20, 20),
)
def test_nothing_makes_up_for_anything_else(
    customer_set: str, ended: bool, usable: bool, token_left: int, session_left: int
) -> None:
    record = replace(
        RECORD,
        ended=ended,
        account_is_usable=usable,
        token_expires_at=NOW + token_left * MINUTE,
        expires_at=NOW + session_left * MINUTE,
    )
    may = customer_set == "b2c" and not ended and usable and token_left > 0 and session_left > 0
    assert (record.refusal(customer_set=customer_set, now=NOW) is None) == may
    token = RefreshToken(record, NOW + token_left * MINUTE, None, None)
    assert token.is_good(customer_set=customer_set, now=NOW) == may


@pytest.mark.parametrize("refusal", list(Refusal))
def test_each_refusal_tells_what_to_do_and_a_code_clients_know(refusal: Refusal) -> None:
    error = NoSession(refusal)
    assert error.error_code == "INVALID_ACCESS_TOKEN"
    assert error.data == (("Reason", refusal.value),)
    assert "ign in" in error.message


def test_every_bad_refresh_token_is_the_same_not_found() -> None:
    """[K] 2.4: unknown, expired and revoked are 404 `ITEM_NOT_FOUND`."""
    assert UnknownRefreshToken().error_code == "ITEM_NOT_FOUND"


def test_a_replaced_refresh_token_is_reused_only_after_the_grace() -> None:
    assert not TOKEN.is_reused(now=NOW, grace=GRACE)
    replaced = replace(TOKEN, replaced_at=NOW, successor_salt=b"s" * 32)
    assert not replaced.is_reused(now=NOW + GRACE, grace=GRACE)
    assert replaced.is_reused(now=NOW + GRACE + timedelta(microseconds=1), grace=GRACE)


def test_a_callers_wishes_shorten_a_ticket_and_never_lengthen_it() -> None:
    """[K] 2.1: custom lifetimes are capped by the platform's limits."""
    lifetimes = Lifetimes(15 * MINUTE, 60 * MINUTE, GRACE, 600 * MINUTE)
    assert lifetimes.limited(None, None) == lifetimes
    assert lifetimes.limited(MINUTE, 2 * MINUTE) == replace(
        lifetimes, access=MINUTE, refresh=2 * MINUTE
    )
    assert lifetimes.limited(99 * MINUTE, 99 * MINUTE) == lifetimes
