"""A client of the sample API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.sample_api import sample_app


@pytest.fixture(name="app", scope="session")
def _app() -> Flask:
    return sample_app()


@pytest.fixture(name="client")
def _client(app: Flask) -> FlaskClient:
    return app.test_client()
