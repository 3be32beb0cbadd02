"""weakspot.cli.cluster: the token, what is refused, and a summary on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from weakspot.cli.cluster import render
from weakspot.cli.main import cli
from weakspot.queries.clustered import DeviceRow, GroupRow, Summary, WeaknessRow
from weakspot.runtime.errors import Conflict, InvalidField


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    told = [CliRunner().invoke(cli, ["cluster", "token", str(tmp_path / "keys")]) for _ in range(2)]
    path = Path(told[0].output.strip())
    assert [one.output for one in told] == [f"{path}\n"] * 2
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text()) == 64


@pytest.mark.parametrize(
    ("options", "text"), [(["--groups", "one"], "--groups"), (["--address", "10.0.0.1:6379"], "weakspot database move")]
)
def test_what_cannot_be_done_is_refused_before_anything_is_started(
    tmp_path: Path, options: list[str], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEAKSPOT_DATABASE_URL", raising=False)
    told = CliRunner().invoke(cli, ["--data", str(tmp_path), "cluster", "summary", *options])
    assert isinstance(told.exception, InvalidField)
    assert text in told.exception.detail


def test_a_folder_without_a_fleet_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEAKSPOT_DATABASE_URL", raising=False)
    told = CliRunner().invoke(cli, ["--data", str(tmp_path), "cluster", "summary"])
    assert isinstance(told.exception, Conflict)
    assert "no fleet in this database" in told.exception.detail


def test_a_summary_for_people() -> None:
    found = Summary(
        seq=7, devices=1200, exposure_score=12.34, exposure_score_detected=20.0, secure_points=3.5, secure_maximum=8.0,
        groups=[GroupRow(1, "lab\x1b[2J", 1200, 12.34, 20.0), GroupRow(2, "empty", 0, None, None)],
        worst_devices=[DeviceRow("0" * 40, "box", 99.5, 99.9, 31)],
        weaknesses=[WeaknessRow("CVE-2099-0001", 900, 1000)],
    )  # fmt: skip
    told = render(found)
    assert "1,200 devices, at change 7" in told
    assert "exposure score 12.3 (detected 20.0)" in told
    assert "lab?[2J (1)" in told
    assert "-           0  empty (2)" in told
    assert "900  CVE-2099-0001" in told
