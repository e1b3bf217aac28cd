"""Where mail is handed over and what stands in it of the installation, as the settings name them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, SecretStr

SUBMISSION_PORT = 587  # RFC 6409
IMPLICIT_TLS_PORT = 465  # RFC 8314 §7.3
_SHAPE = "must be smtp://user:password@host:587 or smtps://…:465"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `tls`: from the first byte; otherwise by STARTTLS, which is insisted on.

    Only a server on this machine is spoken to in clear.
    """

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str) -> MailServer:
        """Read `smtp://user:password@host:port` or `smtps://…`; raises `ValueError` for anything else."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            # Its text repeats what stands where a port should: after an unquoted slash, a part of the password.
            raise ValueError(_SHAPE) from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
            raise ValueError(_SHAPE)
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            port or (IMPLICIT_TLS_PORT if tls else SUBMISSION_PORT),
            tls,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def is_here(self) -> bool:
        """Tell whether what is said to the server never leaves this machine."""
        return self.host in _LOOPBACK


def _mail_server_url(value: SecretStr) -> SecretStr:
    MailServer.of_url(value.get_secret_value())
    return value


def _sender(value: str) -> str:
    try:
        validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("must be an e-mail address in ASCII") from None
    return value


def _site_address(value: str) -> str:
    if re.fullmatch(r"https?://\{host\}(:[0-9]{1,5})?", value) is None:
        raise ValueError("must be https://{host}, perhaps with a port behind it")
    return value


MailServerUrl = Annotated[SecretStr, AfterValidator(_mail_server_url)]
SenderAddress = Annotated[str, AfterValidator(_sender)]
SiteAddress = Annotated[str, AfterValidator(_site_address)]
