"""weakspot.cli.baselines: profiles from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from weakspot.cli.baselines import document_of
from weakspot.cli.main import COMMANDS
from weakspot.runtime.errors import InputError

YAML = """
name: Servers
platform: linux
configurations:
  - check_id: check-linux-password-length
    expected: {at_least: 16}
"""


def test_a_profile_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "servers.yaml"
    file.write_text(YAML, "utf-8")
    found = document_of(file)
    assert found["configurations"] == [{"check_id": "check-linux-password-length", "expected": {"at_least": 16}}]


@pytest.mark.parametrize("text", ["- one", "a: [", "", "x" * 1_000_001])
def test_a_file_that_holds_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError):
        document_of(file)


def test_it_is_a_command() -> None:
    assert COMMANDS["baselines"] == ("weakspot.cli.baselines", "baselines")
