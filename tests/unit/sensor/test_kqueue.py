"""kqueue, with the calls of macOS played by an object here."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from weakspot_sensor import kqueue
from weakspot_sensor.kqueue import Kqueue


class System:
    """What `select` has on macOS."""

    KQ_NOTE_DELETE, KQ_NOTE_WRITE, KQ_NOTE_EXTEND, KQ_NOTE_RENAME, KQ_NOTE_REVOKE = 1, 2, 4, 32, 64
    KQ_EV_ADD, KQ_EV_CLEAR, KQ_FILTER_VNODE = 1, 32, -4

    def __init__(self) -> None:
        self.added: list[Any] = []
        self.waiting: list[Any] = []
        self.is_closed = False
        self.waits: list[float] = []

    def kqueue(self) -> System:
        return self

    def kevent(self, ident: int, kind: int, flags: int, fflags: int) -> SimpleNamespace:
        return SimpleNamespace(ident=ident, filter=kind, flags=flags, fflags=fflags)

    def control(self, changes: list[Any] | None, count: int, seconds: float) -> list[Any]:
        if changes:
            self.added.extend(changes)
            return []
        self.waits.append(seconds)
        found, self.waiting = self.waiting[:count], self.waiting[count:]
        return found

    def close(self) -> None:
        self.is_closed = True


def test_a_folder_that_changes_wakes_and_one_that_goes_can_be_watched_again(tmp_path: Path) -> None:
    system = System()
    queue = Kqueue(system)
    assert queue.watch(str(tmp_path), None)
    assert queue.watch(str(tmp_path), frozenset(("x",)))
    assert len(system.added) == 1, "it was watched already"
    (event,) = system.added
    assert event.fflags & system.KQ_NOTE_WRITE
    assert not queue.wait(0.5)
    system.waiting = [system.kevent(event.ident, event.filter, 0, system.KQ_NOTE_WRITE)] * 70
    assert queue.wait(5.0)
    assert system.waits == [0.5, 5.0, 0.0], "all that waits is taken in without waiting again"
    system.waiting = [system.kevent(event.ident, event.filter, 0, system.KQ_NOTE_RENAME)]
    assert queue.wait(5.0)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(event.ident)
    assert queue.watch(str(tmp_path), None)
    assert len(system.added) == 2
    queue.close()
    assert system.is_closed


def test_what_is_not_there_or_too_much_is_not_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Kqueue(System())
    assert not queue.watch(str(tmp_path / "none"), None)
    monkeypatch.setattr(kqueue, "_MOST_WATCHES", 1)
    (tmp_path / "other").mkdir()
    assert queue.watch(str(tmp_path), None)
    assert not queue.watch(str(tmp_path / "other"), None)
    queue.close()


def test_a_system_without_it_says_so() -> None:
    with pytest.raises(OSError, match="no kqueue"):
        Kqueue()
