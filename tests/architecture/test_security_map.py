"""docs/security.md says of every requirement how it stands, and the tests it names are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "security.md").read_text()
TOLD = MAP + (ROOT / "docs" / "threat_model.md").read_text()
ROW = re.compile(
    r"^\| (?P<number>\d+\.\d+\.\d+) \| (?P<level>[12]) \| [^|]+ \| (?P<state>[^|]+) \| (?P<how>[^|]+) \|$",
    re.MULTILINE,
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`((?:tests|authsvc|config|docs)/[\w./]+)`|\]\(([\w]+\.md)\)")

# ASVS 5.0.0: section → its requirements of level 1 and 2, which are not always the first ones.
REQUIRED = {
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip

# Where unguessable numbers are not needed, and why.
GUESSABLE = {
    "authsvc/embedded/ports.py": "keeps two servers of a developer's machine off one port",
    "authsvc/web/correlation.py": "ties lines of a log together, and opens nothing",
}


@cache
def functions_of(path: str) -> frozenset[str]:
    """Return the names of a file's functions."""
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_has_one_row() -> None:
    rows = [row["number"] for row in ROW.finditer(MAP)]
    expected = [f"{part}.{number}" for part in REQUIRED for number in range(1, REQUIRED[part] + 1)]
    assert rows == expected


def test_every_row_is_met_by_a_test_or_says_why_not() -> None:
    for row in ROW.finditer(MAP):
        state = row["state"].strip("* ")
        assert state in {"met", "N/A", "open"}, row["number"]
        assert len(row["how"].strip()) > 5, row["number"]
        if state == "met":
            assert TEST.search(row["how"]), f"{row['number']} names no test"


def test_every_test_and_file_that_is_named_is_there() -> None:
    missing = [
        f"{path}::{name}" for path, name in TEST.findall(TOLD) if name not in functions_of(path)
    ]
    assert missing == []
    for place, page in PLACE.findall(TOLD):
        assert (ROOT / (place or f"docs/{page}")).exists(), place or page


def test_no_random_number_of_consequence_comes_from_elsewhere() -> None:
    """`random` is predictable: `secrets` makes what must not be guessed (ASVS 11.5.1)."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "authsvc").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "random")
        or (isinstance(node, ast.Import) and any(each.name == "random" for each in node.names))
    }
    assert found == GUESSABLE.keys()
