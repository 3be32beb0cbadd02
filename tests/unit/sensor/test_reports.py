from __future__ import annotations

import gzip

import pytest

from tests.unit.sensor.support import body, item
from weakspot_sensor import items, limits, reports


def test_a_full_report_has_the_agreed_shape() -> None:
    report = reports.full(body(item("a")), 7, "id-1", 0.0)
    assert (report["schema"], report["kind"], report["sequence"], report["base_digest"]) == (1, "full", 7, None)
    assert report["observed_at"] == "1970-01-01T00:00:00.000000Z"
    assert report["sensor"]["name"] == "weakspot-sensor"
    assert set(report["software"][0]) == {
        *items.IDENTITY_FIELDS,
        "vendor",
        "module",
        "owned_by",
        "paths",
        "installed_at",
    }
    assert "added" not in report


def test_a_delta_names_what_came_and_went() -> None:
    gone = items.identity(item("gone"))
    report = reports.delta(body(item("a")), "0" * 64, [item("a")], [gone], 8, "id-2", 0.0)
    assert (report["kind"], report["base_digest"]) == ("delta", "0" * 64)
    assert report["removed"] == [dict(zip(items.IDENTITY_FIELDS, gone, strict=True))]
    assert "software" not in report


def test_bytes_are_reproducible_and_come_back() -> None:
    report = reports.full(body(item("ä")), 1, "id", 0.0)
    assert reports.encode(report) == reports.encode(report)
    assert reports.decode(reports.encode(report)) == report


_NO_REPORTS = {
    "nothing": None,
    "empty": b"",
    "not compressed": b"text",
    "half a document": gzip.compress(b"{", mtime=0),
    "a list": gzip.compress(b"[]", mtime=0),
    "deep nesting": gzip.compress(b"[" * 10**6, mtime=0),
    "cut short": gzip.compress(b"{}", mtime=0)[:-9],
}


@pytest.mark.parametrize("data", list(_NO_REPORTS.values()), ids=list(_NO_REPORTS))
def test_other_bytes_are_no_report(data: bytes | None) -> None:
    assert reports.decode(data) is None


def test_what_inflates_without_end_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STATE_BYTES", 100)
    assert reports.decode(gzip.compress(b'{"a": "' + b"x" * 1000 + b'"}')) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:02.000000Z", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00.000000Z", "2026-01-01T09:00:00.000000Z", "2026-01-01T09:00:00.000000Z"),
        (None, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z"),
        ("2026-01-01T00:00:00.000000Z", None, None),
    ],
)
def test_clock_corrections_are_no_restart(before: str | None, after: str | None, expected: str | None) -> None:
    settled = reports.settle_boot_time({"os": {"boot_at": before}}, {"os": {"boot_at": after, "kernel": "k"}})
    assert settled["os"] == {"boot_at": expected, "kernel": "k"}
