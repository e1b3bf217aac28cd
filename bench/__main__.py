"""All benchmarks, one after the other, after a word about the machine."""

from __future__ import annotations

import os
import platform
import sysconfig
from importlib.metadata import version
from pathlib import Path

from bench import (
    customer_search,
    customer_sets_page,
    hashes,
    many_sign_ins,
    my_account,
    servers,
    sign_in,
)
from bench.checks import many

PACKAGES = (
    "argon2-cffi",
    "Flask",
    "granian",
    "gunicorn",
    "psycopg",
    "PyNaCl",
    "redis",
    "SQLAlchemy",
)


def main() -> None:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    is_optimised = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    build = "optimised" if is_optimised else "plain"
    print(f"{model or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"Python {platform.python_version()} ({build} build), {platform.platform()}")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    for subject in (
        hashes,
        sign_in,
        many_sign_ins,
        servers,
        many,
        my_account,
        customer_sets_page,
        customer_search,
    ):
        print(f"\n{(subject.__doc__ or '').splitlines()[0]}\n")
        subject.main()


if __name__ == "__main__":
    main()
