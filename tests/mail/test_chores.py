"""What the worker does by the clock: once, whichever of several workers comes to it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from authsvc.infra.job_queue import JobQueue, Task
from authsvc.services import Services
from authsvc.worker import Chore, chores_of, worker_app
from tests.mail.working import forget_jobs, jobs


def test_a_chore_is_done_and_a_failure_of_it_kept_from_nobody(services: Services) -> None:
    forget_jobs(services)
    done: list[str] = []

    def fail() -> None:
        done.append("fails")
        raise ValueError("cannot be done")

    chores = [
        Chore("test.works", "0 0 1 1 *", lambda: done.append("works")),
        Chore("test.fails", "0 0 1 1 *", fail),
    ]
    app = worker_app(services.settings, {}, chores)

    async def once() -> None:
        async with app.open_async():
            for chore in chores:
                await app.tasks[chore.name].defer_async(timestamp=0)
            await app.run_worker_async(wait=False, listen_notify=False)

    asyncio.run(once())
    assert sorted(done) == ["fails", "works"]
    assert [each for each in jobs(services) if each[0].startswith("test.")] == []


def test_a_worker_without_a_mail_server_does_chores_and_leaves_what_is_asked_for(
    services: Services,
) -> None:
    forget_jobs(services)
    done: list[str] = []
    chores = [Chore("test.works", "0 0 1 1 *", lambda: done.append("works"))]
    with services.database.transaction():
        JobQueue(services.database).put(Task.SEND_MAIL, 1, uuid4())
    app = worker_app(services.settings, {}, chores)

    async def once() -> None:
        async with app.open_async():
            await app.tasks["test.works"].defer_async(timestamp=0)
            await app.run_worker_async(wait=False, listen_notify=False)

    asyncio.run(once())
    assert done == ["works"]
    left = [each[:2] for each in jobs(services)]
    forget_jobs(services)
    assert left == [("mail.send", "todo")]


def test_the_trail_is_sealed_and_keys_are_rotated_by_the_clock(services: Services) -> None:
    chores = {chore.name: chore for chore in chores_of(services)}
    assert {name: chore.cron for name, chore in chores.items()} == {
        "audit.seal": "* * * * *",
        "keys.rotate": "7 * * * *",
    }
    services.audit.sealing.run()
    tenant = services.customer_sets.create_tenant("Mystic")
    chores["audit.seal"].do()
    assert services.audit.store.head(tenant.id) is not None
    assert chores["keys.rotate"].do() is None
