"""The line of a request that was answered in front of Flask says what the line of any other says, in the same form."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from time import perf_counter_ns

import pytest
import structlog

from authsvc.infra.logging import configure_logging
from authsvc.web.access_log import IN_FRONT, log_answered_in_front


def test_it_is_written_as_structlog_writes_in_production(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging(as_json=True)
        said = {"correlation_id": "one-of-two", "tenant_id": 1001}
        log_answered_in_front(
            "GET", "/mine", "304 NOT MODIFIED", perf_counter_ns(), "one-of-two", 1001
        )
        IN_FRONT.write()
        structlog.get_logger().info(
            "request", method="GET", route="/mine", status=304, duration_ms=0.1, **said
        )
        fast, usual = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()
    assert fast.keys() == usual.keys()
    for line in (fast, usual):
        assert line.pop("duration_ms") > 0
        assert line["timestamp"].endswith("Z")
        assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None
    assert fast == usual
