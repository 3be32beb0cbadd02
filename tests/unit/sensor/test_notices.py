"""Windows' notifications, with its calls played by an object here."""

from __future__ import annotations

import itertools

import pytest

from weakspot_sensor import notices
from weakspot_sensor.notices import Calls, Notices

UNINSTALL = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"


class Windows(Calls):
    """Handles are numbers; `signalled` are those that a wait finds."""

    def __init__(self, missing: tuple[str, ...] = ()) -> None:
        self.missing = missing
        self.numbers = itertools.count(1)
        self.signalled: list[int] = []
        self.of_key: dict[int, int] = {}
        self.open: set[int] = set()
        self.is_gone = False
        self.waits: list[float] = []

    def _new(self) -> int:
        number = next(self.numbers)
        self.open.add(number)
        return number

    def open_key(self, hive: int, path: str) -> int:
        return 0 if path in self.missing else self._new()

    def notify(self, key: int, event: int) -> bool:
        self.of_key[key] = event
        return not self.is_gone

    def event(self) -> int:
        return self._new()

    def folder(self, path: str) -> int:
        return 0 if path in self.missing else self._new()

    def again(self, handle: int) -> bool:
        return not self.is_gone

    def wait(self, handles: list[int], seconds: float) -> int:
        self.waits.append(seconds)
        for number, handle in enumerate(handles):
            if handle in self.signalled:
                self.signalled.remove(handle)
                return number
        return -1

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def close(self, handle: int, kind: str) -> None:
        self.open.remove(handle)


def test_a_value_below_a_key_is_told_with_its_key() -> None:
    windows = Windows()
    watched = Notices(windows)
    assert watched.watch(UNINSTALL, None)
    assert watched.watch(UNINSTALL, None)
    assert len(windows.of_key) == 1, "it was watched already"
    assert not watched.wait(2.0)
    windows.signalled = [*windows.of_key.values()]
    assert watched.wait(2.0)
    assert watched.taken() == {UNINSTALL}
    assert watched.taken() == frozenset()
    assert windows.waits[0] == 2.0


def test_all_that_waits_is_taken_in_and_a_busy_one_holds_nobody_up() -> None:
    windows = Windows()
    watched = Notices(windows)
    for path in (UNINSTALL, "C:/Program Files"):
        assert watched.watch(path, None)
    folder = max(windows.open)
    windows.signalled = [*windows.of_key.values(), *[folder] * 100]
    assert watched.wait(1.0)
    assert watched.taken() == {UNINSTALL, "C:/Program Files"}
    assert len(windows.waits) == 2


def test_what_goes_is_let_go_and_watched_anew() -> None:
    windows = Windows()
    watched = Notices(windows)
    watched.watch(UNINSTALL, None)
    windows.is_gone = True
    windows.signalled = [*windows.of_key.values()]
    assert watched.wait(1.0)
    assert windows.open == set()
    assert not watched.watch(UNINSTALL, None), "it is still gone"
    assert windows.open == set()
    windows.is_gone = False
    assert watched.watch(UNINSTALL, None)
    watched.close()
    assert windows.open == set()


def test_what_is_not_there_or_too_much_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(missing=("SOFTWARE\\None", "C:/none"))
    watched = Notices(windows)
    assert not watched.watch("HKLM\\SOFTWARE\\None", None)
    assert not watched.watch("C:/none", None)
    assert not watched.wait(0.3)
    assert windows.waits == [0.3], "with nothing to wait for it sleeps"
    monkeypatch.setattr(notices, "_MOST_HANDLES", 1)
    assert watched.watch(UNINSTALL, None)
    assert not watched.watch("C:/Program Files", None)


def test_another_system_says_so() -> None:
    with pytest.raises(OSError, match="not Windows"):
        Notices()
