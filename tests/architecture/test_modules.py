"""Each file has one subject, says it first, and stays short."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "authsvc").rglob("*.py"))
MOST_LINES = 300
# Names that say nothing of a subject.
REFUSED_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_begins_by_saying_what_a_reader_finds_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_no_module_is_longer_than_one_subject_takes() -> None:
    assert [
        named(path) for path in MODULES if len(path.read_text().splitlines()) > MOST_LINES
    ] == []


def test_no_module_is_named_after_nothing() -> None:
    assert [named(path) for path in MODULES if path.stem in REFUSED_NAMES] == []
    folders = {path.parent.name for path in MODULES}
    assert folders & REFUSED_NAMES == set()


def test_no_text_of_this_project_calls_things_by_other_names() -> None:
    """Design §1: no synonyms: not user pool, realm, group, wallet, address book."""
    synonyms = ("user pool", "userpool", "realm", "address book", "addressbook", "wallet")
    found = [
        (named(path), word)
        for path in MODULES
        for word in synonyms
        if word in path.read_text().lower()
    ]
    assert found == []
