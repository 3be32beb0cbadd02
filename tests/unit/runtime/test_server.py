"""The data folder: one server, found by its owner's commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from weakspot.runtime.errors import Unavailable
from weakspot.runtime.server import DataFolder, Running


def test_only_one_has_the_folder(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "data")
    assert not first.is_in_use()
    first.acquire()
    assert second.is_in_use()
    with pytest.raises(Unavailable, match="Another Weakspot uses the data folder"):
        second.acquire()
    first.release()
    first.release()
    assert not second.is_in_use()
    second.acquire()
    second.release()


def test_a_running_server_is_found_and_a_dead_one_is_not(tmp_path: Path) -> None:
    server, command = DataFolder(tmp_path), DataFolder(tmp_path)
    assert command.running() is None
    server.acquire()
    assert command.running() is None
    token = server.new_cli_token()
    server.announce(Running(url="http://127.0.0.1:8484", pid=1))
    assert command.running() == (Running(url="http://127.0.0.1:8484", pid=1), token)
    stale = (tmp_path / "run" / "server.json").read_bytes()
    server.release()
    assert command.running() is None
    (tmp_path / "run" / "server.json").write_bytes(stale)  # as kill -9 leaves it
    assert command.running() is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="set WEAKSPOT_DATA"):
        DataFolder(tmp_path / "file" / "data").acquire()


def test_who_waits_is_told_once_and_gets_the_folder(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.acquire()
    told: list[str] = []

    def tell() -> None:
        told.append("waiting")
        first.release()  # what the other process does in its own time

    second.acquire(tell)
    assert told == ["waiting"]
    assert first.is_in_use()
    second.release()
