"""Mail is handed over by TLS, to a server that proves who it is."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from authsvc.demo.local_authority import ServerCertificate, server_certificate
from authsvc.mail.smtp import HandoverFailed, RecipientRefused, Smtp
from authsvc.mail_server import MailServer
from tests.mail.mail_server import PASSWORD, USER, Taken, mail_server

SENDER, RECIPIENT = "no-reply@mystic.example", "stacy@mail.com"


@pytest.fixture(scope="module", name="certificate")
def _certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return server_certificate(tmp_path_factory.mktemp("tls"), ["mail.example"], datetime.now(UTC))


def presented(certificate: ServerCertificate) -> ssl.SSLContext:
    """Return what a server proves itself with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.private_key)
    return context


def trusting(authority: Path) -> ssl.SSLContext:
    """Return what a client believes."""
    return ssl.create_default_context(cafile=authority)


def message() -> EmailMessage:
    """Return a message of three lines."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = SENDER, RECIPIENT, "Hello"
    made.set_content("Good morning.")
    return made


@pytest.mark.parametrize("kind", ["starttls", "tls"])
def test_mail_goes_by_tls_with_user_and_password(kind: str, certificate: ServerCertificate) -> None:
    taken = Taken()
    with mail_server(taken, **{kind: presented(certificate)}) as port:
        server = MailServer.of_url(
            f"smtp{'s' if kind == 'tls' else ''}://{USER}:{PASSWORD}@localhost:{port}"
        )
        Smtp(server, trusting(certificate.authority)).hand_over(message(), SENDER, RECIPIENT)
        wrong = MailServer(server.host, port, server.tls, USER, "guessed")
        with pytest.raises(HandoverFailed):
            Smtp(wrong, trusting(certificate.authority)).hand_over(message(), SENDER, RECIPIENT)
        # Whom nobody trusted vouches for.
        with pytest.raises(HandoverFailed, match="CERTIFICATE_VERIFY_FAILED"):
            Smtp(server).hand_over(message(), SENDER, RECIPIENT)
    assert taken.recipients == [RECIPIENT]
    # The other kind speaks nothing but TLS.
    assert taken.starttls == [kind == "starttls"]


def test_no_mail_leaves_the_machine_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken()
    with mail_server(taken) as port:
        server = MailServer("127.0.0.1", port, tls=False)
        monkeypatch.setattr(MailServer, "is_here", False)
        with pytest.raises(HandoverFailed, match="STARTTLS"):
            Smtp(server).hand_over(message(), SENDER, RECIPIENT)
    assert taken.messages == []


def test_a_refusal_for_good_is_told_from_one_for_now() -> None:
    taken = Taken(answers=["550 No", "452 Later"])
    with mail_server(taken) as port:
        smtp = Smtp(MailServer("127.0.0.1", port, tls=False))
        with pytest.raises(RecipientRefused, match="550"):
            smtp.hand_over(message(), SENDER, RECIPIENT)
        with pytest.raises(HandoverFailed, match="452"):
            smtp.hand_over(message(), SENDER, RECIPIENT)
    with pytest.raises(HandoverFailed):
        smtp.hand_over(message(), SENDER, RECIPIENT)


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp://", "smtp://mail.example/x", "smtp://mail.example:x"]
)
def test_a_mail_server_is_named_by_an_smtp_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp://|[Pp]ort"):
        MailServer.of_url(url)
    ours = MailServer.of_url("smtp://a%40b:p%2Fw@mail.example")
    assert ours == MailServer("mail.example", 587, False, "a@b", "p/w")
    assert "p/w" not in repr(ours)
    assert MailServer.of_url("smtps://mail.example").port == 465
