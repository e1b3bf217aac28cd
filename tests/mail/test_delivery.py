"""Mail is put in the change's own transaction, sent by the worker, and sent once."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from authsvc.errors import Conflict
from authsvc.infra.job_queue import Task
from authsvc.infra.mail_schema import outgoing_mails
from authsvc.mail.delivery import NotSentYet
from authsvc.mail.smtp import Smtp
from authsvc.mail.use_cases import connect_delivery
from authsvc.mail_server import MailServer
from authsvc.regrouping.sites import SiteChange
from tests.mail.conftest import Post
from tests.mail.working import jobs, make_due


def stored(post: Post, mail_id: UUID) -> dict[str, object]:
    """Return the row of a mail."""
    with post.services.database.connection() as connection:
        row = connection.execute(select(outgoing_mails).where(outgoing_mails.c.id == mail_id)).one()
        return dict(row._mapping)


def change_that_fails(post: Post) -> None:
    """Put a mail in a transaction that is taken back."""
    with post.services.database.transaction():
        post.services.mails.put(post.merchant.tenant_id, post.letter())
        raise Conflict("after all not")


def test_a_mail_is_sent_if_and_only_if_its_change_is_committed(post: Post) -> None:
    with pytest.raises(Conflict):
        change_that_fails(post)
    assert jobs(post.services) == []
    post.put()
    post.work()
    assert len(post.taken.messages) == 1
    assert jobs(post.services) == []


def test_it_carries_the_shops_name_colours_language_and_a_link_to_its_own_host(post: Post) -> None:
    mail_id = post.put(post.letter(language="de", recipient="stacy@müller.example"))
    post.work()
    (message,) = post.taken.messages
    assert str(message["From"]) == "Mystic Sports <no-reply@mystic.example>"
    assert str(message["To"]) == "stacy@xn--mller-kva.example"
    assert str(message["Subject"]) == "Neues Passwort für Mystic Sports"
    assert str(message["Message-ID"]) == f"<{mail_id}@mystic.example>"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert f"https://{post.host}/user/resetpasswordconfirm?t=t0ken&u=u1" in post.taken.text()
    assert "#b3261e" in post.taken.html()


def test_one_request_is_one_mail(post: Post) -> None:
    request = uuid4()
    post.put(request_id=request)
    post.put(request_id=request)
    # A job that is done twice, as after a worker that died at the wrong moment.
    with post.services.database.transaction():
        post.services.mails.send(post.merchant.tenant_id, request)
    post.work()
    assert len(post.taken.messages) == 1


def test_of_two_workers_that_are_at_one_mail_one_sends_it(post: Post) -> None:
    mail_id = post.put()
    delivery = connect_delivery(
        post.services.settings,
        post.services.database,
        post.services.mails,
        Smtp(MailServer("127.0.0.1", post.port, tls=False)),
    )

    def deliver(_: int) -> str:
        try:
            delivery.deliver(post.merchant.tenant_id, mail_id)
        except NotSentYet:
            return "busy"
        return "done"

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(deliver, range(4)))
    assert "done" in told
    assert len(post.taken.messages) == 1


def test_a_mail_is_tried_again_and_is_then_the_same_to_the_last_byte(post: Post) -> None:
    """Also where the server had taken it, and that could not be written down: what compares Message-IDs sees one."""
    mail_id = post.put()
    post.taken.answers[:] = ["451 Come back later"]
    post.work()
    assert post.taken.messages == []
    assert stored(post, mail_id)["failure"] == "451 Come back later"
    ((task, status, arguments),) = jobs(post.services)
    assert (task, status) == (Task.SEND_MAIL, "todo")
    assert "t0ken" not in arguments
    assert "stacy" not in arguments
    make_due(post.services)
    post.work()
    # As if the worker had died between the server's word and ours.
    again = post.letter()
    with post.services.database.connection() as connection:
        connection.execute(
            outgoing_mails.update()
            .where(outgoing_mails.c.id == mail_id)
            .values(
                sent_at=None,
                claimed_until=None,
                sealed=post.services.settings.encryption.encrypt(b'{"token": "t0ken"}'),
            )
        )
    with post.services.database.transaction():
        post.services.mails.send(post.merchant.tenant_id, mail_id)
    post.work()
    first, second = post.taken.raw
    assert first == second
    assert again.secrets["token"].encode() in first


def test_nothing_secret_is_left_once_a_mail_is_sent_or_given_up(post: Post) -> None:
    sent = post.put()
    assert "t0ken" not in repr(stored(post, sent))
    post.work()
    assert stored(post, sent)["sealed"] is None
    post.taken.answers[:] = ["550 No such mailbox"]
    refused = post.put()
    late = post.put(post.letter(good_until=post.services.clock() - timedelta(seconds=1)))
    post.work()
    for mail_id, why in ((refused, "550 No such mailbox"), (late, "too late")):
        row = stored(post, mail_id)
        assert (row["sealed"], row["failure"], row["sent_at"]) == (None, why, None)
        assert row["given_up_at"] is not None
    assert jobs(post.services) == []
    assert len(post.taken.messages) == 1


def test_a_link_to_a_host_that_the_site_lost_is_never_sent(post: Post) -> None:
    mail_id = post.put()
    post.services.sites.change(post.merchant.caller(), post.site_id, SiteChange(hosts=[]))
    post.work()
    assert post.taken.messages == []
    assert stored(post, mail_id)["given_up_at"] is not None


def test_no_secret_and_no_address_gets_into_the_log(
    post: Post, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    post.taken.answers[:] = ["451 stacy@mail.com is busy", "550 stacy@mail.com is gone"]
    for _ in range(3):
        post.put()
    post.work()
    # The mail server of the test tells every line it gets.
    own = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    told = "".join([*own, *capsys.readouterr()])
    assert "mail_not_sent" in told
    assert "t0ken" not in told
    assert "stacy@mail.com" not in told


def test_a_username_that_reads_like_a_page_is_not_spoken(post: Post) -> None:
    """Whoever signs up somebody else's address would else send them a link of theirs in a mail of ours."""
    name = "https://evil.example/refund"
    post.merchant.sign_up("stacy@mail.com", "Mystic Sports", username=name)
    body = {"emailAddress": "stacy@mail.com"}
    post.merchant.call("POST", "accounts/Reset-Password", body, site="Mystic Sports")
    post.work()
    assert post.taken.recipients == ["stacy@mail.com"]
    assert "evil.example" not in post.taken.text()
    assert "sign in there as stacy@mail.com" in post.taken.text()
