"""The counts in Valkey, exact across workers and machines: one question before a try is judged, and one after.

All keys have one tag, so that one script sees them all: in a cluster they are on one primary, which has to do with
sign-ins alone, a millionth of what checks are. While it fails over nothing can be asked (`ValkeyUnavailable`); what was
counted in the last moment before may be lost with it, as everything in a replicated Valkey may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import redis

from authsvc.guessing.attempts import COUNTED_BY_ACCOUNT, Attempt, Permit, account_name
from authsvc.guessing.rules import (
    FREE_ALTOGETHER,
    FREE_ALTOGETHER_HARDENED,
    FREE_FROM_ONE_ORIGIN,
    FREE_FROM_ONE_ORIGIN_HARDENED,
    ORDINARY_FAILURES,
    SEEN_FOR,
    Limits,
    Reason,
    Standing,
    Step,
    TooManyFailures,
    wait_after,
)
from authsvc.guessing.scripts import BEGIN, NOTICE, TAKE_BACK, Script
from authsvc.infra.valkey import Command, Servers

_PREFIX = "authsvc:guessing:"
# What a moment may lose on its way through Valkey, as `begin.lua` has it: who comes back on time is let in.
_ROUNDING_SECONDS = 0.001


Call = tuple[Script, Sequence[str], Sequence[str | int]]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was found on one set that is taken for stuffing."""

    failures: int
    names: int


