"""A list of a million stolen passwords is tried from ten thousand addresses, while real shoppers sign in.

The rules and the counting are the real ones, in a real Valkey. What is not: the clock is simulated, passwords are
compared as text instead of being hashed (a hash says the same and would take a day), and nobody speaks HTTP.

`python -m bench.stuffing` spreads the list over an hour, each pair tried once; `--hours 24` over a day. Without limits
all million would be judged, and every account whose password is in the list would fall.
"""

from __future__ import annotations

import argparse
import heapq
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from authsvc.embedded.servers import EmbeddedServers
from authsvc.guessing.attempts import Attempt
from authsvc.guessing.counts import Call, ValkeyCounts, permit_of
from authsvc.guessing.origins import Origin
from authsvc.guessing.rules import Door, Step, TooManyFailures
from authsvc.guessing.use_cases import limits_of
from authsvc.infra.valkey import Valkey
from authsvc.settings import Settings, load_settings
from bench.figures import table

PAIRS = 1_000_000
ADDRESSES = 10_000
ACCOUNTS = 100_000
# (tenant, set, its sites): three merchants.
SETS = (
    (1001, "b2c", (101, 102)),
    (1001, "b2b", (103, 104)),
    (1002, "default", (105, 106, 107)),
    (1003, "b2c", (108, 109)),
    (1003, "b2b", (110,)),
)
# Of a hundred accounts two have a password that is in the list: what such lists are said to come to at their best.
REUSED = ACCOUNTS // 50
# Every tenth address of the attack is a shopper's neighbour (a rented residential line); the others are elsewhere.
NEIGHBOURS = 10
HOME_BLOCKS = 5_000
# Real sign-ins an hour: a shopper in five, once.
SIGN_INS_AN_HOUR = 20_000
# Of a hundred sign-ins so many are on a device that has signed in before, and on another in the usual place; the others
# are on a new device in a new place.
ON_KNOWN_DEVICE, AT_HOME = 85, 12
# Of a hundred shoppers so many type it right at once, at the second and at the third time; the others at the fifth.
AT_ONCE, AT_SECOND, AT_THIRD = 80, 14, 4
# Between two tries of a shopper, and what they are ready to wait for the next.
TYPING_SECONDS, PATIENCE_SECONDS = 8, 60
# Tries whose cost is measured: fewer than strangers may fail altogether.
MEASURED = 1_000
# Seconds; a service would not wait so long, but a simulation on a busy machine shall end.
PATIENCE_WITH_VALKEY = 30
# Guesses that are under way at once.
TOGETHER = 64


