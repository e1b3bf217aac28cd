"""What is locked is named by version and hash; where it comes from is for whoever installs to say."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = sorted(
    path
    for pattern in (
        "config/requirements/*.txt",
        "bench/checks/rivals/*/requirements.txt",
        "bench/checks/rivals/*/package-lock.json",
        "tests/vendor_clients/package-lock.json",
    )
    for path in PROJECT.glob(pattern)
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_lock_holds_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "sha512-" in text or "--hash=sha256:" in text
    assert "://" not in text
