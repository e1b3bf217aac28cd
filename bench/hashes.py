"""One Argon2id hash by argon2-cffi, which the server uses, and by libsodium, which reads and writes the same hashes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from argon2 import PasswordHasher, Type
from nacl.pwhash import argon2id

from authsvc.credentials.hashing import HASH_BYTES, SALT_BYTES, HashParameters
from authsvc.demo.merchant import PASSWORD
from bench.figures import table, typical
from bench.stack import cores

ROUNDS = 15
PER_ROUND = 10


def main() -> None:
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores()[0]})
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
    ways: dict[str, Callable[[], object]] = {
        "argon2-cffi": lambda: hasher.verify(stored, PASSWORD),
        "libsodium (PyNaCl)": lambda: argon2id.verify(stored.encode(), PASSWORD.encode()),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, verify in ways.items():
            begun = time.process_time()
            for _ in range(PER_ROUND):
                verify()
            took[name].append((time.process_time() - begun) / PER_ROUND * 1000)
    os.sched_setaffinity(0, everywhere)
    rows = [[name, typical(its)] for name, its in took.items()]
    print(table(["", "ms of processor time, median (minimum)"], rows))


if __name__ == "__main__":
    main()
