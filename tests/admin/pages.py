"""What a page says, as a person reads it."""

from __future__ import annotations

import re
from html import unescape

from tests.admin.browser import Browser


def said(browser: Browser) -> str:
    """Return the page's text in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", browser.text)).split())


def rows(browser: Browser) -> dict[str, list[str]]:
    """Return the cells of every table row, by the text of its first cell."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", browser.text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        texts = [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
        if texts:
            found[texts[0]] = texts[1:]
    return found
