"""The index in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.fleet.model import EVERYTHING, Model
from weakspot.fleet import Batch, DeviceFacts, Fleet, snapshots
from weakspot.fleet.snapshots import SnapshotUnusable

SOFTWARE_OF = {version: 1 + version // 2 for version in range(1, 9)}


def fleet() -> Fleet:
    made = Fleet()
    made.apply(
        Model(
            SOFTWARE_OF,
            installed={1: {1, 2, 7}, 2: {1}, 90_000: {7}},
            facts={1: (1, "Normal", True), 2: (7, "High", True), 90_000: (2, "Low", False)},
            matches={1: {10, 11}, 7: {12}},
            hazards={10: 100, 11: 20, 12: 3},
        ).batch(seq=4)
    )
    return made


def test_what_is_read_is_what_was_written_and_can_go_on(tmp_path: Path) -> None:
    written, path = fleet(), tmp_path / "fleet.snapshot"
    size = snapshots.write(path, written.view(), "stamp")
    assert path.stat().st_size == size
    assert [one.name for one in tmp_path.iterdir()] == ["fleet.snapshot"]
    view, stamp = snapshots.read(path)
    assert stamp == "stamp"
    read = Fleet()
    read.replace(view)
    assert read.seq == 4
    assert read.differences(written) == []
    for one in (read, written):
        one.apply(
            Batch(seq=5, matches={1: [10], 2: [13]}, hazards={13: 9}, facts=[DeviceFacts(90_000, 9, "Low", True)])
        )
    assert read.differences(written) == []
    assert read.device_hazards(None, EVERYTHING)[1].tolist() == [112, 100, 3]


def test_others_may_go_on_between_the_pieces(tmp_path: Path) -> None:
    path, at_once, rests = tmp_path / "s", tmp_path / "at-once", 0
    view = fleet().view()

    def rest() -> None:
        nonlocal rests
        rests += 1

    size = snapshots.write(path, view, "", rest=rest)
    assert snapshots.write(at_once, view, "") == size
    assert at_once.read_bytes() == path.read_bytes()
    pages = sum(len(getattr(view, name).pages()) for name in ("software", "hazard", "sums", "findings"))
    assert rests > pages + len(dict(view.installed.items())) + len(dict(view.weaknesses.items()))


def test_an_empty_index_can_be_kept(tmp_path: Path) -> None:
    snapshots.write(tmp_path / "s", Fleet().view(), "")
    view, _ = snapshots.read(tmp_path / "s")
    assert view.sizes().devices == 0


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "damaged"),
        (lambda data: b"WSFLEET0" + data[8:], "another format"),
        (lambda data: b"", "another format"),
        (lambda data: data[:20], "damaged"),
    ],
)
def test_a_spoilt_file_is_refused(tmp_path: Path, spoil: object, told: str) -> None:
    path = tmp_path / "fleet.snapshot"
    snapshots.write(path, fleet().view(), "")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SnapshotUnusable, match=told):
        snapshots.read(path)


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    import hashlib

    body = b"\x93\x01\x02\x03"
    path = tmp_path / "fleet.snapshot"
    path.write_bytes(snapshots.MAGIC + hashlib.sha256(body).digest() + body)
    with pytest.raises(SnapshotUnusable, match="cannot be read"):
        snapshots.read(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fleet.snapshot"
    snapshots.write(path, fleet().view(), "")
    monkeypatch.setattr(snapshots, "MAX_BYTES", 10)
    with pytest.raises(SnapshotUnusable, match="larger"):
        snapshots.read(path)
