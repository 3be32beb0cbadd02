"""weakspot.cli.vuln."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.support import run
from weakspot.intel.sources.starter.reader import load


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAKSPOT_DATA", str(tmp_path / "data"))


def test_a_vulnerability_of_the_starter_knowledge_in_any_spelling() -> None:
    name = load().entries[0].id
    found = run("vuln", "show", name.lower(), "--format", "json")
    assert found.status == 0
    assert json.loads(found.out)["facts"]["name"] == name
    text = run("vuln", "show", name).out
    assert text.startswith(name)
    assert "Who said what:" in text
    assert "starter" in text


def test_an_unknown_name_says_what_to_do() -> None:
    found = run("vuln", "show", "CVE-1900-0001")
    assert found.status == 2
    assert "feeds status" in found.err
