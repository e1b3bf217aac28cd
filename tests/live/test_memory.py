"""Hashing is bounded: sixty-four sign-ins at once cost little memory, are all answered, and starve no check."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from statistics import median

from authsvc.settings import Settings
from tests.live.conftest import House
from tests.live.crowds import at_once
from tests.live.storefronts import Answer, Storefronts

SIGN_INS = 64
MEBIBYTE = 2**20
# Beside its hash, a request under way costs a thread's stack, buffers and a connection to PostgreSQL.
MARGIN_BYTES_PER_SIGN_IN = MEBIBYTE
# On two cores that hash all the while; a check alone takes a few milliseconds.
TYPICAL_CHECK_SECONDS = 0.25
LONGEST_CHECK_SECONDS = 2.0


def resident_peak(pid: int) -> int:
    """Return the most memory a process has had since `forget_peak`, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel tells no peak")


def forget_peak(pid: int) -> int:
    """Let the kernel measure the peak anew (proc(5), clear_refs); returns the memory in use, in bytes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return resident_peak(pid)


def test_sixty_four_sign_ins_at_once(house: House, storefronts: Storefronts) -> None:
    # Not too often at one name from one place, which is for who guesses.
    shoppers = [storefronts.new_shopper() for _ in range(SIGN_INS // 4)]
    workers = [pid for instance in house.instances for pid in instance.workers()]
    before = {pid: forget_peak(pid) for pid in workers}
    done = threading.Event()
    checks: list[Answer] = []

    def keep_checking() -> None:
        with_connection = house.instances[0].connect()
        while not done.is_set():
            checks.append(storefronts.check(shoppers[0].access_token, at=with_connection))
        with_connection.close()

    checking = threading.Thread(target=keep_checking)
    checking.start()
    try:
        answers = at_once(
            [
                partial(
                    storefronts.sign_in,
                    shoppers[number % len(shoppers)].username,
                    at=house.instances[number % 2],
                )
                for number in range(SIGN_INS)
            ]
        )
    finally:
        done.set()
        checking.join()
    assert all(answer.status == 201 or answer.is_clean_503() for answer in answers)
    assert any(answer.status == 201 for answer in answers)
    assert {check.status for check in checks} == {200}
    waits = sorted(check.seconds for check in checks)
    assert median(waits) < TYPICAL_CHECK_SECONDS
    assert waits[-1] < LONGEST_CHECK_SECONDS
    settings = Settings.model_fields
    bound = (
        settings["hashing_lanes"].default * settings["argon2_memory_kib"].default * 1024
        + SIGN_INS * MARGIN_BYTES_PER_SIGN_IN
    )
    grown = {pid: resident_peak(pid) - before[pid] for pid in workers}
    assert max(grown.values()) < bound, grown


def test_a_crowd_larger_than_the_queue_is_told_to_come_back(
    house: House, storefronts: Storefronts
) -> None:
    """With a short queue most of a crowd is refused at once, and whoever is not is served."""
    tight = house.new_instance(
        "tight", AUTHSVC_HASHING_QUEUE="4", AUTHSVC_WORKERS="1", AUTHSVC_ARGON2_TIME_COST="10"
    )
    tight.start()
    try:
        tight.await_ready()
        shoppers = [storefronts.new_shopper() for _ in range(6)]
        answers = at_once(
            [partial(storefronts.sign_in, each.username, at=tight) for each in shoppers * 4]
        )
    finally:
        tight.put_away()
    assert {answer.status for answer in answers} == {201, 503}
    for answer in answers:
        assert answer.status == 201 or answer.is_clean_503()
