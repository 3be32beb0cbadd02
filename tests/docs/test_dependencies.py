"""docs/dependencies.md gives a reason for every direct dependency, and for none that is not there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "dependencies.md").read_text("utf-8")


def python_packages() -> set[str]:
    """Direct dependencies of pyproject.toml, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra]
    return {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower() for line in lines}


def console_packages() -> set[str]:
    """Direct dependencies of the console."""
    package = json.loads((ROOT / "console" / "package.json").read_text("utf-8"))
    return set(package.get("dependencies", {})) | set(package.get("devDependencies", {}))


def described() -> set[str]:
    """Names in the first column of the tables; a cell may hold several."""
    cells = re.findall(r"^\| ([^|]+) \|", TEXT, re.MULTILINE)
    names = {name.strip(" `").lower() for cell in cells for name in cell.split(",")}
    return names - {"package"}


def test_every_python_package_has_its_line() -> None:
    assert python_packages() - described() == set()


def test_every_console_package_has_its_line() -> None:
    assert {name.lower() for name in console_packages()} - described() == set()


def test_no_line_without_its_package() -> None:
    assert {n for n in described() if not n.startswith("--")} - python_packages() - {
        name.lower() for name in console_packages()
    } == set()


def test_every_line_has_a_licence_and_what_else_was_considered() -> None:
    for row in re.findall(r"^\| (?!Package|-)(.+) \|$", TEXT, re.MULTILINE):
        assert len([cell for cell in row.split(" | ") if cell.strip()]) == 5, row
