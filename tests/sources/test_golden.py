"""Every reader gives the golden records, and every source that has files has a mirror here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.golden import golden, names, records
from weakspot.intel.sources import ALL


@pytest.mark.parametrize("name", names())
def test_reader_gives_the_golden_records(name: str) -> None:
    assert records(name) == golden(name).read_text("utf-8").splitlines(), "see tests/sources/golden.py"


def test_every_source_with_files_has_golden_records() -> None:
    assert names() == sorted(source.descriptor.name for source in ALL if source.descriptor.mirror_layout)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.descriptor.name)
def test_descriptors_are_complete(source: object) -> None:
    descriptor = source.descriptor  # type: ignore[attr-defined]
    assert descriptor.licence
    assert descriptor.title
    assert ("network" in descriptor.needs) == (source.remotes is not None)  # type: ignore[attr-defined]
    assert all(layout.startswith(f"{descriptor.name}/") for layout in descriptor.mirror_layout)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.descriptor.name)
def test_each_source_is_documented(source: object) -> None:
    root = Path(__file__).parents[2]
    name = source.descriptor.name  # type: ignore[attr-defined]
    readme = (root / "src/weakspot/intel/sources" / name / "README.md").read_text("utf-8")
    listed = (root / "docs/sources.md").read_text("utf-8")
    assert f"| `{name}` |" in listed
    for layout in source.descriptor.mirror_layout:  # type: ignore[attr-defined]
        assert layout in readme
        assert layout in listed
