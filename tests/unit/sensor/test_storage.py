from __future__ import annotations

import os
from pathlib import Path

import pytest

from weakspot_sensor import limits, storage
from weakspot_sensor.errors import SettingsError
from weakspot_sensor.storage import Storage


def test_files_are_private_and_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = Storage(str(tmp_path / "state"))
    folder.write("spool/a", b"one")
    folder.write("spool/a", b"two")
    assert folder.read("spool/a") == b"two"
    assert folder.size("spool/a") == 3
    assert (tmp_path / "state/spool/a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state/spool").stat().st_mode & 0o777 == 0o700
    folder.remove("spool/a")
    folder.remove("spool/a")
    assert folder.read("spool/a") is None
    assert folder.names("spool") == []


def test_two_sensors_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = Storage(str(tmp_path / "state")), Storage(str(tmp_path / "state"))
    first.open()
    with pytest.raises(SettingsError, match="another sensor uses"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_what_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    folder = Storage(str(tmp_path))
    folder.write("spool/a", b"whole")
    (tmp_path / "spool/b.part").write_bytes(b"half")
    (tmp_path / "confirmed.json.gz.part").write_bytes(b"half")
    assert folder.names("spool") == ["a"]
    folder.open()
    folder.close()
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["a", "lock"]


def test_a_temporary_name_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "a.part").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        Storage(str(tmp_path)).write("a", b"x")
    assert (tmp_path / "target").read_bytes() == b"mine"


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="cannot be used"):
        Storage(str(tmp_path / "file")).open()
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="does not belong"):
        Storage(str(tmp_path / "link")).open()


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    with pytest.raises(SettingsError, match="does not belong"):
        Storage(str(tmp_path)).open()


def test_oversized_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Storage(str(tmp_path))
    folder.write("a", b"12345")
    monkeypatch.setattr(limits, "STATE_BYTES", 4)
    assert folder.read("a") is None


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAKSPOT_SENSOR_STATE", "/chosen")
    assert storage.default_folder() == "/chosen"
    monkeypatch.delenv("WEAKSPOT_SENSOR_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert storage.default_folder() == "/var/lib/weakspot-sensor"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/ann/.state")
    assert storage.default_folder() == "/home/ann/.state/weakspot-sensor"
