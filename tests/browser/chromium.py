"""Debian's Chromium, driven by Playwright: found on this machine, never downloaded, speaking to this machine only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.vendor_clients.node_packages import find_node

PROGRAMS = ("chromium", "chromium-browser")
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name is looked up but those that are this machine by definition (RFC 6761 §6.3).
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
    # The same letters in the same places, whatever screen this is run beside.
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
)
# A page that takes longer has hung: the slowest here, which hashes a password, takes a tenth of it.
PATIENCE_MILLISECONDS = 10_000


def chromium_program() -> str:
    """Return where Chromium is.

    Raises RuntimeError if it is nowhere: the tests must not pass for want of a browser.
    """
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise RuntimeError("no Chromium: `make install-dev` as root, or `apt-get install chromium`")
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Chromium without a window, on a profile that is new and gone afterwards."""
    # The Node that Playwright brings wants libatomic, which a bare Debian lacks; the one of our own wheel does not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(find_node().program))
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=chromium_program(),
            args=list(OPTIONS),
            headless=True,
        ) as browser,
    ):
        yield browser
