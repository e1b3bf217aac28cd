"""The Argon2id hash alone: a process on the server's core that does nothing but hash when it is told to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher, Type

from authsvc.credentials.hashing import HASH_BYTES, SALT_BYTES, HashParameters
from authsvc.demo.merchant import PASSWORD
from authsvc.infra.hashing_memory import VARIABLE
from bench.stack import cores

HASH, VERIFY = "hash", "verify"


@dataclass(frozen=True)
class BareHash:
    """The process, from outside."""

    process: subprocess.Popen[str]

    def seconds(self, what: str, times: int) -> float:
        """Return the processor time of one `HASH` or `VERIFY`, over `times` in a row."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(what, times, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


@contextmanager
def bare_hash(*, huge_pages: bool = False) -> Iterator[BareHash]:
    """Run the process until the block ends, as Python starts it or with the huge pages that the server has too."""
    with subprocess.Popen(
        ["/usr/bin/taskset", "--cpu-list", str(cores()[0]), sys.executable, "-m", __name__],
        env={**os.environ, VARIABLE: f"glibc.malloc.hugetlb={int(huge_pages)}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield BareHash(process)
        assert process.stdin is not None
        process.stdin.close()


def _answer() -> None:
    parameters = HashParameters()
    hasher = PasswordHasher(
        parameters.time_cost,
        parameters.memory_kib,
        parameters.parallelism,
        HASH_BYTES,
        SALT_BYTES,
        type=Type.ID,
    )
    stored = hasher.hash(PASSWORD)
    for line in sys.stdin:
        what, times = line.split()
        begun = time.process_time()
        for _ in range(int(times)):
            if what == HASH:
                hasher.hash(PASSWORD)
            else:
                hasher.verify(stored, PASSWORD)
        print((time.process_time() - begun) / int(times), flush=True)


if __name__ == "__main__":
    _answer()
