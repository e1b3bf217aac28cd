"""How a site's hosted pages would look in the colour that is typed, and how well they are read (WCAG 2.2 §1.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from authsvc.customer_sets.rules import accent_color
from authsvc.errors import AuthsvcError
from authsvc.web.palette import DARK, DEFAULT_ACCENT, LIGHT, Shade, contrast, palette


@dataclass(frozen=True, slots=True)
class Scheme:
    """The pages in light or in dark.

    `as_typed`: the contrast of text in the very colour that was typed, at the least; `shown`: the colour it becomes, so
    that it can be read; `in_it`, `on_it`: the contrast of text in that colour, and of text on it.
    """

    name: str
    as_typed: float
    shown: str
    in_it: float
    on_it: float
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Looks:
    """A site's hosted pages as they would be."""

    accent: str
    logo: str
    schemes: tuple[Scheme, Scheme]

    @property
    def code(self) -> str:
        """The colour as it stands in an address."""
        return self.accent.removeprefix("#")


def looks(accent: str, logo_text: str, name: str) -> Looks | None:
    """Return the looks of a site that is called `name`; None where what was typed is no colour."""
    try:
        colour = accent_color(accent) if accent.strip() else DEFAULT_ACCENT
    except AuthsvcError:
        return None
    shades = palette(colour)
    return Looks(
        colour,
        logo_text.strip() or name.strip(),
        (
            _scheme("light", colour, shades.light, LIGHT),
            _scheme("dark", colour, shades.dark, DARK),
        ),
    )


def preview_style(colour: str) -> Response:
    """Write the colours of both previews as a file: a page may hold no style itself. Raises `Invalid`."""
    shades = palette(accent_color(f"#{colour}"))
    lines = (
        f".preview.{name} {{ --accent: {shade.accent}; --on-accent: {shade.text}; }}"
        for name, shade in (("light", shades.light), ("dark", shades.dark))
    )
    return Response("\n".join(lines), content_type="text/css; charset=utf-8")


def _scheme(name: str, colour: str, shade: Shade, backgrounds: tuple[str, ...]) -> Scheme:
    return Scheme(
        name,
        min(contrast(colour, each) for each in backgrounds),
        shade.accent,
        min(contrast(shade.accent, each) for each in backgrounds),
        contrast(shade.accent, shade.text),
        shade.accent != colour,
    )
