"""Every way to sign in stands on the page that compares them (ASVS 6.1.3)."""

from __future__ import annotations

from pathlib import Path

from authsvc.callers import ACT_AS
from authsvc.login.by_password import PASSWORD
from authsvc.login.service import NEW_ACCOUNT
from authsvc.second_factor.rules import Factor

PAGE = (Path(__file__).parents[2] / "docs" / "signing_in.md").read_text()


def test_every_way_to_sign_in_is_compared_on_one_page() -> None:
    ways = [NEW_ACCOUNT, PASSWORD, *Factor, ACT_AS]
    assert [way for way in ways if f"\n| `{way}`" not in PAGE] == []
