"""Notice that installed software changed, and wait until the change has come to rest.

A notification is only a hint to look; what decides is the signature of a collector's files, taken before each
reading. So nothing is missed (a look also happens on its own now and then), and the traces of the sensor's
own reading start nothing.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Callable, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple, Union

from weakspot_sensor import collectors, limits, registry
from weakspot_sensor.collectors import Collector, dpkg
from weakspot_sensor.files import Root, signature
from weakspot_sensor.inotify import Inotify
from weakspot_sensor.kqueue import Kqueue
from weakspot_sensor.notices import Notices

QUIET_SECONDS = 1.0
LONGEST_UNREST_SECONDS = 3.0
LONGEST_LOCK_SECONDS = 3.0
POLL_SECONDS = 1.0
LOOK_SECONDS = 60.0
_STEP_SECONDS = 0.1

# A change of packages can make files of other ecosystems owned or orphaned, and bring a new kernel.
_DATABASES = collectors.PACKAGES
_DEPENDENT = frozenset(("pypi", "npm", "java", "os"))

Notifications = Union[Inotify, Kqueue, Notices]
OPENERS: Dict[str, Callable[[], Notifications]] = {"linux": Inotify, "darwin": Kqueue, "win32": Notices}
"""Look-alikes, by platform: watch(path, names), wait(seconds), taken(), close()."""

log = logging.getLogger("weakspot_sensor")

Signature = Tuple[Tuple[str, ...], Tuple[Tuple[int, int, int], ...]]


class Watcher:
    """Watches the sources of the collectors below one root."""

    def __init__(self, root: Root, monotonic: Callable[[], float] = time.monotonic, notify: bool = True) -> None:
        self._root = root
        self._monotonic = monotonic
        self._known: Dict[str, Signature] = {}
        self._notices = self._open() if notify else None
        self._next_look = monotonic() + LOOK_SECONDS

    def _open(self) -> Optional[Notifications]:
        try:
            return OPENERS[sys.platform]() if sys.platform in OPENERS else None
        except OSError as error:
            log.warning("changes are found by looking every %.0f s: %s", POLL_SECONDS, error)
            return None

    def close(self) -> None:
        if self._notices is not None:
            self._notices.close()

    def mark(self, names: Optional[Iterable[str]] = None) -> None:
        """Take the state of the named collectors' sources (None: all) as known; after this they are read."""
        wanted = None if names is None else frozenset(names)
        if wanted is None:
            self._watch_folders()
        for entry in collectors.ALL:
            if wanted is None or entry.name in wanted:
                self._known[entry.name] = self._signature(entry)

    def wait(self, seconds: float) -> FrozenSet[str]:
        """Names of the collectors to run again, as soon as there are any; empty when the time is over."""
        deadline = self._monotonic() + seconds
        while True:
            left = deadline - self._monotonic()
            hinted = self._pause(min(left, LOOK_SECONDS if self._notices else POLL_SECONDS))
            if hinted:
                self._settle()
            now = self._monotonic()
            looks_at_all = now >= self._next_look
            if looks_at_all:
                self._next_look = now + LOOK_SECONDS
                self._watch_folders()
            if hinted or looks_at_all or self._notices is None:
                changed = self._changed(hinted or looks_at_all)
                if changed and not hinted:
                    self._settle()
                if changed:
                    return _with_dependents(changed)
            if now >= deadline:
                return frozenset()

    def _pause(self, seconds: float) -> bool:
        if self._notices is not None:
            return self._notices.wait(seconds)
        time.sleep(max(0.0, seconds))
        return False

    def _settle(self) -> None:
        """Wait for a quiet second, at most three; then for dpkg's lock, at most three more."""
        started = self._monotonic()
        quiet_since = started
        before = self._packages()
        while True:
            now = self._monotonic()
            if now - quiet_since >= QUIET_SECONDS or now - started >= LONGEST_UNREST_SECONDS:
                break
            busy = self._pause(_STEP_SECONDS)
            after = self._packages()
            if busy or after != before:
                before, quiet_since = after, self._monotonic()
        waited = self._monotonic()
        while is_locked(self._root, dpkg.LOCK) and self._monotonic() - waited < LONGEST_LOCK_SECONDS:
            self._pause(_STEP_SECONDS)

    def _packages(self) -> List[Signature]:
        return [self._signature(entry) for entry in collectors.SOFTWARE if entry.name in _DATABASES]

    def _changed(self, every: bool) -> Set[str]:
        told = frozenset() if self._notices is None else self._notices.taken()
        chosen = (entry for entry in collectors.ALL if every or entry.name in _DATABASES)
        return {entry.name for entry in chosen if self._is_changed(entry, told)}

    def _is_changed(self, entry: Collector, told: FrozenSet[str]) -> bool:
        if told and not told.isdisjoint(entry.watched(self._root)):
            return True
        return self._signature(entry) != self._known.get(entry.name)

    def _signature(self, entry: Collector) -> Signature:
        paths = entry.watched(self._root)
        files = tuple(path for path in paths if not registry.is_key(path))
        keys = tuple(registry.system().stamp(path) for path in paths if registry.is_key(path))
        return paths, signature(self._root, files) + keys

    def _watch_folders(self) -> None:
        if self._notices is None:
            return
        for folder, names in _folders(self._root).items():
            self._notices.watch(folder if registry.is_key(folder) else self._root.locate(folder), names)


def _folders(root: Root) -> Dict[str, Optional[FrozenSet[str]]]:
    """What to watch: a folder with all its entries (None), or with only those that are sources."""
    found: Dict[str, Optional[FrozenSet[str]]] = {}
    for entry in collectors.SOFTWARE:
        for path in entry.watched(root):
            if registry.is_key(path) or root.is_folder(path):
                found[path] = None
                continue
            parent, name = os.path.split(path)
            known = found.get(parent, frozenset())
            if known is not None:
                found[parent] = known | {name}
    return found


def _with_dependents(names: Set[str]) -> FrozenSet[str]:
    return frozenset(names | _DEPENDENT) if names & _DATABASES else frozenset(names)


def is_locked(root: Root, path: str) -> bool:
    """Whether any process holds a lock on the file (as the kernel lists locks; no lock is tried)."""
    facts = root.stat(path)
    if facts is None:
        return False
    try:
        data = Root().head("/proc/locks", limits.MANIFEST_BYTES)
    except OSError:
        return False
    # The device number is left out of the comparison: some file systems show another one here than in stat.
    inode = ":{}".format(facts.st_ino).encode("ascii")
    return any(
        fields[5].endswith(inode)
        for fields in (line.split() for line in data.split(b"\n"))
        if len(fields) == 8 and fields[1] != b"->"
    )
