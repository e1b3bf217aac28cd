"""A merchant's colour made readable: whatever accent a site has, text in it and on it keeps enough contrast."""

from __future__ import annotations

from dataclasses import dataclass

# WCAG 2.2 §1.4.3 (AA), for text of ordinary size.
LEAST_CONTRAST = 4.5
DEFAULT_ACCENT = "#0b57a4"
# What text in the accent stands on, in light and in dark; as in the style sheets of storefront and admin.
LIGHT = ("#f5f7f9", "#ffffff")
DARK = ("#12171d", "#1b222a")

_STEPS = 20

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shade:
    """The accent as it is shown in one scheme, and the colour of text on it."""

    accent: str
    text: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The accent on a light page and on a dark one."""

    light: Shade
    dark: Shade


def palette(accent: str) -> Palette:
    """Return how an accent is shown: darkened on light pages and lightened on dark ones, as far as reading asks."""
    return Palette(_shade(accent, LIGHT, "#000000"), _shade(accent, DARK, "#ffffff"))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _shade(accent: str, backgrounds: tuple[str, ...], towards: str) -> Shade:
    # The last step is black or white itself, which every background bears.
    mixed = (_mixed(accent, towards, step / _STEPS) for step in range(_STEPS + 1))
    shown = next(
        colour
        for colour in mixed
        if min(contrast(colour, background) for background in backgrounds) >= LEAST_CONTRAST
    )
    # One of the two always has 4.58 or more.
    return Shade(shown, max(("#ffffff", "#000000"), key=lambda text: contrast(text, shown)))


def _mixed(colour: str, other: str, share: float) -> str:
    parts = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _rgb(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
