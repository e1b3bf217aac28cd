"""What a mail says: one template a language and kind, set as plain text and as HTML in the site's colours.

A template is plain text: the subject, and below it paragraphs between empty lines; the one in brackets is the link.
Both forms are made of the same paragraphs, so that neither says what the other does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from authsvc.mail.rules import MailKind
from authsvc.web.palette import DEFAULT_ACCENT, palette

_FOLDER = Path(__file__).parent / "templates"
_PLAIN = Environment(
    loader=FileSystemLoader(_FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701  plain text; the frame around it, which is HTML, escapes
    trim_blocks=True,
)
_HTML = Environment(loader=FileSystemLoader(_FOLDER), undefined=StrictUndefined, autoescape=True)


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail's subject and its two forms."""

    subject: str
    text: str
    html: str


def wording(
    kind: MailKind,
    language: str,
    *,
    shop: str,
    accent: str | None,
    address: str,
    values: Mapping[str, str],
) -> Wording:
    """Write a mail for `shop`; `address`: where its link leads; `values`: what the template is filled with."""
    filled = {name: _on_one_line(value) for name, value in values.items()}
    filled["shop"] = _on_one_line(shop)
    told = _PLAIN.get_template(f"mail/{language}/{kind}.txt").render(filled)
    subject, *paragraphs = [
        " ".join(part.split()) for part in told.strip().split("\n\n") if part.strip()
    ]
    shade = palette(accent or DEFAULT_ACCENT).light
    html = _HTML.get_template("mail/frame.html").render(
        language=language,
        subject=subject,
        shop=filled["shop"],
        accent=shade.accent,
        on_accent=shade.text,
        parts=[(_is_link(part), part.strip("[]")) for part in paragraphs],
        address=address,
    )
    text = "\n\n".join(
        f"{part.strip('[]')}:\n{address}" if _is_link(part) else part for part in paragraphs
    )
    return Wording(subject, f"{text}\n\n-- \n{filled['shop']}\n", html)


def _is_link(paragraph: str) -> bool:
    return paragraph.startswith("[") and paragraph.endswith("]")


def _on_one_line(text: str) -> str:
    """Return `text` without line breaks and other control characters: it stands within a line, perhaps the subject."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
