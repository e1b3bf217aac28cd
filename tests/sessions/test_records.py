"""The look-up behind a check: Valkey's copy while it may be believed, else PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from authsvc.infra.invalidation import TRUST_SECONDS
from authsvc.infra.token_records import RECORD_SECONDS
from authsvc.sessions.check_figures import Source
from authsvc.sessions.many_answer import Questions
from authsvc.sessions.many_checks import ManyChecks
from authsvc.sessions.records import SessionRecords, _from_copy, _to_copy
from authsvc.sessions.rules import NoSession, SessionRecord
from authsvc.sessions.service import Sessions
from authsvc.settings import Settings
from authsvc.tokens import Audience, TokenReference, reference
from authsvc.web.wire import wire_moment
from tests.clock import HeldClock
from tests.machines import NOWHERE, machine, on
from tests.merchants import Merchant

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds


@given(
    st.builds(
        SessionRecord,
        st.integers(1, 2**62),
        st.uuids().map(str),
        st.none() | st.integers(1, 2**62),
        st.text(max_size=55),
        st.sampled_from(["b2c", "b2b"]),
        st.integers(1, 2**62),
        st.lists(st.sampled_from(["password", "new_account"])).map(tuple),
        MOMENTS,
        MOMENTS,
        MOMENTS,
        st.booleans(),
        st.booleans(),
    )
)
def test_a_copy_says_what_the_record_said(record: SessionRecord) -> None:
    assert _from_copy(_to_copy(record)) == record


def of_other_releases(copy: bytes) -> list[bytes]:
    """Return a copy as other releases might have written it."""
    values = orjson.loads(copy)
    less, more = values[:-1], [*values, "new", "newer"]
    others: tuple[object, ...] = (
        less,
        more,
        [None] * len(values),
        {"tenant": values[0]},
        values[0],
        [],
    )
    return [b"", b"\x80copy", *map(orjson.dumps, others)]


@pytest.fixture(name="shop")
def _shop(settings: Settings, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings) as services:
        yield on(services, merchant)


@pytest.fixture(name="records")
def _records(shop: Merchant) -> SessionRecords:
    return shop.services.sessions.records


@pytest.fixture(name="token")
def _token(shop: Merchant) -> TokenReference:
    ticket = shop.sign_up("stacy@mail.com", "Mystic Sports")
    found = reference(ticket.tokens.access_token, Audience.SHOPPER)
    assert found is not None
    return found


def test_the_first_check_asks_postgresql_and_leaves_a_copy_for_a_minute(
    shop: Merchant, records: SessionRecords, token: TokenReference
) -> None:
    """Design §4: Valkey records carry a hard maximum age (60 s, then re-read from PostgreSQL)."""
    assert records.remembered(token) is None
    record = records.fresh(token)
    assert record is not None
    shop.services.invalidation.follow()
    assert records.remembered(token) == record
    valkey = redis.Redis.from_url(shop.services.settings.valkey_url.get_secret_value())
    lives = [valkey.pttl(key) for key in valkey.scan_iter(f"*{token.digest.hex()}*")]
    valkey.close()
    assert len(lives) == 1
    assert isinstance(lives[0], int)
    assert 0 < lives[0] <= RECORD_SECONDS * 1000


def test_a_copy_is_kept_under_the_tokens_digest(
    shop: Merchant, records: SessionRecords, token: TokenReference
) -> None:
    records.fresh(token)
    stranger = replace(token, tenant_id=token.tenant_id + 1)
    shop.services.invalidation.follow()
    assert records.remembered(stranger) is None
    assert records.fresh(stranger) is None
    assert records.fresh(replace(token, digest=b"\0" * 32)) is None


def test_a_copy_of_another_release_is_no_copy_and_postgresql_is_asked(
    shop: Merchant, records: SessionRecords, token: TokenReference
) -> None:
    """While releases change, workers of both read and write the same Valkey."""
    record = records.store.by_shown_tokens([token])[token]
    others = of_other_releases(_to_copy(record))
    assert [_from_copy(each) for each in others] == [None] * len(others)
    records.records.put(token, others[-1], records.records.question(shop.services.clock()))
    shop.services.invalidation.follow()
    assert records.records.get(token) == others[-1]
    assert records.remembered(token) is None
    assert records.look_up_all([token]).sources == {token: Source.POSTGRESQL}
    assert shop.services.sessions.check(token, None).record == record


def test_nothing_is_copied_of_a_session_that_may_not_be_used(
    shop: Merchant, records: SessionRecords, token: TokenReference
) -> None:
    record = records.store.by_shown_tokens([token])[token]
    shop.services.sessions.sign_out(shop.caller(), record.session_id)
    ended = records.fresh(token)
    assert ended is not None
    assert ended.ended
    shop.services.invalidation.follow()
    assert records.remembered(token) is None


def test_without_valkey_every_check_asks_postgresql(
    settings: Settings, token: TokenReference
) -> None:
    """Design §3: Losing all of Valkey logs nobody out."""
    with machine(settings, valkey_url=NOWHERE) as services:
        records = services.sessions.records
        assert not services.invalidation.trusted()
        assert records.remembered(token) is None
        assert services.sessions.check(token, None).record == records.fresh(token)


def test_a_check_writes_nothing_to_postgresql(shop: Merchant, token: TokenReference) -> None:
    """Design §4: A check reads. It never writes."""
    with shop.services.database.transaction():
        with shop.services.database.connection() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        assert shop.services.sessions.check(token, shop.site("Mystic Kids")).record.user_id


def of_one(sessions: Sessions, shown: str) -> str | None:
    try:
        return wire_moment(sessions.check(reference(shown, Audience.SHOPPER), None).true_at)
    except NoSession:
        return None


def of_many(sessions: Sessions, shown: str) -> str | None:
    answers = ManyChecks(sessions, lambda text: reference(text, Audience.SHOPPER)).answers(
        Questions.model_validate({"checks": [{"token": shown}]})
    )
    (answer,) = orjson.loads(answers)["answers"]
    return str(answer["session"]["asOf"]) if answer["session"] else None


@pytest.mark.parametrize("as_of", [of_one, of_many])
def test_no_answer_is_true_for_a_later_moment_than_the_look_it_was_believed_by(
    settings: Settings, merchant: Merchant, as_of: Callable[[Sessions, str], str | None]
) -> None:
    """What a look tells that ends while a check is under way, is not believed in that check."""
    clock = HeldClock()
    with machine(settings, clock) as here:
        tokens = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens
        assert of_one(here.sessions, tokens.access_token)
        clock.pass_time(seconds=TRUST_SECONDS)
        assert not here.invalidation.trusted()

        def meanwhile() -> datetime:
            if not here.invalidation.trusted():
                here.invalidation.follow()
                clock.pass_time(seconds=TRUST_SECONDS / 2)
                merchant.services.sessions.sign_out(merchant.caller(), tokens.session_id)
            return clock.now()

        records = replace(here.sessions.records, clock=meanwhile)
        assert as_of(replace(here.sessions, records=records), tokens.access_token) is None
        # Whoever asks next, while the copy is believed still, is told what it is worth.
        believed_at = here.invalidation.true_at()
        assert believed_at is not None
        assert as_of(here.sessions, tokens.access_token) == wire_moment(believed_at)
