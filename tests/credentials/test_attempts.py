"""Failed sign-ins, counted in Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import redis

from authsvc.credentials.attempts import Attempts, TooManyFailures
from authsvc.services import Services
from authsvc.settings import Settings
from tests.machines import NOWHERE, machine

TENANT = 7


@pytest.fixture(name="attempts")
def _attempts(settings: Settings, services: Services) -> Iterator[Attempts]:
    with machine(settings, failed_login_limit=3, failed_login_window_seconds=600) as strict:
        yield strict.login.attempts


@pytest.fixture(name="key")
def _key() -> str:
    return f"stacy-{uuid4().hex}@mail.com"


def test_as_many_failures_as_allowed_and_no_more(attempts: Attempts, key: str) -> None:
    """NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures; the setting's upper bound."""
    for _ in range(3):
        attempts.ensure_allowed(TENANT, "b2c", key)
        attempts.record_failure(TENANT, "b2c", key)
    with pytest.raises(TooManyFailures, match="Try again in 10 minutes") as refused:
        attempts.ensure_allowed(TENANT, "b2c", key)
    assert refused.value.error_code == "EXCEEDED_MAX_RETRIES"
    assert refused.value.retry_after_seconds is not None
    assert 590 <= refused.value.retry_after_seconds <= 601


def test_each_tenant_set_and_name_has_a_count_of_its_own(attempts: Attempts, key: str) -> None:
    for _ in range(3):
        attempts.record_failure(TENANT, "b2c", key)
    for others in ((TENANT, "b2b", key), (TENANT + 1, "b2c", key), (TENANT, "b2c", key + "x")):
        attempts.ensure_allowed(*others)
        assert attempts.failures(*others).count == 0


def test_the_count_can_be_asked_for_and_forgotten(attempts: Attempts, key: str) -> None:
    before = datetime.now(UTC)
    attempts.record_failure(TENANT, "b2c", key)
    stands = attempts.failures(TENANT, "b2c", key)
    assert (stands.count, stands.remaining) == (1, 2)
    assert stands.first_at is not None
    assert abs((stands.first_at - before).total_seconds()) < 5
    attempts.forget(TENANT, "b2c", key)
    assert attempts.failures(TENANT, "b2c", key) == type(stands)(0, 3, None)


def test_what_was_typed_is_not_kept(settings: Settings, attempts: Attempts, key: str) -> None:
    """It may be a password in the wrong field, so only its digest is kept."""
    attempts.record_failure(TENANT, "b2c", key)
    valkey = redis.Redis.from_url(settings.valkey_url.get_secret_value())
    assert list(valkey.scan_iter(f"*{key}*")) == []
    valkey.close()


def test_without_valkey_nothing_is_counted_and_everybody_may_try(
    settings: Settings, services: Services, key: str
) -> None:
    """Design §4: open with a log line on counting attempts."""
    with machine(settings, valkey_url=NOWHERE, failed_login_limit=1) as cut_off:
        attempts = cut_off.login.attempts
        for _ in range(2):
            attempts.record_failure(TENANT, "b2c", key)
            attempts.ensure_allowed(TENANT, "b2c", key)
        attempts.forget(TENANT, "b2c", key)
        assert attempts.failures(TENANT, "b2c", key).count == 0
