"""Whose session it is: the answer to a check that went well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# How a session says that staff act in it for its shopper, and who: `act_as:staff:anna@example.com`.
_ACT_AS = "act_as:"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that may be used on `site_id`. Moments are the server's, in UTC.

    `user_id`: 32 hexadecimal digits. `account_id`: None for an anonymous shopper. `methods`: how they signed in.
    `expires_at`: when its token runs out. `as_of`: the moment this is true for, at most a second before the check.
    """

    tenant_id: int
    site_id: int
    customer_set: str
    user_id: str
    account_id: int | None
    methods: tuple[str, ...]
    signed_in_at: datetime
    expires_at: datetime
    as_of: datetime

    @property
    def is_anonymous(self) -> bool:
        """Tell whether nobody has signed in: the shopper has a user id only."""
        return self.account_id is None

    @property
    def acted_for_by(self) -> str | None:
        """Return who of the staff acts in the session for its shopper; None: the shopper does."""
        return next(
            (each.removeprefix(_ACT_AS) for each in self.methods if each.startswith(_ACT_AS)), None
        )


def read_session(content: dict[str, Any]) -> Session:
    """Read what `GET /session` answers; raises `KeyError`, `TypeError` or `ValueError` if it is something else."""
    return Session(
        int(content["tenantId"]),
        int(content["siteId"]),
        str(content["customerSet"]),
        str(content["userId"]),
        None if content["accountId"] is None else int(content["accountId"]),
        tuple(content["methods"]),
        datetime.fromisoformat(content["signedInAt"]),
        datetime.fromisoformat(content["expiresAt"]),
        datetime.fromisoformat(content["asOf"]),
    )


def identity_headers(session: Session) -> dict[str, str]:
    """Return the headers that tell a program behind a guard whose session it is, as `GET /session` spells them."""
    found = {
        "X-Auth-User": session.user_id,
        "X-Auth-Customer-Set": session.customer_set,
        "X-Auth-Site": str(session.site_id),
        "X-Auth-Tenant": str(session.tenant_id),
        "X-Auth-Methods": ",".join(session.methods),
        "X-Auth-Signed-In-At": _spelled(session.signed_in_at),
        "X-Auth-Expires-At": _spelled(session.expires_at),
        "X-Auth-As-Of": _spelled(session.as_of),
    }
    if session.account_id is not None:
        found["X-Auth-Account"] = str(session.account_id)
    if session.acted_for_by is not None:
        found["X-Auth-Act"] = session.acted_for_by
    # Names of staff may have any letters; what WSGI takes for text is bytes, each as one character.
    return {name: value.encode().decode("latin-1") for name, value in found.items()}


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
