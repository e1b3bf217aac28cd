from __future__ import annotations

import os
import subprocess
import sys

import pytest

from authsvc.infra.huge_pages import VARIABLE

TELL = """
import os, sys
from authsvc.infra.huge_pages import restart_with_huge_pages
restart_with_huge_pages()
print(os.getpid(), os.environ["GLIBC_TUNABLES"], *sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("", "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.arena_max=2", "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_the_process_goes_on_under_its_own_id_with_what_was_decided(
    before: str | None, after: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if before is not None:
        environment[VARIABLE] = before
    with subprocess.Popen(
        [sys.executable, "-c", TELL, "two words"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        told, _ = process.communicate(timeout=30)
    assert told == f"{process.pid} {after} two words\n"