@dataclass(frozen=True)
class Pair:
    """A stolen pair, and from which address it is tried."""

    account: int
    is_right: bool
    address: int

    @property
    def block(self) -> str:
        """Return the block that the address is in."""
        if self.address % NEIGHBOURS == 0:
            return _home(self.address // NEIGHBOURS)
        return f"45.{self.address >> 8}.{self.address & 255}.0/24"


@dataclass
class Shopper:
    """One real sign-in: where from, and how many tries it takes."""

    kind: str
    origin: Origin
    account: int
    tries: int
    has_come: bool = False
    refused: bool = False


@dataclass
class Told:
    """What came of it."""

    judged: int = 0
    judged_before: int = 0
    fallen: set[int] = field(default_factory=set)
    from_homes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    shoppers: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    kept_out: Counter[str] = field(default_factory=Counter)
    noticed_after: timedelta | None = None


class World:
    """The accounts, the counts, and the time."""

    def __init__(self, settings: Settings, hours: float, pairs: int) -> None:
        self.limits = limits_of(settings)
        self.counts = ValkeyCounts(
            Valkey(
                f"{settings.valkey_url.get_secret_value()}?socket_timeout={PATIENCE_WITH_VALKEY}"
            ),
            self.limits,
        )
        self.hours = hours
        self.pairs = pairs
        # Of a part of the list a part is right.
        self.reused = REUSED * pairs // PAIRS
        # The same list and the same shoppers each time.
        self.chance = random.Random(20261122)  # noqa: S311  nothing is kept secret by it
        self.begun = self.now = datetime.now(UTC)
        self.told = Told()
        self.waiting: list[tuple[float, int, Shopper]] = []
        self.numbers = iter(range(10**9))

    def run(self) -> None:
        """Let the hours pass."""
        self._know_the_blocks()
        together: list[Pair] = []
        for at, pair in self._in_order():
            self.now = self.begun + timedelta(seconds=at)
            if isinstance(pair, Shopper):
                self._guess(together)
                together = []
                self._shop(pair, at)
                continue
            together.append(pair)
            if len(together) == TOGETHER:
                self._guess(together)
                together = []
        self._guess(together)

    def _in_order(self) -> Iterator[tuple[float, Shopper | Pair]]:
        seconds = self.hours * 3_600
        for _ in range(int(SIGN_INS_AN_HOUR * self.hours)):
            self._later(self.chance.uniform(0, seconds), self._shopper())
        right = [True] * self.reused + [False] * (self.pairs - self.reused)
        self.chance.shuffle(right)
        owners = iter(self.chance.sample(range(ACCOUNTS), self.reused))
        for number, is_right in enumerate(right):
            at = number * seconds / self.pairs
            while self.waiting and self.waiting[0][0] <= at:
                when, _, shopper = heapq.heappop(self.waiting)
                yield when, shopper
            account = next(owners) if is_right else self.chance.randrange(ACCOUNTS)
            yield at, Pair(account, is_right, number % ADDRESSES)
        while self.waiting:
            when, _, shopper = heapq.heappop(self.waiting)
            yield when, shopper

    def _know_the_blocks(self) -> None:
        """Sign somebody in from every home, as in the weeks before."""
        self.now = self.begun - timedelta(days=1)
        for number in range(HOME_BLOCKS):
            attempt = self._attempt(Origin(_home(number)), number)
            self.counts.take_back(self.counts.begin(attempt, self.now), self.now, good=True)

    def _shopper(self) -> Shopper:
        account, drawn, typing = (self.chance.randrange(each) for each in (ACCOUNTS, 100, 100))
        home = _home(account % HOME_BLOCKS)
        tries = 1 + sum(typing >= most for most in (AT_ONCE, AT_ONCE + AT_SECOND))
        tries = 5 if typing >= AT_ONCE + AT_SECOND + AT_THIRD else tries
        if drawn < ON_KNOWN_DEVICE:
            return Shopper("known device", Origin(home, device=f"d{account}"), account, tries)
        if drawn < ON_KNOWN_DEVICE + AT_HOME:
            return Shopper("new device, usual place", Origin(home), account, tries)
        away = f"100.{self.chance.randrange(64, 128)}.{self.chance.randrange(256)}.0/24"
        return Shopper("new device, new place", Origin(away), account, tries)

    def _shop(self, shopper: Shopper, at: float) -> None:
        told, kind = self.told, shopper.kind
        attempt = self._attempt(shopper.origin, shopper.account)
        told.shoppers[kind] += not shopper.has_come
        shopper.has_come = True
        try:
            permit = self.counts.begin(attempt, self.now)
        except TooManyFailures as refused:
            if not shopper.refused:
                told.refused[kind] += 1
            wait = refused.retry_after_seconds or 0
            if shopper.refused or wait > PATIENCE_SECONDS:
                told.kept_out[kind] += 1
            else:
                shopper.refused = True
                self._later(at + wait, shopper)
            return
        shopper.tries -= 1
        if shopper.tries:
            self.counts.fail(permit, self.now)
            self._later(at + TYPING_SECONDS, shopper)
        else:
            self.counts.take_back(permit, self.now, good=True)

    def _guess(self, pairs: list[Pair]) -> None:
        """Try some pairs at once, as many workers would."""
        told, counts = self.told, self.counts
        attempts = [self._attempt(Origin(pair.block), pair.account) for pair in pairs]
        replies = counts.run(*(counts.begin_call(each, self.now) for each in attempts))
        after: list[Call] = []
        for pair, attempt, reply in zip(pairs, attempts, replies, strict=True):
            try:
                permit = permit_of(attempt, reply)
            except TooManyFailures as refused:
                told.reasons[refused.reason] += 1
                continue
            told.judged += 1
            told.from_homes += permit.step is Step.SEEN_ADDRESS
            if pair.is_right:
                told.fallen.add(pair.account)
                after += counts.take_back_calls(permit, self.now, good=True)
            else:
                after.append(counts.notice_call(permit, self.now, failed=True))
        found = counts.run(*after) if after else []
        if told.noticed_after is None and any(type(each) is list and each[0] for each in found):
            told.noticed_after, told.judged_before = self.now - self.begun, told.judged

    def _attempt(self, origin: Origin, account: int) -> Attempt:
        tenant_id, customer_set, sites = SETS[account % len(SETS)]
        site_id = sites[account % len(sites)]
        return Attempt(
            Door.PASSWORD, origin, tenant_id, customer_set, site_id, f"shopper{account}@mail.com"
        )

    def _later(self, at: float, shopper: Shopper) -> None:
        heapq.heappush(self.waiting, (at, next(self.numbers), shopper))


def _home(number: int) -> str:
    number %= HOME_BLOCKS
    return f"81.{number >> 8}.{number & 255}.0/24"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder, EmbeddedServers(Path(folder)) as servers:
        settings = load_settings(
            database_url=servers.database_url,
            valkey_url=servers.valkey_url,
            encryption_keys="bm8gc2VjcmV0LCBub3RoaW5nIGlzIGVuY3J5cHRlZCE=",
        )
        world = World(settings, chosen.hours, chosen.pairs)
        began = time.perf_counter()
        world.run()
        took = time.perf_counter() - began
        cost = _cost(world, settings.valkey_url.get_secret_value())
    _tell(world, took, cost)


def _cost(world: World, valkey_url: str) -> dict[str, tuple[float, float]]:
    """Return the microseconds of processor time here and in Valkey: of a wrong try, a right one, and one refused."""
    valkey = redis.Redis.from_url(valkey_url)
    world.now += timedelta(days=1)

    def wrong(number: int) -> None:
        permit = world.counts.begin(_try(number), world.now)
        world.counts.fail(permit, world.now)

    def right(number: int) -> None:
        permit = world.counts.begin(_try(number), world.now)
        world.counts.take_back(permit, world.now, good=True)

    def refused(_: int) -> None:
        # All but the first few.
        with suppress(TooManyFailures):
            world.counts.begin(_try(0), world.now)

    def in_valkey() -> float:
        told = valkey.info("cpu")
        return float(told["used_cpu_user_main_thread"] + told["used_cpu_sys_main_thread"])

    found = {}
    for each in (right, wrong, refused):
        here, there = time.process_time(), in_valkey()
        for number in range(MEASURED):
            each(number)
        spent = (time.process_time() - here, in_valkey() - there)
        found[each.__name__] = (spent[0] * 1e6 / MEASURED, spent[1] * 1e6 / MEASURED)
    valkey.close()
    return found


def _try(number: int) -> Attempt:
    """Return a try on a site of its own, so that none is refused for the others."""
    block = f"7.{number >> 8}.{number & 255}.0/24"
    return Attempt(
        Door.PASSWORD,
        Origin(block),
        2_000 + number,
        "default",
        9_000 + number,
        f"{number}@mail.com",
    )


def _tell(world: World, took: float, cost: dict[str, tuple[float, float]]) -> None:
    told = world.told
    print(
        f"{world.pairs:,} pairs from {ADDRESSES:,} addresses in {world.hours:g} h; simulated in {took:.0f} s"
    )
    if told.noticed_after is not None:
        after = told.noticed_after.total_seconds()
        print(f"noticed after {after:.0f} s, when {told.judged_before:,} had been judged")
    print(
        f"judged: {told.judged:,} ({told.judged / world.pairs:.2%}); of them {told.from_homes:,} from shoppers' blocks"
    )
    print(
        f"refused by: {dict(sorted((str(reason), many) for reason, many in told.reasons.items()))}"
    )
    print(
        f"accounts fallen: {len(told.fallen):,} of {world.reused:,} whose password was in the list"
    )
    rows = [
        [
            kind,
            f"{many:,}",
            f"{told.refused[kind]:,}",
            f"{told.kept_out[kind]:,}",
            f"{told.kept_out[kind] / many:.2%}",
        ]
        for kind, many in told.shoppers.items()
    ]
    print(
        table(
            ["real shoppers", "sign-ins", "refused once", "not in within a minute", "share"], rows
        )
    )
    print("microseconds of processor time for counting, here and in Valkey:")
    print(", ".join(f"{kind} {here:.0f} + {there:.0f}" for kind, (here, there) in cost.items()))


if __name__ == "__main__":
    main()
