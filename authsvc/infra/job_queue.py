"""Work for the worker process, put into PostgreSQL in the transaction of what asks for it.

The queue is procrastinate's (judged in November 2026): it is the one well-kept PostgreSQL queue for Python that puts a
job over a connection of ours, so that the job is there if and only if the change is; it wakes workers by NOTIFY, keeps
retries and the heartbeats of workers, and has a worker of its own. pgqueuer insists on connections in autocommit, which
no transaction of ours is; django-tasks needs Django; chancy and absurd are young and kept by one person each.

Its tables know no tenant. A job therefore names things by tenant and id, and holds nothing of a person or secret.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from procrastinate import App, SyncPsycopgConnector

if TYPE_CHECKING:
    from uuid import UUID

    from authsvc.infra.database import Database

# What requests ask for; all of it ends in mails.
QUEUE = "authsvc"
# What is done by the clock, also by workers that send no mail.
CHORES = "authsvc.chores"


class Task(StrEnum):
    """What a worker does, by the name that stands in a job."""

    SEND_MAIL = "mail.send"
    ANSWER_RESET_REQUEST = "recovery.answer_reset_request"
    ANSWER_CODE_REQUEST = "second_factor.answer_code_request"


class JobQueue:
    """Puts jobs into the open transaction; what they do is written where the worker is put together."""

    def __init__(self, database: Database) -> None:
        """Put them over connections of `database`; the queue opens none of its own."""
        self._database = database
        self._app = App(connector=SyncPsycopgConnector())

    def put(self, task: Task, tenant_id: int, subject_id: UUID) -> None:
        """Have a worker do `task` about a thing of the tenant, soon after the open transaction is committed."""
        with self._database.connection() as connection:
            self._app.configure_task(
                task,
                queue=QUEUE,
                connection=connection.connection.driver_connection,
            ).defer(tenant_id=tenant_id, subject_id=str(subject_id))
