"""A process that owns embedded servers, for tests that end it in every way a process can end.

`owner.py FOLDER` starts both servers and prints `ready`; `owner.py FOLDER write` then also writes the numbers from
1 on, each into both servers, and prints a number once both have acknowledged it. Without a signal handler of its own.
"""

import itertools
import signal
import sys
from pathlib import Path

import psycopg
import redis

from authsvc.embedded.servers import EmbeddedServers


def write_numbers(servers: EmbeddedServers) -> None:
    """Write one number after the other and print each when it is acknowledged."""
    valkey = redis.from_url(servers.valkey_url)
    with psycopg.connect(servers.postgres.connection_string, autocommit=True) as database:
        database.execute("CREATE TABLE IF NOT EXISTS numbers (number integer)")
        for number in itertools.count(1):
            database.execute("INSERT INTO numbers VALUES (%s)", [number])
            valkey.set("number", number)
            print(number, flush=True)  # noqa: T201 - the test reads it


def main() -> None:
    """Own both servers until a signal ends this process."""
    with EmbeddedServers(Path(sys.argv[1])) as servers:
        print("ready", flush=True)  # noqa: T201 - the test reads it
        if sys.argv[2:] == ["write"]:
            write_numbers(servers)
        signal.pause()


if __name__ == "__main__":
    main()
