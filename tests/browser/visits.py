"""One page opened in a browser that has nothing cached, and everything that was sent and said meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Request

# What axe-core calls the two upper of its four steps of harm.
GRAVE = {"serious", "critical"}
# The rules of axe-core whose judgement depends on colours; the others judge a page alike in light and dark.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]

_TAB_STOPS = """() => {
  document.activeElement?.blur();
  const scope = document.querySelector("dialog:modal") ?? document;
  const all = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]";
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow].join(" ");
  };
  const named = (element) => {
    const text = (element.getAttribute("aria-label") || element.innerText || element.id || element.name).trim();
    return element.tagName.toLowerCase() + ": " + text.slice(0, 40);
  };
  const stops = [...scope.querySelectorAll(all)].filter((element) =>
    element.tabIndex >= 0 && !element.disabled && element.type !== "hidden" && element.checkVisibility());
  const resting = new Map(stops.map((element) => [element, look(element)]));
  window.focused = [];
  document.addEventListener("focusin", ({ target }) => window.focused.push({
    name: named(target), seen: resting.get(target) !== look(target) && !/^none 0px none$/.test(look(target)) }));
  stops[0]?.focus();
  return stops.map(named);
}"""


@dataclass
class Visit:
    """An open page, and what its opening did."""

    page: Page
    status: int = 0
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Open an address and wait until it and what it needs are there."""
        self.page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  it takes functions only
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        response = self.page.goto(address, wait_until="load")
        assert response is not None
        self.status = response.status

    def _note(self, message: ConsoleMessage) -> None:
        # The page itself being a 404 is no fault of the page.
        expected = self.status >= 400 or message.location.get("url") == self.page.url
        if message.type in {"error", "warning"} and not (
            expected and message.text.startswith("Failed to load resource")
        ):
            self.complaints.append(message.text)

    def transferred_bytes(self) -> int:
        """Return how much came over the wire in all, headers too."""
        sizes = [request.sizes() for request in self.requests]
        return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)

    def resize(self, width: int) -> None:
        """Make the window as wide as that, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": 800})

    def excess_width(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wide

    def grave_violations(self, *rules: str) -> list[str]:
        """Return what axe-core finds serious or critical, by all its rules or by `rules`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        # Nothing to load beforehand: only rules about style sheets of other hosts and media would ask for it.
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        found = self.page.evaluate("options => axe.run(document, options)", options)["violations"]
        return [
            f"{violation['id']} ({violation['impact']}): {node['html'][:200]}"
            for violation in found
            if violation["impact"] in GRAVE
            for node in violation["nodes"]
        ]

    def walk_by_tab(self) -> tuple[list[str], list[dict[str, Any]]]:
        """Go through the page by Tab; returns what is interactive in document order, and what had the focus how."""
        self.page.keyboard.press("Shift")  # from here on the keyboard is in use: focus is shown
        stops: list[str] = self.page.evaluate(_TAB_STOPS)
        for _ in stops[1:]:
            self.page.keyboard.press("Tab")
        return stops, self.page.evaluate("window.focused")
