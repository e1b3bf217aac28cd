"""The live demos that the vendor's clients are run against, one over http and one over https."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demos import Demo, running_demo
from tests.made_once import MadeOnce, copied

# Few enough that the tests of too many failed sign-ins need not hash a password a hundred times, and cheap hashes:
# what is tested here is the API.
FEW_ATTEMPTS = {
    "AUTHSVC_FAILED_LOGIN_LIMIT": "5",
    "AUTHSVC_ARGON2_MEMORY_KIB": "1024",
}


@pytest.fixture(scope="session", name="demo")
def _demo(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo merchant over http."""
    folder = copied(made_once.migrated, tmp_path_factory.mktemp("demo"))
    with running_demo(folder, variables=FEW_ATTEMPTS, is_measured=True) as demo:
        yield demo


@pytest.fixture(scope="session", name="demo_tls")
def _demo_tls(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo merchant over https, with a certificate of its own authority."""
    folder = copied(made_once.migrated, tmp_path_factory.mktemp("demo_tls"))
    with running_demo(folder, "--tls", variables=FEW_ATTEMPTS) as demo:
        yield demo
