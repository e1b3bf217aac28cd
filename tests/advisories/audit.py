"""Compares all that is locked, Python's and npm's, with the advisories that are known: `make audit`.

OSV (osv.dev) knows both, and answers for all packages at once. pip-audit and `uv audit` ask it too, package by package
or about a lock of uv's own, and npm's audit asks its registry, which a mirror does not answer: where a machine reaches
only mirrors, none of them can tell "nothing is known" from "nobody was asked", and that is what matters here.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml  # type: ignore[import-untyped]  # ships no types
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[2]
PYTHON_LOCKS = ("config/requirements/test.txt", "config/requirements/bench.txt")
NODE_LOCKS = ("tests/vendor_clients/package-lock.json",)
ANSWERS = ROOT / "config" / "advisories.toml"
OSV = "https://api.osv.dev/v1/querybatch"
# Its answer takes one; a machine that cannot reach it shall not be kept.
PATIENCE_SECONDS = 5

PYPI, NPM = "PyPI", "npm"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Package:
    """A locked version of a package, of Python's or npm's."""

    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True)
class Answer:
    """Why an advisory does not concern us, and until when that holds."""

    id: str
    package: str
    reason: str
    until: date


class Unreachable(Exception):
    """No source of advisories answered."""


# Returns for each package the ids of what is known of it; raises `Unreachable`.
Source = Callable[[Sequence[Package]], Mapping[Package, list[str]]]


def locked(root: Path = ROOT) -> list[Package]:
    """Return every package that some lock names."""
    found = {
        Package(PYPI, canonicalize_name(name), version)
        for lock in PYTHON_LOCKS
        for name, version in _PINNED.findall((root / lock).read_text())
    }
    for lock in NODE_LOCKS:
        for path, said in json.loads((root / lock).read_text())["packages"].items():
            name = path.rpartition("node_modules/")[2]
            if name and "version" in said:
                found.add(Package(NPM, name, said["version"]))
    return sorted(found)


def from_osv(packages: Sequence[Package], address: str = OSV) -> Mapping[Package, list[str]]:
    """Ask OSV about all of them at once."""
    queries = [
        {"package": {"ecosystem": each.ecosystem, "name": each.name}, "version": each.version}
        for each in packages
    ]
    request = Request(
        address,
        json.dumps({"queries": queries}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            results = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as failure:
        raise Unreachable(f"{type(failure).__name__}: {failure}") from failure
    if len(results) != len(packages):
        raise Unreachable("the answer is about other packages")
    return {
        package: [known["id"] for known in result.get("vulns", ())]
        for package, result in zip(packages, results, strict=True)
    }


def from_folder(folder: Path) -> Source:
    """Return what looks into a folder of advisories in OSV's format, YAML or JSON."""

    def ask(packages: Sequence[Package]) -> Mapping[Package, list[str]]:
        files = [path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".json")]
        if not files:
            raise Unreachable(f"{folder} holds no advisories")
        by_name: dict[tuple[str, str], list[Package]] = {}
        for package in packages:
            by_name.setdefault((package.ecosystem, package.name), []).append(package)
        known: dict[Package, list[str]] = {package: [] for package in packages}
        for path in files:
            # As fast as it gets: a database has many thousand.
            advisory = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
            for package in _affected(advisory, by_name):
                known[package].append(advisory["id"])
        return known

    return ask


def _affected(
    advisory: Any,  # noqa: ANN401  YAML
    by_name: Mapping[tuple[str, str], list[Package]],
) -> Iterator[Package]:
    if not isinstance(advisory, dict) or advisory.get("withdrawn"):
        return
    found = set()
    for part in advisory.get("affected", ()):
        ecosystem, name = part["package"]["ecosystem"], part["package"]["name"]
        key = (ecosystem, canonicalize_name(name) if ecosystem == PYPI else name)
        for package in by_name.get(key, ()):
            if package.version in part.get("versions", ()) or _within(part, package.version):
                found.add(package)
    yield from found


def _within(part: Mapping[str, Any], text: str) -> bool:
    """Tell whether a version is in one of an advisory's ranges, by the order of its events."""
    try:
        version = Version(text)
        for each in part.get("ranges", ()):
            if each["type"] == "GIT":
                continue
            is_affected = False
            for event in each["events"]:
                ((kind, at),) = event.items()
                begins = kind == "introduced" and (at == "0" or version >= Version(at))
                ends = (kind == "fixed" and version >= Version(at)) or (
                    kind == "last_affected" and version > Version(at)
                )
                is_affected = begins or (is_affected and not ends)
            if is_affected:
                return True
    except InvalidVersion:
        # Versions that Python cannot order are listed one by one.
        return False
    return False


def answers(path: Path = ANSWERS) -> list[Answer]:
    """Return what was answered already."""
    return [Answer(**each) for each in tomllib.loads(path.read_text())["answered"]]


def judged(
    known: Mapping[Package, list[str]], answered: Iterable[Answer], today: date
) -> tuple[list[str], bool]:
    """Return what to say of what is known, and whether it may pass."""
    given = {(each.id, each.package): each for each in answered}
    lines, passes = [], True
    for package, ids in sorted(known.items()):
        for advisory in ids:
            answer = given.pop((advisory, package.name), None)
            if answer is not None and today <= answer.until:
                lines.append(f"{advisory} {package.name}: {answer.reason} (until {answer.until})")
                continue
            passes = False
            why = "is not answered" if answer is None else f"was answered until {answer.until}"
            lines.append(f"{advisory} {package.name} {package.version} ({package.ecosystem}) {why}")
    lines += [f"{each.id} {each.package}: answered, and no longer known" for each in given.values()]
    return lines, passes


def audit(source: Source, *, if_reachable: bool, today: date) -> int:
    """Ask, say what was found, and return the exit code: 1 for a known hole, 2 where nobody could be asked."""
    packages = locked()
    try:
        known = source(packages)
    except Unreachable as failure:
        print(  # noqa: T201  a command's answer
            f"NOT AUDITED: no source of advisories could be reached ({failure}). "
            f"Nothing is known of {len(packages)} locked packages, good or bad. "
            "Run `make audit` where osv.dev is reached, or `make audit ADVISORIES=folder`."
        )
        return 0 if if_reachable else 2
    lines, passes = judged(known, answers(), today)
    for line in lines:
        print(line)  # noqa: T201  as above
    print(f"{len(packages)} locked packages, {len(lines)} advisories to tell of")  # noqa: T201
    return 0 if passes else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument(
        "--advisories", type=Path, help="a folder of OSV files, in place of osv.dev"
    )
    parser.add_argument("--if-reachable", action="store_true", help="nobody to ask is no failure")
    given = parser.parse_args()
    source = from_osv if given.advisories is None else from_folder(given.advisories)
    return audit(source, if_reachable=given.if_reachable, today=datetime.now(UTC).date())


if __name__ == "__main__":
    sys.exit(main())