class ValkeyCounts:
    """Every method raises one of `ValkeyUnavailable` where Valkey cannot be asked."""

    def __init__(self, valkey: Servers, limits: Limits) -> None:
        """Count in `valkey`, by `limits`."""
        self._valkey = valkey
        self._limits = limits
        self._prefix = _PREFIX + valkey.tags[0].decode()

    def begin(self, attempt: Attempt, now: datetime) -> Permit:
        """Count a try as failed, or count nothing and raise `TooManyFailures`."""
        (reply,) = self.run(self.begin_call(attempt, now))
        return permit_of(attempt, reply)

    def take_back(self, permit: Permit, now: datetime, *, good: bool) -> None:
        """Take back what a good try was counted for, with all failures of its account; or one that nobody judged."""
        self.run(*self.take_back_calls(permit, now, good=good))

    def fail(self, permit: Permit, now: datetime) -> Noticed | None:
        """Note a failed try of somebody unknown; returns what is noticed where that hardens guessing from now on."""
        if not permit.attempt.is_noticed:
            return None
        ((is_new, failures, names),) = self.run(self.notice_call(permit, now, failed=True))
        return Noticed(failures, names) if is_new else None

    def vouch(self, block: str) -> None:
        """Count an address block among those that good sign-ins come from."""
        self._ask([("SET", self._seen(block), 1, "EX", int(SEEN_FOR.total_seconds()))])

    def forget(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Forget all failures of a username, at whichever door."""
        names = (account_name(tenant_id, customer_set, key, door) for door in COUNTED_BY_ACCOUNT)
        self._ask([("DEL", *(self._account(name) for name in names))])

    def standing(self, tenant_id: int, customer_set: str, key: str, now: datetime) -> Standing:
        """Tell where a username stands."""
        account, limits = self._account(account_name(tenant_id, customer_set, key)), self._limits
        ((*found,),) = self._ask([("HMGET", account, "n", "s", "f", "a", "l")])
        count, strangers, first, last, last_stranger = (float(each or 0) for each in found)
        forgotten_at = _moment(last) + limits.memory
        if not last or forgotten_at <= now:
            return Standing(0, limits.strangers)
        left, none = forgotten_at - now, timedelta()
        due = _moment(last_stranger) + wait_after(
            int(strangers), FREE_ALTOGETHER, limits.longest_wait
        )
        everybody = left if count >= limits.altogether else none
        exhausted = left if strangers >= limits.strangers else none
        return Standing(
            int(count),
            0 if everybody else max(0, limits.strangers - int(strangers)),
            _moment(first),
            _moment(last),
            forgotten_at,
            max(everybody, exhausted, due - now, none),
            everybody,
        )

    def is_hardened(self, now: datetime) -> bool:
        """Tell whether stuffing is taken to be going on."""
        (until,) = self._ask([("GET", self._hardened)])
        return float(until or 0) > now.timestamp()

    def begin_call(self, attempt: Attempt, now: datetime) -> Call:
        """Return what `begin` asks; `permit_of` reads the reply."""
        limits, origin = self._limits, attempt.origin
        windows = attempt.windows(limits)
        arguments: list[str | int] = [
            _seconds(now),
            origin.name,
            int(origin.device is not None),
            int(origin.is_storefront),
            int(attempt.key is not None),
            int(limits.memory.total_seconds()),
            limits.strangers,
            limits.altogether,
            int(limits.longest_wait.total_seconds()),
            FREE_FROM_ONE_ORIGIN,
            FREE_ALTOGETHER,
            FREE_FROM_ONE_ORIGIN_HARDENED,
            FREE_ALTOGETHER_HARDENED,
        ]
        for window in windows:
            arguments += [
                window.normal.amount,
                window.narrow.amount,
                window.normal.seconds,
                window.reason,
            ]
        keys = [*self._keys(attempt), *(self._window(each.name) for each in windows)]
        return BEGIN, keys, arguments

    def take_back_calls(self, permit: Permit, now: datetime, *, good: bool) -> list[Call]:
        """Return what `take_back` asks."""
        attempt, limits = permit.attempt, self._limits
        origin = attempt.origin
        windows = attempt.windows(limits)
        proves_block = (
            origin.block is not None and not origin.is_storefront and attempt.key is not None
        )
        arguments: list[str | int] = [
            origin.name,
            int(origin.device is not None),
            permit.windows_taken,
            int(SEEN_FOR.total_seconds()) if good and proves_block else 0,
            ORDINARY_FAILURES,
            limits.address.seconds,
            _seconds(now),
            int(good),
        ]
        keys = [*self._keys(attempt), *(self._window(each.name) for each in windows)]
        calls: list[Call] = [(TAKE_BACK, keys, arguments)]
        if good and attempt.is_noticed:
            calls.append(self.notice_call(permit, now, failed=False))
        return calls

    @property
    def _hardened(self) -> str:
        return f"{self._prefix}:hardened"

    def _keys(self, attempt: Attempt) -> list[str]:
        return [
            self._hardened,
            self._seen(attempt.origin.block),
            self._account(attempt.account),
        ]

    def _seen(self, block: str | None) -> str:
        return f"{self._prefix}:seen:{block}"

    def _account(self, name: str) -> str:
        return f"{self._prefix}:account:{name}"

    def _window(self, name: str) -> str:
        return f"{self._prefix}:window:{name}"

    def notice_call(self, permit: Permit, now: datetime, *, failed: bool) -> Call:
        """Return what tells whether a try is one of many: 1 if guessing is hardened from now on, failures, names."""
        attempt, at = permit.attempt, self._limits.noticed_at
        slot = int(now.timestamp()) // at.seconds
        place = f"{self._prefix}:noticed:{attempt.place}:{slot}"
        keys = [*self._keys(attempt), place, f"{place}:names"]
        hardened_for = int(self._limits.hardened_for.total_seconds())
        return (
            NOTICE,
            keys,
            [_seconds(now), attempt.typed, int(failed), at.amount, at.seconds, hardened_for],
        )

    def run(self, *calls: Call) -> list[Any]:
        """Ask all at once, and return the replies."""
        try:
            return self._ask([_command(*call) for call in calls])
        except redis.exceptions.NoScriptError:
            # A server that has begun anew, or taken over, knows none of them. All together: of two that are sent at
            # once none may be done twice.
            self._ask([("SCRIPT", "LOAD", script.text) for script in (BEGIN, TAKE_BACK, NOTICE)])
            return self._ask([_command(*call) for call in calls])

    def _ask(self, commands: Sequence[Command]) -> list[Any]:
        return self._valkey.holding(self._prefix.encode()).ask(lambda _run: commands)


def permit_of(attempt: Attempt, reply: Any) -> Permit:  # noqa: ANN401  as scripts return it
    """Return what the reply to `ValkeyCounts.begin_call` permits; raises `TooManyFailures`."""
    allowed, reason, wait, step, taken, hardened, eased = reply
    if not allowed:
        seconds = max(1, ceil(float(wait) - _ROUNDING_SECONDS))
        raise TooManyFailures(seconds, Reason(reason.decode()))
    return Permit(attempt, Step(step.decode()), taken, bool(hardened), bool(eased))


def _command(script: Script, keys: Sequence[str], arguments: Sequence[str | int]) -> Command:
    return ("EVALSHA", script.digest, len(keys), *keys, *arguments)


def _seconds(now: datetime) -> str:
    return f"{now.timestamp():.6f}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
