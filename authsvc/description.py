"""The API described for machines: what it is called, how callers prove who they are, and what every call may say."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from authsvc.identification import APPLICATION_HEADER, SHOPPER_HEADER, SITE_HEADER, TENANT_HEADER
from authsvc.web.openapi import document
from authsvc.web.operations import Routes


def description(parts: list[Routes]) -> dict[str, Any]:
    """Describe all operations, as OpenAPI 3.1."""

    def header(name: str, description: str) -> dict[str, Any]:
        return {
            "name": name,
            "in": "header",
            "required": False,
            "description": description,
            "schema": {"type": "integer", "minimum": 1},
        }

    return document(
        parts,
        title="authsvc",
        version=version("authsvc"),
        description="Customer identity for merchants who run many storefronts. "
        "Names in paths, bodies and queries match without regard to case.",
        security_schemes={
            "bearerTicket": {"type": "http", "scheme": "bearer"},
            "applicationTicket": {"type": "apiKey", "in": "header", "name": APPLICATION_HEADER},
            "shopperTicket": {"type": "apiKey", "in": "header", "name": SHOPPER_HEADER},
        },
        context_parameters=[
            header(TENANT_HEADER, "The tenant; without it the host or the ticket says which."),
            header(SITE_HEADER, "The site; without it the host says which, if any."),
        ],
    )
