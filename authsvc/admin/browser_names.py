"""What a browser calls itself, in words a person recognises."""

from __future__ import annotations

# Each in order: nearly every browser also claims to be those after it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_SHOWN_CHARACTERS = 60


def browser_name(user_agent: str) -> str:
    """Return "Firefox on Windows" for a `User-Agent`; the header itself, cut short, where nothing is recognised."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser is None:
        return user_agent[:_SHOWN_CHARACTERS] or "Unknown browser"
    return f"{browser} on {system}" if system else browser
