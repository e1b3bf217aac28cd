"""What an application that answers checks gets so that its worker can be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authsvc.metrics.exchange import all_figures
from authsvc.metrics.front import MetricsFront
from authsvc.metrics.worker_figures import CHECK_FRONT, MANY_CHECKS

if TYPE_CHECKING:
    from flask import Flask
    from pydantic import SecretStr

    from authsvc.sessions.check_front import CheckFront
    from authsvc.sessions.many_checks import ManyChecks


def install_metrics(
    app: Flask, check_front: CheckFront, many_checks: ManyChecks, token: SecretStr | None
) -> None:
    """Note where figures are, and tell them at /metrics to who shows `token`; without one to nobody there."""
    app.extensions |= {CHECK_FRONT: check_front, MANY_CHECKS: many_checks}
    if token is not None:
        app.wsgi_app = MetricsFront(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
            app.wsgi_app, all_figures, token.get_secret_value()
        )
