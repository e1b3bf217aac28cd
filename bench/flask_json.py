"""The least that Flask answers: as many bytes of JSON as a My Account, always the same."""

from __future__ import annotations

import os

from flask import Flask, Response

application = Flask(__name__)
# Of the My Account it stands beside; `bench.my_account` says how many.
BODY = b'{"filler":"' + b"x" * (int(os.environ.get("BENCH_BODY_BYTES", "2000")) - 13) + b'"}'


@application.get("/")
def constant() -> Response:
    """Answer."""
    return Response(BODY, content_type="application/json; charset=utf-8")
