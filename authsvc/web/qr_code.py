"""QR codes as inline SVG, drawn here: what stands in one is often secret, and is shown to no third party."""

from __future__ import annotations

import segno
from markupsafe import Markup

# Pixels a module: some 250 across, which a telephone reads from an arm's length.
_SCALE = 5


def qr_code(text: str) -> Markup:
    """Draw a text; always dark on light, whatever the page's colours, because readers expect it."""
    drawn = segno.make(text, error="m").svg_inline(
        scale=_SCALE, border=4, light="#fff", dark="#000", omitsize=True
    )
    return Markup(drawn)  # noqa: S704  paths and numbers that segno draws; nothing of the text is in it as text
