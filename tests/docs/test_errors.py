"""docs/errors.md has a row for every error slug, with its status."""

from __future__ import annotations

import re
from pathlib import Path

from weakspot.runtime import errors

ROWS = re.findall(
    r"^\| `([a-z-]+)` \| (\d+) \| .+ \| .+ \|$",
    (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8"),
    re.MULTILINE,
)


def tree(base: type[errors.WeakspotError]) -> set[tuple[str, str]]:
    """(slug, status) of an error and all below it."""
    found = {(base.slug, str(base.status))} if base.__module__ == errors.__name__ else set()
    return found.union(*(tree(child) for child in base.__subclasses__()))


def test_every_slug_is_described_with_its_status() -> None:
    assert len(ROWS) == len(set(ROWS))
    assert set(ROWS) == tree(errors.WeakspotError)
