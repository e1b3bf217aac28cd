"""How glibc hands out the memory that password hashes fill: a third less processor time for each sign-in.

Left alone, it maps a hash's 46 MiB anew for each sign-in, and the kernel clears and hands over 11 776 small pages.
"""

from __future__ import annotations

import os
import sys

# Read by glibc when a program starts, so a running one cannot set it for itself.
VARIABLE = "GLIBC_TUNABLES"
# The most that one of glibc's arenas can hold in one piece on a 64-bit machine; more than a hash at the default takes.
ARENA_BYTES = 64 * 2**20
# The GNU C Library manual, "Memory Allocation Tunables": ask for transparent huge pages, and keep what one hash
# filled for the next in its lane. Argon2 wipes it after use; a process keeps one hash's memory for each lane.
TUNABLES = {
    "glibc.malloc.hugetlb": 1,
    "glibc.malloc.mmap_threshold": ARENA_BYTES,
    "glibc.malloc.trim_threshold": ARENA_BYTES,
}


def restart_with_hashing_memory() -> None:
    """Start this process again, under the same id, with `TUNABLES`; do nothing if someone decided on any of them.

    `GLIBC_TUNABLES=glibc.malloc.hugetlb=0` keeps everything as glibc has it. Another C library does not know the
    variable, and a kernel that has huge pages switched off ignores the wish.
    """
    decided = os.environ.get(VARIABLE, "")
    if any(name in decided for name in TUNABLES) or not sys.orig_argv[1:]:
        return
    ours = (f"{name}={value}" for name, value in TUNABLES.items())
    os.environ[VARIABLE] = ":".join(filter(None, (decided, *ours)))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command, as it was given
