"""How log lines look and where they go: JSON for machines, colours for a terminal, secrets in neither."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"

# Parts of names whose values must never be written, wherever they turn up.
_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|secret|token|ticket|authorization|cookie|credential|otp|"
    r"confirmation_?code|private_?key|jwt|claims",
    re.IGNORECASE,
)

# Libraries that tell every statement or connection at INFO.
_CHATTY = (
    "alembic.runtime.migration",
    "authsvc.infra.patient_pool",  # where SQLAlchemy's pools log, by the class's own name
    "granian.access",
    "procrastinate",
    "sqlalchemy.engine",
)


# Every line has the same few names; what others there are stays bounded.
@lru_cache(maxsize=1_000)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the value of every key that is named after a secret, at any depth."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = REDACTED
        elif isinstance(value, dict | list | tuple):
            event[name] = _redacted(value)
    return event


def _redacted(value: Any) -> Any:  # noqa: ANN401  a log value may be anything
    if isinstance(value, Mapping):
        return {
            name: REDACTED if _is_secret(str(name)) else _redacted(part)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(part) for part in value]
    return value


def printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Spell out what would begin another line of a terminal's, or tell it what to do (CWE-117, CWE-150)."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = repr(value)
    return event


def configure_logging(*, as_json: bool, level: str = "INFO") -> None:
    """Set up structlog, and Python's own logging for the libraries that use it.

    `as_json`: one JSON object per line, for production; else for people. `level`: the lowest level to write. Lines
    go to standard error: standard output belongs to what a command answers.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    # Tracebacks without local variables: those hold passwords.
    render: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
        if as_json
        else [
            printable,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    lowest = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                *render,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=lowest, force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(lowest, logging.WARNING))


def _dumps(event: Mapping[str, Any], **_: object) -> str:
    try:
        line = orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        # Lone surrogates and integers past 64 bits: rare, and no reason to lose the line.
        line = json.dumps(event, default=repr)
    # JSON need not escape all that some readers take for the end of a line, or a terminal for a command.
    return line if line.isprintable() else "".join(map(_escaped, line))


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    units = sign.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
