from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import files, limits


def test_links_never_leave_another_root(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    inside = tmp_path / "image"
    root = make_root(inside, {"/etc/real": "inside", "/usr/lib/x": "merged", "/secret": "own"})
    (inside / "etc/absolute").symlink_to("/secret")
    (inside / "etc/upwards").symlink_to("../../../../secret")
    (inside / "lib").symlink_to("usr/lib")
    (inside / "loop").symlink_to("loop")
    assert root.read("/etc/real", 100) == b"inside"
    assert root.read("/etc/absolute", 100) == b"own"
    assert root.read("/etc/upwards", 100) == b"own"
    assert root.read("/etc/../../../secret", 100) == b"own"
    assert root.read("/lib/./x", 100) == b"merged"
    with pytest.raises(OSError, match="too many levels"):
        root.read("/loop", 100)
    assert root.stat("/loop") is None


def test_reads_are_bounded(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/a": "12345"})
    assert root.read("/a", 5) == b"12345"
    assert root.head("/a", 3) == b"123"
    with pytest.raises(files.TooLargeError):
        root.read("/a", 4)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/folder/a": ""})
    os.mkfifo(tmp_path / "pipe")
    for path in ("/pipe", "/folder"):
        with pytest.raises(OSError, match=r"not a regular file|Is a directory"):
            root.read(path, 10)
    assert root.line("/pipe") == ""


def test_kernel_files_that_claim_to_be_empty_are_read() -> None:
    assert b"MemTotal" in files.Root().read("/proc/meminfo", limits.SMALL_FILE_BYTES)


def test_folders_by_pattern(tmp_path: Path) -> None:
    names = ("/opt/b/lib/x", "/opt/a/lib/x", "/opt/.hidden/lib/x", "/home/ann/.venv/x", "/opt/file")
    root = make_root(tmp_path, dict.fromkeys(names, ""))
    (tmp_path / "opt/again").symlink_to("a")
    assert root.folders(("/opt/*/lib", "/home/*/.v*", "/nowhere/*", "/opt/file")) == [
        "/opt/a/lib",
        "/opt/b/lib",
        "/home/ann/.venv",
    ]


def test_folders_and_names_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GLOB_RESULTS", 3)
    monkeypatch.setattr(limits, "FOLDER_ENTRIES", 4)
    root = make_root(tmp_path, {f"/opt/{number}/x": "" for number in range(9)})
    assert len(root.folders(("/opt/*",))) == 3
    assert len(root.names("/opt")) == 4
    assert root.names("/nowhere") == []


def test_a_signature_changes_with_each_file(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/a": "1"})
    before = files.signature(root, ("/a", "/b"))
    assert files.signature(root, ("/a", "/b")) == before
    make_root(tmp_path, {"/b": "2"})
    assert files.signature(root, ("/a", "/b")) != before
