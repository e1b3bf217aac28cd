"""The worker run inside a test, against a mail server of the test's own, until nothing is left to do."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from authsvc.mail.smtp import Smtp
from authsvc.mail_server import MailServer
from authsvc.services import Services
from authsvc.worker import tasks_of, worker_app


def do_all_jobs(services: Services, port: int) -> None:
    """Do all that is to be done by now, and what that asks for; mail goes to this machine's `port`."""
    tasks = tasks_of(services, Smtp(MailServer("127.0.0.1", port, tls=False)))
    app = worker_app(services.settings, tasks)

    async def until_nothing_is_left() -> None:
        async with app.open_async():
            # It ends once nothing is waiting, and does not wait for what the last job asks for.
            while due(services):
                await app.run_worker_async(wait=False, listen_notify=False)

    asyncio.run(until_nothing_is_left())


def forget_jobs(services: Services) -> None:
    """Forget what other tests have left to do."""
    with services.database.connection() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))


def jobs(services: Services) -> list[tuple[str, str, str]]:
    """Return task, status and arguments of what is to be done."""
    with services.database.connection() as connection:
        rows = connection.execute(
            text("SELECT task_name, status::text, args::text FROM procrastinate_jobs ORDER BY id")
        )
        return [tuple(row) for row in rows]


def due(services: Services) -> bool:
    """Tell whether there is something to be done now."""
    with services.database.connection() as connection:
        return bool(
            connection.execute(
                text(
                    "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' "
                    "AND (scheduled_at IS NULL OR scheduled_at <= now()))"
                )
            ).scalar_one()
        )


def make_due(services: Services) -> None:
    """Let what waits for another try be tried now."""
    with services.database.connection() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
