"""`authsvc worker`: the process that does what requests only ask for, mail above all, and chores by the clock.

Any number may run. One without a mail server does the chores and leaves what is about mail to the others.

PostgreSQL may come and go meanwhile: the worker waits for it and goes on. What a worker that died was at is put back
into the queue by the others within two minutes, or by itself when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from procrastinate import (
    App,
    BaseRetryStrategy,
    JobContext,
    PsycopgConnector,
    RetryDecision,
)
from procrastinate.exceptions import ConnectorException, RunTaskError
from procrastinate.jobs import DeleteJobCondition, Job
from psycopg_pool import PoolTimeout
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from authsvc.infra.clock import utc_now
from authsvc.infra.database import CONNECT_TIMEOUT_SECONDS
from authsvc.infra.job_queue import CHORES, QUEUE, Task
from authsvc.mail.delivery import Handover, NotSentYet
from authsvc.mail.rules import retry_after
from authsvc.mail.use_cases import connect_delivery
from authsvc.services import Services, connect_services
from authsvc.settings import Settings

log = structlog.get_logger(__name__)

# Mails under way at once: most of a mail's time is waiting for the mail server.
CONCURRENCY = 4
# Jobs under way at a stop have this long; as the web server's requests have.
STOP_SECONDS = 30
# Between attempts to reach PostgreSQL.
RECONNECT_SECONDS = 2
# The longest the queue waits for a connection; PostgreSQL is away then, and is waited for by `RECONNECT_SECONDS`.
WAIT_SECONDS = 3
# One connection fetches, one notes what became of a job; one more listens, outside of the pool.
CONNECTIONS = 2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

Work = Callable[[int, UUID], None]


@dataclass(frozen=True, slots=True)
class Chore:
    """What is to be done time and again, by one worker of all there are; `cron` says when."""

    name: str
    cron: str
    do: Callable[[], object]


class Patiently(BaseRetryStrategy):
    """Tries again for as long as the work itself says that it was not done."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002  any
        """Wait twice as long each time, up to an hour."""
        return RetryDecision(retry_at=utc_now() + retry_after(job.attempts))


def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished first.

    Raises `DatabaseUnavailable`, `SchemaOutdated`, or `NoMail` for a mail server without a sender, instead of starting
    to fail.
    """
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    services = connect_services(settings)
    try:
        tasks = _tasks_here(services)
        services.database.ensure_schema()
        asyncio.run(_until_stopped(settings, tasks, chores_of(services)))
    finally:
        services.close()


def _tasks_here(services: Services) -> dict[Task, Work]:
    """Return what this worker does that is asked for: nothing without a mail server, since all of it ends in mails."""
    if services.settings.smtp_url is None:
        log.warning("worker_leaves_mail_alone", missing="AUTHSVC_SMTP_URL")
        return {}
    return tasks_of(services)


def tasks_of(services: Services, handover: Handover | None = None) -> dict[Task, Work]:
    """Return what is to be done for each kind of job; mail goes to the settings' server or to `handover`.

    Raises `NoMail`.
    """
    delivery = connect_delivery(services.settings, services.database, services.mails, handover)
    return {
        Task.SEND_MAIL: delivery.deliver,
        Task.ANSWER_RESET_REQUEST: services.recovery.password_resets.answer,
        Task.ANSWER_CODE_REQUEST: services.sign_in.second_factors.sign_in_codes.answer,
    }


def chores_of(services: Services) -> list[Chore]:
    """Return what is done by the clock."""
    period = timedelta(days=services.settings.signing_key_days)
    return [
        Chore("audit.seal", "* * * * *", services.audit.sealing.run),
        # An hour late is early enough for a key that signs for days.
        Chore("keys.rotate", "7 * * * *", lambda: services.key_rotation.rotate_if_due(period)),
    ]


def worker_app(settings: Settings, tasks: dict[Task, Work], chores: Sequence[Chore] = ()) -> App:
    """Return the queue's application that does these tasks; open it, then run its worker."""
    address = make_url(settings.database_url.get_secret_value())
    # As libpq takes it, of one server or of several.
    _, options = PGDialect_psycopg().create_connect_args(address)  # type: ignore[no-untyped-call]  # as in statements.py
    app = App(
        connector=PsycopgConnector(
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            kwargs={**options, "connect_timeout": CONNECT_TIMEOUT_SECONDS},
        ),
        worker_defaults={
            # What a worker could not do is not taken from the queue, where it waits for one that can.
            "queues": [QUEUE, CHORES] if tasks else [CHORES],
            "concurrency": CONCURRENCY,
            # Nothing of a job is of use once it is done; what was sent stands in `outgoing_mails`.
            "delete_jobs": DeleteJobCondition.ALWAYS,
            "install_signal_handlers": False,
            "shutdown_graceful_timeout": STOP_SECONDS,
        },
    )
    for task, do in tasks.items():
        _add(app, task, do)
    for chore in chores:
        _add_chore(app, chore)

    @app.periodic(cron="* * * * *")
    @app.task(name="queue.take_back", queue=CHORES, pass_context=True)
    async def take_back(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  the queue passes it
        """Put back what workers that are gone were at."""
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs():
            await manager.retry_job(job)

    return app


def _add(app: App, task: Task, do: Work) -> None:
    @app.task(name=task.value, queue=QUEUE, retry=Patiently())
    def run(tenant_id: int, subject_id: str) -> None:
        try:
            do(tenant_id, UUID(subject_id))
        except NotSentYet:
            raise
        except Exception as failure:
            log.exception("work_failed", task=task.value, error=type(failure).__name__)
            raise


def _add_chore(app: App, chore: Chore) -> None:
    # Without a second try: it comes again by itself. Never twice at once, however long it takes.
    @app.periodic(cron=chore.cron)
    @app.task(name=chore.name, queue=CHORES, lock=f"{CHORES}.{chore.name}")
    def run(timestamp: int) -> None:  # noqa: ARG001  the queue passes it
        try:
            chore.do()
        except Exception as failure:
            log.exception("work_failed", task=chore.name, error=type(failure).__name__)
            raise


async def _until_stopped(
    settings: Settings, tasks: dict[Task, Work], chores: Sequence[Chore]
) -> None:
    stopping = asyncio.Event()
    working = asyncio.create_task(_work(settings, tasks, chores, stopping))

    def stop() -> None:
        stopping.set()
        working.cancel()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await working
    log.info("worker_stopped")


async def _work(
    settings: Settings, tasks: dict[Task, Work], chores: Sequence[Chore], stopping: asyncio.Event
) -> None:
    while not stopping.is_set():
        try:
            app = worker_app(settings, tasks, chores)
            async with app.open_async():
                log.info("worker_started")
                await app.run_worker_async()
        except (ConnectorException, RunTaskError, PoolTimeout) as failure:
            # A stop while PostgreSQL is away comes here too, as the queue's own failure to say goodbye.
            if stopping.is_set():
                return
            log.warning("worker_waits_for_database", error=type(failure).__name__)
        await asyncio.sleep(RECONNECT_SECONDS)
