"""Types of columns that mean the same in every table."""

from __future__ import annotations

from sqlalchemy import DateTime

MOMENT = DateTime(timezone=True)
"""A point in time, whatever the clock of whoever reads it shows."""
