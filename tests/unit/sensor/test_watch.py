from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import watch
from weakspot_sensor.collectors import dpkg
from weakspot_sensor.files import Root
from weakspot_sensor.watch import Watcher

SITE = "/usr/lib/python3/dist-packages"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("QUIET_SECONDS", 0.05),
        ("LONGEST_UNREST_SECONDS", 0.3),
        ("LONGEST_LOCK_SECONDS", 0.2),
        ("POLL_SECONDS", 0.05),
        ("_STEP_SECONDS", 0.01),
    ):
        monkeypatch.setattr(watch, name, value)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return make_root(tmp_path, {dpkg.STATUS: "one", dpkg.LOCK: "", SITE + "/x.dist-info/METADATA": ""})


@pytest.fixture(params=[True, False], ids=["notified", "polling"])
def watcher(root: Root, request: pytest.FixtureRequest) -> Iterator[Watcher]:
    watcher = Watcher(root, notify=request.param)
    watcher.mark()
    yield watcher
    watcher.close()


def _install(root: Root) -> None:
    place = Path(root.path + dpkg.STATUS)
    place.with_name("status-new").write_text("two, longer")
    place.with_name("status-new").rename(place)


def test_a_package_change_names_dpkg_and_what_depends_on_it(root: Root, watcher: Watcher) -> None:
    assert watcher.wait(0.1) == frozenset()
    _install(root)
    assert watcher.wait(10) == {"dpkg", "pypi", "npm", "java", "os"}
    watcher.mark({"dpkg", "pypi", "npm", "java", "os"})
    assert watcher.wait(0.1) == frozenset()


def test_a_python_change_names_only_that(root: Root) -> None:
    watcher = Watcher(root)
    watcher.mark()
    (Path(root.path + SITE) / "y.dist-info").mkdir()
    assert watcher.wait(10) == {"pypi"}
    watcher.close()


def test_what_no_notification_told_is_found_by_looking(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    watcher = Watcher(root)
    watcher.mark()
    make_root(Path(root.path), {"/boot/vmlinuz-9.9.9-amd64": ""})
    assert watcher.wait(10) == {"os"}
    watcher.mark({"os"})
    make_root(Path(root.path), {"/home/ann/venv/lib/python3.12/site-packages/z.dist-info/METADATA": ""})
    assert watcher.wait(10) == {"pypi"}, "a new environment is found and watched from then on"
    watcher.mark({"pypi"})
    monkeypatch.setattr(watch, "LOOK_SECONDS", 60.0)
    watcher.wait(0.2)
    make_root(Path(root.path), {"/home/ann/venv/lib/python3.12/site-packages/w.dist-info/METADATA": ""})
    assert watcher.wait(10) == {"pypi"}
    watcher.close()


def test_unrest_is_waited_for_but_not_for_ever(root: Root) -> None:
    watcher = Watcher(root)
    watcher.mark()
    stop = threading.Event()

    def disturb() -> None:
        while not stop.wait(0.01):
            _install(root)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        assert "dpkg" in watcher.wait(10)
    finally:
        stop.set()
        thread.join()
        watcher.close()


def test_a_held_lock_is_seen_and_waited_for_only_so_long(root: Root) -> None:
    assert not watch.is_locked(root, dpkg.LOCK)
    assert not watch.is_locked(root, "/nowhere")
    watcher = Watcher(root)
    watcher.mark()
    with Path(root.path + dpkg.LOCK).open("r+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        assert watch.is_locked(root, dpkg.LOCK)
        _install(root)
        assert "dpkg" in watcher.wait(10)
    assert not watch.is_locked(root, dpkg.LOCK)
    watcher.close()


class _Told:
    """Notifications that tell of a path without any file of it having changed, as the registry's do."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.watched: list[str] = []

    def watch(self, path: str, names: frozenset[str] | None) -> bool:
        self.watched.append(path)
        return True

    def wait(self, seconds: float) -> bool:
        return seconds > watch._STEP_SECONDS

    def taken(self) -> frozenset[str]:
        return frozenset((self.path,))

    def close(self) -> None:
        """Nothing is open."""


def test_what_a_notification_names_is_read_whatever_its_times_say(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    told = _Told(dpkg.STATUS)
    monkeypatch.setitem(watch.OPENERS, "linux", lambda: told)  # type: ignore[arg-type, return-value]
    watcher = Watcher(root)
    watcher.mark()
    assert "dpkg" in watcher.wait(1)
    assert any(path.endswith("/var/lib/dpkg") for path in told.watched)


def test_a_system_without_notifications_is_looked_at(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> watch.Notifications:
        raise OSError("none left")

    monkeypatch.setitem(watch.OPENERS, "linux", none)
    watcher = Watcher(root)
    watcher.mark()
    _install(root)
    assert "dpkg" in watcher.wait(10)
