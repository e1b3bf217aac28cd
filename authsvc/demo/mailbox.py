"""The demo's mail server and its one mailbox: everything the demo mails is seen on a page, and goes nowhere else.

It runs in the demo's own process, on this machine only; `authsvc serve` has nothing of it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Awaitable, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask, Response, abort, render_template

HOST = "127.0.0.1"
# More than anybody reads through; the oldest go.
MOST_MAILS = 200
_FILES = Path(__file__).parent / "templates"


class Mailbox:
    """Takes mail in at `smtp_port`, and shows it at `address`."""

    def __init__(self) -> None:
        """Prepare; nothing listens before `start`."""
        self._mails: deque[EmailMessage] = deque(maxlen=MOST_MAILS)
        # Port 0: a free one.
        self._smtp = _Listener(self, socket.create_server((HOST, 0)))
        self._page = make_server(HOST, 0, _pages(self), handler_class=_Quiet)
        self._thread = threading.Thread(target=self._page.serve_forever, daemon=True)

    @property
    def smtp_port(self) -> int:
        """Where mail is taken in."""
        return self._smtp.port

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self._page.server_port}"

    @property
    def mails(self) -> Sequence[EmailMessage]:
        """What has come in, the oldest first."""
        return list(self._mails)

    def start(self) -> None:
        """Take mail in, and show it."""
        self._smtp.start()
        self._thread.start()

    def stop(self) -> None:
        """Take no more in, and show nothing."""
        self._smtp.stop()
        self._page.shutdown()
        self._page.server_close()
        self._thread.join()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  its name
        """Keep a message; aiosmtpd calls this."""
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        self._mails.append(message)
        return "250 Message accepted for delivery"


class _Listener(Controller):
    """Listens on a socket that is there already, so that its port is known."""

    def __init__(self, handler: Mailbox, listening: socket.socket) -> None:
        super().__init__(handler, hostname=HOST, port=listening.getsockname()[1])
        self._listening = listening

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: the demo's own lines are what is read."""


def _pages(mailbox: Mailbox) -> Flask:
    app = Flask(__name__, template_folder=str(_FILES))

    @app.get("/")
    def every_mail() -> Response:
        return _page("mailbox.html", mails=list(enumerate(mailbox.mails))[::-1], chosen=None)

    @app.get("/<int:number>")
    def one_mail(number: int) -> Response:
        message = _mail(mailbox, number)
        text = message.get_body(("plain",))
        return _page(
            "mailbox.html",
            mails=list(enumerate(mailbox.mails))[::-1],
            chosen=message,
            number=number,
            lines=str(text.get_content()).splitlines() if text else [],
        )

    @app.get("/<int:number>/html")
    def as_html(number: int) -> Response:
        """Show what a mail program shows; no script of it would run, and its links open beside the frame."""
        body = _mail(mailbox, number).get_body(("html",))
        return Response(
            str(body.get_content()) if body else "",
            headers={
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
                "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
            },
        )

    return app


def _page(template: str, **values: object) -> Response:
    return Response(
        render_template(f"demo/{template}", **values),
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'",
            "Referrer-Policy": "no-referrer",
        },
    )


def _mail(mailbox: Mailbox, number: int) -> EmailMessage:
    mails = mailbox.mails
    if number >= len(mails):
        abort(404)
    return mails[number]
