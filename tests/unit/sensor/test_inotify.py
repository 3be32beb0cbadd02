from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from weakspot_sensor import inotify
from weakspot_sensor.inotify import Inotify


@pytest.fixture
def watcher() -> Iterator[Inotify]:
    watcher = Inotify()
    yield watcher
    watcher.close()


def test_only_the_named_entries_count(watcher: Inotify, tmp_path: Path) -> None:
    assert watcher.watch(str(tmp_path), frozenset(("status",)))
    assert not watcher.wait(0)
    (tmp_path / "lock").write_text("")
    assert not watcher.wait(1)
    (tmp_path / "new").write_text("")
    (tmp_path / "new").rename(tmp_path / "status")
    assert watcher.wait(1)
    assert not watcher.wait(0), "all that waited was taken in"


def test_every_entry_counts_without_names(watcher: Inotify, tmp_path: Path) -> None:
    watcher.watch(str(tmp_path), None)
    (tmp_path / "thing-1.dist-info").mkdir()
    assert watcher.wait(1)
    (tmp_path / "thing-1.dist-info").rmdir()
    assert watcher.wait(1)


def test_a_folder_that_goes_counts_and_can_be_watched_again(watcher: Inotify, tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    watcher.watch(str(folder), frozenset(("x",)))
    folder.rmdir()
    assert watcher.wait(1)
    assert not watcher.watch(str(folder), None)
    folder.mkdir()
    assert watcher.watch(str(folder), None)


def test_watches_are_bounded(watcher: Inotify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inotify, "_MOST_WATCHES", 1)
    (tmp_path / "a").mkdir()
    assert watcher.watch(str(tmp_path), None)
    assert not watcher.watch(str(tmp_path / "a"), None)
