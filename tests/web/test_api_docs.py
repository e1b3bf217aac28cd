from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from authsvc.web.api_docs import api_docs, prose, spell
from authsvc.web.flask_app import new_flask_app
from authsvc.web.openapi import document
from tests.web.sample_api import SECURITY_SCHEMES, sample_routes, told


@pytest.fixture(name="docs", scope="module")
def _docs() -> FlaskClient:
    app = new_flask_app()
    described = document(
        sample_routes(), title="Sample", version="1.0", security_schemes=SECURITY_SCHEMES
    )
    app.register_blueprint(api_docs(described))
    return app.test_client()


class Page(HTMLParser):
    """Collects what a page links to and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, anchors, and every tag that makes a browser fetch something."""
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name == "href" and tag == "a":
                self.links.add(value or "")
            elif name in ("src", "href", "style", "srcset") or name.startswith("on"):
                self.loads.append(f"{tag} {name}")
        if tag in ("script", "link", "iframe", "object", "img"):
            self.loads.append(tag)


def test_the_description_is_served_and_kept_as_long_as_it_is_the_same(docs: FlaskClient) -> None:
    answer = docs.get("/api/openapi.json")

    assert answer.content_type == "application/json; charset=utf-8"
    assert told(answer)["openapi"] == "3.1.0"
    again = docs.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_loads_nothing_from_anywhere(docs: FlaskClient) -> None:
    answer = docs.get("/api/docs")
    page = Page(answer.text)

    assert page.loads == []
    style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    )


def test_descriptions_are_escaped_and_their_code_is_code() -> None:
    assert prose("`a` <b> `c`") == "<code>a</code> &lt;b&gt; <code>c</code>"


@pytest.mark.parametrize(
    ("schema", "spelled"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 200}, "integer, from 1, to 200"),
        ({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, "integer, from 0"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"type": "array", "items": {"type": "string", "maxLength": 5}}, "array of string, at most 5 characters"),
        ({"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}, "A or null"),
        ({"type": ["string", "null"], "enum": ["a"]}, "string or null, 'a'"),
        ({}, "anything"),
    ],
)  # fmt: skip
def test_a_type_is_spelled_for_people(schema: dict[str, Any], spelled: str) -> None:
    assert "".join(text for text, _ in spell(schema)) == spelled


def test_the_page_shows_every_operation_and_its_links_lead_somewhere(docs: FlaskClient) -> None:
    page = Page(docs.get("/api/docs").text)

    assert {"accounts.accounts", "others.oauth", "schema-Error"} <= page.anchors
    within = {link[1:] for link in page.links if link.startswith("#")}
    assert within <= page.anchors
