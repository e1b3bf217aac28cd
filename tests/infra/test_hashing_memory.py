from __future__ import annotations

import os
import subprocess
import sys

import pytest

from authsvc.infra.hashing_memory import TUNABLES, VARIABLE

TELL = """
import os, sys
from authsvc.infra.hashing_memory import restart_with_hashing_memory
restart_with_hashing_memory()
print(os.getpid(), os.environ["GLIBC_TUNABLES"], *sys.argv[1:])
"""


OURS = ":".join(f"{name}={value}" for name, value in TUNABLES.items())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, OURS),
        ("", OURS),
        ("glibc.malloc.arena_max=2", f"glibc.malloc.arena_max=2:{OURS}"),
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
