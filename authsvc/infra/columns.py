"""Types of columns that mean the same in every table."""

from __future__ import annotations

from sqlalchemy import DateTime, LargeBinary

MOMENT = DateTime(timezone=True)
"""A point in time, whatever the clock of whoever reads it shows."""


class Encrypted(LargeBinary):
    """A Fernet token, made with the first of AUTHSVC_ENCRYPTION_KEYS (docs/secrets.md).

    A column that holds one is declared as such, and by that alone `authsvc keys re-encrypt` knows it.
    """
