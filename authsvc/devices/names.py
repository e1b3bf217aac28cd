"""What a device is called: a browser and a system, as its User-Agent header has them.

A small rule that is honest, not a library's table of ten thousand telephones: what most browsers are, told apart as
MDN tells them apart ("Browser detection using the user agent"); everything else is "a browser", on whatever system it
says. No versions: they change every month, and a device does not.
"""

from __future__ import annotations

from collections.abc import Sequence

# The first that is found counts: Edge and Opera say they are Chrome, and Chrome that it is Safari.
_BROWSERS: Sequence[tuple[tuple[str, ...], str]] = (
    (("Edg/", "EdgA/", "EdgiOS/"), "Edge"),
    (("OPR/", "Opera"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("Chrome/", "CriOS/", "Chromium/"), "Chrome"),
    (("Safari/",), "Safari"),
)
# Android says it is Linux, and an iPhone that it is like Mac OS X.
_SYSTEMS: Sequence[tuple[tuple[str, ...], str]] = (
    (("iPhone", "iPod"), "iPhone"),
    (("iPad",), "iPad"),
    (("Android",), "Android"),
    (("Windows",), "Windows"),
    (("CrOS",), "ChromeOS"),
    (("Macintosh", "Mac OS X"), "Mac"),
    (("Linux", "X11"), "Linux"),
)
_SOME_BROWSER = "Browser"


def device_name(user_agent: str) -> str:
    """Return what to call a device, in any language: `Firefox (Windows)`, `Browser (Linux)`, or `Browser`."""
    browser = _found(_BROWSERS, user_agent) or _SOME_BROWSER
    system = _found(_SYSTEMS, user_agent)
    return browser if system is None else f"{browser} ({system})"


def _found(kinds: Sequence[tuple[tuple[str, ...], str]], user_agent: str) -> str | None:
    return next((name for signs, name in kinds if any(sign in user_agent for sign in signs)), None)
