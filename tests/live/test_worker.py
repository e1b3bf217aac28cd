"""`authsvc worker`, the process itself: it outlives PostgreSQL, ends when it is told to, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from datetime import timedelta

from authsvc.callers import Caller
from authsvc.mail.rules import Letter, MailKind
from tests.demos import AUTHSVC
from tests.live.conftest import House
from tests.live.instances import STOP_SECONDS, wait_until
from tests.mail.mail_server import Taken, mail_server


def test_the_worker_sends_what_waits_outlives_postgresql_and_stops(house: House) -> None:
    services, taken = house.services, Taken()
    mails = replace(services.mails, is_offered=True)
    tenant = services.customer_sets.create_tenant("Post")
    host = f"w{tenant.id}.example"
    site = services.customer_sets.create_site(Caller(tenant.id), "Post", [host])

    def put() -> None:
        letter = Letter(
            MailKind.PASSWORD_CHANGED,
            site.id,
            host,
            None,
            "stacy@mail.com",
            "en",
            services.clock() + timedelta(hours=1),
            {"first_name": "", "username": "stacy"},
        )
        with services.database.transaction():
            mails.put(tenant.id, letter)

    with mail_server(taken) as port:
        variables = {
            "AUTHSVC_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "AUTHSVC_MAIL_FROM": "no-reply@mystic.example",
        }
        put()
        log = house.folder / "worker.log"
        with log.open("ab") as output:
            worker = subprocess.Popen(
                [AUTHSVC, "worker"],
                env={**os.environ, **house.variables, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            wait_until(lambda: len(taken.messages) == 1, "the mail that waited is sent")
            house.servers.postgres.stop()
            wait_until(lambda: "waits_for_database" in log.read_text(), "it misses PostgreSQL", 60)
            house.servers.postgres.start()
            put()
            wait_until(lambda: len(taken.messages) == 2, "it goes on", 60)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(STOP_SECONDS) == 0
        finally:
            worker.kill()
            worker.wait()
    assert "worker_stopped" in log.read_text()
    # A job that was at work when PostgreSQL went may say so.
    traced = [line for line in log.read_text().splitlines() if "Traceback" in line]
    assert not [line for line in traced if "OperationalError" not in line]


def test_without_a_mail_server_the_worker_says_so_once_and_works(house: House) -> None:
    log = house.folder / "chores.log"
    with log.open("ab") as output:
        worker = subprocess.Popen(
            [AUTHSVC, "worker"],
            env={**os.environ, **house.variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "worker_started" in log.read_text(), "it begins to work", 30)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_SECONDS) == 0
    finally:
        worker.kill()
        worker.wait()
    assert log.read_text().count("worker_leaves_mail_alone") == 1
