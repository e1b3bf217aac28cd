"""The script that tells how strong a password is while it is typed: one file for shoppers' pages and staff's."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response

_CONTENT = (Path(__file__).parent / "templates" / "password_strength.js").read_bytes()
_VERSION = hashlib.sha256(_CONTENT).hexdigest()[:16]


def serve_strength_script(blueprint: Blueprint, rule: str, prefix: str = "") -> str:
    """Serve it below `blueprint`, for browsers to keep for a year; returns its address, which changes with it."""

    def password_strength_script() -> Response:
        return Response(
            _CONTENT,
            content_type="text/javascript; charset=utf-8",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    blueprint.add_url_rule(rule, "password_strength_script", password_strength_script)
    return f"{prefix}{rule}?v={_VERSION}"
