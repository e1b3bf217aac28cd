"""All copies of token records made void at once: what was asked before is not believed, what is asked now is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from authsvc.infra.token_records import TokenRecords
from authsvc.services import Services
from authsvc.tokens import TokenReference


@pytest.fixture(name="token")
def _token() -> TokenReference:
    return TokenReference(1, uuid4().bytes + uuid4().bytes)


def records(services: Services, generation: int) -> TokenRecords:
    """Return a process's view of the copies, at a generation."""
    made = TokenRecords(services.valkey)
    made.recognise_server()
    made.barred_since_last()
    made.void_before(generation)
    return made


def test_a_copy_of_an_older_generation_is_not_believed_and_gives_way(
    services: Services, token: TokenReference
) -> None:
    old, new = records(services, 10**9), records(services, 10**9 + 1)
    old.put(token, b"in b2c", old.question(datetime.now(UTC)))
    assert old.get(token) == b"in b2c"
    assert new.get(token) is None
    new.put(token, b"in b2b", new.question(datetime.now(UTC)))
    assert new.get(token) == old.get(token) == b"in b2b"


def test_an_answer_that_was_asked_for_before_never_replaces_a_newer_one(
    services: Services, token: TokenReference
) -> None:
    process = records(services, 10**9)
    slow = process.question(datetime.now(UTC))
    process.void_before(10**9 + 1)
    process.put(token, b"in b2b", process.question(datetime.now(UTC)))
    process.put(token, b"in b2c", slow)
    assert process.get(token) == b"in b2b"


def test_a_slow_answer_from_before_is_not_believed(
    services: Services, token: TokenReference
) -> None:
    process = records(services, 10**9)
    slow = process.question(datetime.now(UTC))
    process.void_before(10**9 + 1)
    process.put(token, b"in b2c", slow)
    assert process.get(token) is None


def test_a_bar_stays_whatever_the_generation(services: Services, token: TokenReference) -> None:
    process = records(services, 10**9)
    process.bar(token.tenant_id, [token.digest])
    process.void_before(10**9 + 1)
    process.put(token, b"in b2c", process.question(datetime.now(UTC)))
    assert process.get(token) is None
