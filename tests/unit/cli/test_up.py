"""weakspot.cli.up: the summary. What it starts is tested with real processes."""

from __future__ import annotations

from typing import Any

from weakspot.cli.up import summary


def board(**fields: Any) -> dict[str, Any]:
    """A dashboard."""
    knowledge = {"is_starter_only": False, "starter_date": "2026-08-16"}
    return {"knowledge": knowledge, "exposure_score": 42.4, "exposure_level": "Medium", "devices": 1} | fields


ROW = {
    "name": "CVE-2099-0001", "severity": "Critical", "cvss_score": 9.8, "epss": 0.5, "is_known_exploited": True,
    "software": [{"name": "openssl"}],
}  # fmt: skip


def test_score_and_worst_weaknesses() -> None:
    text = summary(board(), {"total": 7, "items": [ROW]})
    assert "Exposure score: 42 of 100 (medium); weaknesses: 7, devices: 1." in text
    assert text.splitlines()[-1].split() == [
        "CVE-2099-0001", "Critical", "9.8", "EPSS", "0.500", "exploited", "openssl",
    ]  # fmt: skip


def test_what_is_not_known_is_said() -> None:
    starter = {"is_starter_only": True, "starter_date": "2026-08-16"}
    bare = ROW | {"cvss_score": None, "epss": None, "is_known_exploited": False, "software": []}
    text = summary(board(exposure_score=None, exposure_level="None", knowledge=starter), {"total": 1, "items": [bare]})
    assert text.startswith("Only the starter knowledge of 2026-08-16 is loaded")
    assert "not known yet" in text
    assert text.splitlines()[-1].split() == ["CVE-2099-0001", "Critical"]
