from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from weakspot import posture
from weakspot.posture import catalogue, rules
from weakspot.runtime.errors import InputError

ONE = """
- id: check-own
  title: Own
  category: network
  subcategory: VPN
  impact: 3
  platforms: [linux]
  setting: linux.own
  provided: {linux: a file}
  compliant: {equals: "yes"}
  rationale: Ours.
  remediation: [Set it.]
"""


@pytest.fixture(autouse=True)
def _own_folder_ends() -> Iterator[None]:
    yield
    posture.use_folder(None)


def test_the_catalogue_is_whole() -> None:
    """spec/features.md 5.5: five categories, an impact of 1-10, a subcategory, whether people notice."""
    found = posture.checks()
    assert len(found) >= 40
    assert {one.category for one in found.values()} == {
        "application", "os", "network", "accounts", "security_controls",
    }  # fmt: skip
    for one in found.values():
        assert rules.problem_of(one) is None
        assert set(one.platforms) <= one.provided.keys(), one.id
        assert one.setting.split(".")[0] in (*one.platforms, "firmware"), one.id
        assert one.rationale, one.id
        assert one.attack, one.id
        assert one.mitigations, one.id
    settings = [one.setting for one in found.values()]
    assert len(set(settings)) == len(settings) <= 512


def test_own_checks_are_added_and_replace(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(ONE)
    (tmp_path / "replaced.yaml").write_text(ONE.replace("check-own", "check-linux-aslr"))
    posture.use_folder(tmp_path)
    assert posture.check("check-own").is_own
    assert posture.check("check-linux-aslr").title == "Own"
    posture.use_folder(None)
    assert "check-own" not in posture.checks()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not the YAML"),
        ("a: b", "a list"),
        (ONE.replace("impact: 3", "impact: 11"), "<= 10"),
        (ONE.replace('"yes"', "yes"), "Expected `str | null`"),
        (ONE.replace("network", "other"), "Invalid enum"),
        (ONE + "  more: 1\n", "unknown field"),
        (ONE + ONE, "twice"),
        (ONE.replace("equals", "at_least: 3, equals"), "exactly one"),
        (ONE.replace("check-own", "Check Own"), "matching regex"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(InputError, match=re.escape(said)):
        posture.use_folder(tmp_path)


def test_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.yaml").write_text(ONE)
    monkeypatch.setattr(catalogue, "MAX_FILE_BYTES", 10)
    with pytest.raises(InputError, match="over 10 bytes"):
        posture.use_folder(tmp_path)
