"""docs/spec-coverage.md names files and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "spec-coverage.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
REQUIRED = ("4", "6.", "7.", "9.", "11.", "12", "14", "15.", "16", "18", "19", "20", "22")


def named_in(cell: str) -> list[tuple[str, str]]:
    """(file, name) of the tests in a cell."""
    found, file = [], ""
    for word in re.findall(r"`([^`]+)`", cell):
        if word.endswith(".py"):
            file = word
        else:
            found.append((file, word))
    return found


def test_every_section_has_rows() -> None:
    sections = [one.strip() for row in ROWS for one in row[0].split(",")]
    assert [wanted for wanted in REQUIRED if not any(one.startswith(wanted) for one in sections)] == []


def test_what_is_named_is_there() -> None:
    missing = []
    for section, _, where, tests in ROWS:
        sources = re.findall(r"`([^`]+)`", where)
        missing += [f"{section}: {one}" for one in sources if not (ROOT / "src/weakspot" / one).exists()]
        named = named_in(tests)
        if not named:
            missing.append(f"{section}: no test")
        for file, name in named:
            path = ROOT / "tests/unit" / file
            if not path.exists() or f"def {name}(" not in path.read_text("utf-8"):
                missing.append(f"{section}: {file}: {name}")
    assert missing == []
