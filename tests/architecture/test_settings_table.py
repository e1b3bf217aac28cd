"""README's table of settings says what the settings say."""

from __future__ import annotations

import re
from pathlib import Path

from authsvc.settings import PREFIX, Settings

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(
    r"\|\s*(?P<names>`[^|]+`)\s*\|\s*(?P<default>[^|]*?)\s*\|\s*(?P<meaning>[^|]+?)\s*\|"
)
NAME = re.compile(rf"`(DATABASE_URL|VALKEY_URL|{PREFIX}[A-Z0-9_]+)`")
WITHOUT_PREFIX = {"database_url", "valkey_url"}
# Names the file that settings may stand in, and so is none of them.
NOT_A_SETTING = {f"{PREFIX}CONFIG"}


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return name.upper() if name in WITHOUT_PREFIX else f"{PREFIX}{name.upper()}"


def documented() -> dict[str, str]:
    """Return variable → default, as README's table says."""
    return {
        name: row["default"].strip("`")
        for row in map(ROW.match, README.read_text().splitlines())
        if row
        for name in NAME.findall(row["names"])
        if name not in NOT_A_SETTING
    }


def test_every_setting_is_in_readme_and_every_row_is_a_setting() -> None:
    assert set(documented()) == {variable(name) for name in Settings.model_fields}


def test_readmes_defaults_are_the_settings() -> None:
    wrong = {}
    for name, field in Settings.model_fields.items():
        told = documented()[variable(name)]
        if field.is_required():
            expected = "required"
        elif field.default_factory is not None:
            # Depends on the machine: words, no figure.
            assert not told.isdigit()
            continue
        else:
            expected = "none" if field.default is None else str(field.default)
        if told.replace(" ", "").replace(",", "") != expected:
            wrong[name] = (told, expected)
    assert wrong == {}


def test_every_setting_says_what_it_is() -> None:
    """A docstring below each field."""
    source = Path(README.parent / "authsvc" / "settings.py").read_text()
    for name in Settings.model_fields:
        assert re.search(
            rf'^    {name}: .+?\n    """[^"]+\."""$', source, re.MULTILINE | re.DOTALL
        ), name


def test_no_page_names_a_setting_that_is_none() -> None:
    known = {variable(name) for name in Settings.model_fields} | NOT_A_SETTING
    pages = [README, *(README.parent / "docs").rglob("*"), *(README.parent / "config").glob("*.*")]
    named = {
        (page.name, name)
        for page in pages
        if page.suffix in {".md", ".conf", ".toml", ".cfg"}
        for name in re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", page.read_text())
    }
    assert {each for each in named if each[1] not in known} == set()
