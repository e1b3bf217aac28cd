"""What an application, its id and its secret are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.applications.rules import (
    Application,
    ApplicationSecret,
    behaviors_named,
    new_client_id,
    new_shared_secret,
    secret_digest,
    tenant_of,
)
from authsvc.callers import Behavior
from authsvc.errors import Invalid

SECRET, NOW = new_shared_secret(), datetime.now(UTC)
APPLICATION = Application(
    1001,
    new_client_id(1001),
    "Storefront",
    (ApplicationSecret(secret_digest(SECRET), NOW),),
    frozenset(Behavior),
    is_active=True,
    created_at=NOW,
)


def test_an_application_accepts_its_own_secret_and_no_other() -> None:
    assert APPLICATION.accepts(SECRET, NOW)
    assert not APPLICATION.accepts(SECRET + " ", NOW)
    assert not APPLICATION.accepts(new_shared_secret(), NOW)
    assert not APPLICATION.accepts("\ud800", NOW)


def test_a_secret_is_good_until_it_ends() -> None:
    ending = replace(APPLICATION.secrets[0], expires_at=NOW + timedelta(seconds=1))
    application = replace(APPLICATION, secrets=(ending,))
    assert application.accepts(SECRET, NOW)
    assert not application.accepts(SECRET, NOW + timedelta(seconds=1))


def test_an_application_that_was_switched_off_accepts_nothing() -> None:
    assert not replace(APPLICATION, is_active=False).accepts(SECRET, NOW)


@given(st.integers(1, 10**18 - 1))
def test_a_client_id_names_its_tenant(tenant_id: int) -> None:
    assert tenant_of(new_client_id(tenant_id)) == tenant_id


@pytest.mark.parametrize(
    "text", ["", "1001", "1001.", ".abc", "0.abc", "x.abc", "1001.a b", "١.abc", "1" * 19 + ".abc"]
)
def test_what_is_no_client_id_belongs_to_nobody(text: str) -> None:
    assert tenant_of(text) is None


def test_a_secret_has_256_random_bits_and_is_kept_as_a_digest() -> None:
    assert len(SECRET) == 43
    assert len({new_shared_secret() for _ in range(100)}) == 100
    assert len(secret_digest(SECRET)) == 32


def test_behaviors_are_known_by_their_names() -> None:
    assert behaviors_named(["customer-read", "customer-read"]) == {Behavior.CUSTOMER_READ}
    assert behaviors_named([]) == frozenset()
    with pytest.raises(Invalid, match="'everything' is none"):
        behaviors_named(["customer-read", "everything"])
