"""Which installed software is used: programs seen running, by day, mapped to the software that their files are of.

The processes are looked at now and then; one that begins and ends between two looks is missed. So it is only ever said
that something was seen in use, and since when it is looked: not seen is not the same as unused.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

from weakspot_sensor import limits
from weakspot_sensor.collect import Body
from weakspot_sensor.collectors import ownership
from weakspot_sensor.files import Root
from weakspot_sensor.processes import Look
from weakspot_sensor.storage import Storage

SAMPLE_SECONDS = 30.0
DAYS = 30
_FILE = "usage.json"
_SECTION_SECONDS = 3600.0
_PLACED = frozenset(("maven", "windows_program", "macos_app"))

Software = Tuple[str, str, str]
Owners = Callable[[Iterable[str]], Dict[str, str]]


class Usage:
    """The days on which files were seen running. `clock` gives POSIX seconds."""

    def __init__(self, root: Root, storage: Storage, look: Look, clock: Callable[[], float]) -> None:
        self._owners: Owners = lambda paths: ownership.find(root, paths)
        self._storage = storage
        self._look = look
        self._clock = clock
        self._known: FrozenSet[int] = frozenset()
        self._known_on = ""
        self._section: Optional[Dict[str, Any]] = None
        self._section_of: Tuple[str, str] = ("", "")
        self._section_at = 0.0
        self.since, self._days = self._load()

    def sample(self) -> None:
        """Look at the processes that began since the last look; once a day at all of them."""
        today = self._today().isoformat()
        known = self._known if today == self._known_on else frozenset()
        try:
            running = self._look(known)
        except OSError:
            return
        for path in (path for paths in running.values() for path in paths):
            if path in self._days or len(self._days) < limits.USED_PATHS:
                self._days.setdefault(path, set()).add(today)
        self._known, self._known_on = frozenset(running), today

    def added(self, body: Body) -> Body:
        """The body with what is known of its software's use; looked up anew at most once an hour, or where needed."""
        now = self._clock()
        of = (body["digest"], self._today().isoformat())
        if self._section is None or of != self._section_of or now - self._section_at >= _SECTION_SECONDS:
            self._forget_old()
            self._save()
            self._section = self._sum_up(body)
            self._section_of, self._section_at = of, now
        return {**body, "details": {**body.get("details", {}), "usage": self._section}}

    def _sum_up(self, body: Body) -> Dict[str, Any]:
        services = body.get("details", {}).get("services") or []
        listening = {row["path"] for row in services if row.get("path")}
        days: Dict[Software, Set[str]] = {}
        listens: Set[Software] = set()
        for path, software in self._software(body["software"], sorted({*self._days, *listening})).items():
            days.setdefault(software, set()).update(self._days.get(path) or {self._today().isoformat()})
            if path in listening:
                listens.add(software)
        rows = [_row(one, seen, one in listens) for one, seen in sorted(days.items())]
        return {"observed_since": self.since, "software": rows}

    def _software(self, found: List[Dict[str, Any]], paths: List[str]) -> Dict[str, Software]:
        """The software that each file is of, by the package database or by the place where software lies."""
        places = {place.partition("!")[0]: item for item in found if item["type"] in _PLACED for place in item["paths"]}
        owners = self._owners(paths)
        mapped: Dict[str, Software] = {}
        for path in paths:
            kind, _, package = owners.get(path, "").partition(":")
            name, _, version = package.partition("=")
            item = None if name else _placed(path, places)
            if name and version:
                mapped[path] = (kind, name, version)
            elif item is not None:
                mapped[path] = (item["type"], item["name"], item["version"])
        return mapped

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), timezone.utc).date()

    def _forget_old(self) -> None:
        first = (self._today() - timedelta(days=DAYS - 1)).isoformat()
        kept = {path: {day for day in days if day >= first} for path, days in self._days.items()}
        self._days = {path: days for path, days in kept.items() if days}

    def _load(self) -> Tuple[str, Dict[str, Set[str]]]:
        try:
            document = json.loads((self._storage.read(_FILE) or b"").decode("utf-8"))
            since = date.fromisoformat(document["since"]).isoformat()
            days = {
                path: {date.fromisoformat(day).isoformat() for day in days} for path, days in document["days"].items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return self._today().isoformat(), {}
        return since, days

    def _save(self) -> None:
        document = {"since": self.since, "days": {path: sorted(days) for path, days in self._days.items()}}
        try:
            self._storage.write(_FILE, json.dumps(document).encode("utf-8"), durable=False)
        except OSError:
            return


def _placed(path: str, places: Dict[str, Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """The software whose file or folder this is, or whose folder it is in."""
    while path:
        item = places.get(path)
        if item is not None:
            return item
        path = path.rpartition("/")[0]
    return None


def _row(software: Software, days: Set[str], is_listening: bool) -> Dict[str, Any]:
    kind, name, version = software
    row = {"type": kind, "name": name, "version": version, "last_used_on": max(days), "days_used": min(len(days), DAYS)}
    return {**row, "is_listening": True} if is_listening else row
