"""What bearer tokens look like, and what is kept of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.tokens import Audience, digest, new_salt, new_token, reference, successor

TENANTS = st.integers(1, 10**18 - 1)


@given(TENANTS, st.sampled_from(Audience))
def test_a_token_names_its_tenant_and_is_looked_up_by_its_digest(
    tenant_id: int, audience: Audience
) -> None:
    token = new_token(tenant_id, audience)
    found = reference(token, audience)
    assert found is not None
    assert (found.tenant_id, found.digest) == (tenant_id, digest(token))
    other = Audience.SHOPPER if audience is Audience.APPLICATION else Audience.APPLICATION
    assert reference(token, other) is None


@given(TENANTS)
def test_refresh_tokens_use_url_safe_characters_only(tenant_id: int) -> None:
    """[K] A9; RFC 3986 §2.3: unreserved characters need no escape."""
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", new_token(tenant_id, Audience.SHOPPER))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1001s~",
        "s~" + "a" * 43,
        "01s~" + "a" * 43,
        "1001s~" + "a" * 42,
        "1001s~" + "a" * 44,
        "1001s~" + "é" * 43,
        "1001s~" + "a" * 43 + "\n",
        "١s~" + "a" * 43,
        "1" * 19 + "s~" + "a" * 43,
    ],
)
def test_what_was_never_one_of_ours_is_not_looked_up(text: str) -> None:
    assert reference(text, Audience.SHOPPER) is None


def test_a_token_has_a_successor_of_each_kind_that_only_it_and_the_salt_give() -> None:
    token, salt = new_token(1001, Audience.SHOPPER), new_salt()
    after = successor(token, salt, "refresh")
    assert after == successor(token, salt, "refresh")
    assert reference(after, Audience.SHOPPER) is not None
    others = {
        successor(token, salt, "access"),
        successor(token, new_salt(), "refresh"),
        successor(new_token(1001, Audience.SHOPPER), salt, "refresh"),
        token,
    }
    assert after not in others
    assert len(others) == 4
