from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from authsvc.infra.logging import REDACTED, configure_logging, redact


@pytest.fixture(name="written")
def _written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Return what was written to standard error since it was last asked for."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: capsys.readouterr().err
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "shared_secret", "refreshToken", "Authorization", "Set-Cookie",
     "passwordHash", "otpCode", "confirmationCode", "x-vol-user-claims", "jwtAccessToken"],
)  # fmt: skip
def test_a_value_named_after_a_secret_is_never_written(name: str) -> None:
    event = redact(None, "info", {"event": "x", name: "hunter2", "a": [{"b": {name: "hunter2"}}]})

    assert event == {"event": "x", name: REDACTED, "a": [{"b": {name: REDACTED}}]}


def test_other_values_stay() -> None:
    event = {"event": "request", "status": 200, "route": "/api", "names": ("a", "b")}

    assert redact(None, "info", dict(event)) == {**event, "names": ["a", "b"]}


def test_production_writes_one_json_object_per_line(written: Callable[[], str]) -> None:
    configure_logging(as_json=True)

    structlog.get_logger().info("signed in", tenant_id=3, password="hunter2", huge=10**30)
    logging.getLogger("library").warning("beware of %s", "dogs", extra={"token": "hunter2"})

    text = written()
    ours, theirs = (json.loads(line) for line in text.splitlines())
    assert (ours["event"], ours["level"], ours["tenant_id"]) == ("signed in", "info", 3)
    assert (theirs["event"], theirs["level"]) == ("beware of dogs", "warning")
    assert "timestamp" in ours
    assert "timestamp" in theirs
    assert "hunter2" not in text


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_local_variables(written: Callable[[], str], as_json: bool) -> None:
    configure_logging(as_json=as_json)
    password = "".join(["hunter", "2"])
    try:
        int(f"x{len(password)}")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed")

    text = written()
    assert text.count("ValueError: invalid literal") == 2
    assert "hunter2" not in text


def test_lines_below_the_level_are_not_written(written: Callable[[], str]) -> None:
    configure_logging(as_json=True, level="warning")

    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")

    assert written() == ""
