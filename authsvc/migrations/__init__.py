"""The database's history, a revision a file, and the call that brings a database up to date."""

from __future__ import annotations

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def upgrade(engine: Engine) -> None:
    """Bring the database behind `engine` to the newest revision; any number of callers may do so at once."""
    config = Config()
    config.set_main_option("script_location", str(files(__package__)))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
