"""The API's description as it is served, for tests that are made from it."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet

from authsvc.app import create_app
from authsvc.services import connect_services
from authsvc.settings import load_settings


def described() -> dict[str, Any]:
    """Return the description; making it asks no store."""
    services = connect_services(
        load_settings(
            database_url="postgresql://nobody@localhost/nothing",
            valkey_url="redis://localhost",
            encryption_keys=Fernet.generate_key().decode(),
        )
    )
    answer = create_app(services).test_client().get("/api/openapi.json")
    services.close()
    assert isinstance(answer.json, dict)
    return answer.json


DESCRIPTION = described()
