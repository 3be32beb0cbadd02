"""Which software runs: days on which its programs were seen, from samples of what runs and, where told, from starts.

A program that was not seen may have run between two looks, so nothing is ever called unused.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.detail_contracts import SoftwareUsage, UsageReport
from weakspot.inventory.protocols.base import as_text
from weakspot.inventory.protocols.osquery.contracts import ResultLine
from weakspot.inventory.protocols.osquery.queries import BY_NAME, RUNNING
from weakspot.inventory.protocols.osquery.state import NodeState, rows_of, take
from weakspot.runtime.clock import DAY, SECOND, Micros

DAYS = 30
MAX_PATHS = 2_000
_MAX_PATH = 1024
_NAMED = frozenset({"dpkg", "rpm", "apk"})
_PROGRAMS = ("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/sbin/", "/usr/libexec/", "/usr/lib/")


def noted(state: NodeState, lines: Iterable[ResultLine], now: Micros, *, is_told: bool = False) -> bool:
    """Take result lines about what runs into the state. Returns whether anything changed.

    is_told: the node said something besides the lines, so it is on.
    """
    today = now // DAY
    is_changed = _forgotten(state, today)
    for line in lines:
        query = BY_NAME.get(line.name)
        if query is None:
            continue
        is_told = True
        if query.purpose != "use":
            continue
        if not query.is_event:
            is_changed |= take(state, query, line, now)
            continue
        day = min(today, max(0, line.unix_time) * SECOND // DAY)
        rows = line.snapshot or line.added
        is_changed |= _marked(state, (as_text(row.get("path")) for row in rows), day, today)
    # Whoever tells anything is on, and what runs there is what was told last.
    running = (row.get("path", "") for row in rows_of(state, RUNNING)) if is_told else ()
    return is_changed | _marked(state, running, today, today)


def report(state: NodeState, software: Iterable[InstalledSoftware]) -> UsageReport | None:
    """The use of software as sensors tell it too; None before the first look at what runs."""
    if not state.used_since:
        return None
    days: dict[tuple[str, str, str], set[int]] = {}
    listening: set[tuple[str, str, str]] = set()
    listeners = {row.get("path", "") for row in rows_of(state, "weakspot/listening")}
    by_place = _places(software)
    for path, seen in state.used.items():
        found = _software_of(path, by_place)
        if found is not None:
            days.setdefault(found, set()).update(seen)
            if path in listeners:
                listening.add(found)
    return UsageReport(
        observed_since=_day(state.used_since),
        software=tuple(
            SoftwareUsage(
                type=key[0],
                name=key[1],
                version=key[2],
                last_used_on=_day(max(seen)),
                days_used=min(len(seen), DAYS),
                is_listening=key in listening,
            )
            for key, seen in sorted(days.items())
        ),
    )


def _marked(state: NodeState, paths: Iterable[str], day: int, today: int) -> bool:
    is_changed = False
    for path in paths:
        if not path or len(path) > _MAX_PATH or day <= today - DAYS:
            continue
        seen = state.used.get(path)
        if seen is None:
            if len(state.used) >= MAX_PATHS:
                continue
            seen = state.used[path] = []
        if day not in seen:
            seen.append(day)
            seen.sort()
            is_changed = True
    if is_changed and not state.used_since:
        state.used_since = today
    return is_changed


def _forgotten(state: NodeState, today: int) -> bool:
    """Drop days that are over a month old, and files that were not seen since."""
    least = today - DAYS + 1
    if not any(seen[0] < least for seen in state.used.values()):
        return False
    kept = {path: [day for day in seen if day >= least] for path, seen in state.used.items()}
    state.used = {path: seen for path, seen in kept.items() if seen}
    return True


def _places(software: Iterable[InstalledSoftware]) -> Mapping[str, tuple[str, str, str]]:
    """Folder or file -> the software that lies there; of distribution packages the programs that bear their name.

    A place that two of them claim tells of neither.
    """
    found: dict[str, tuple[str, str, str]] = {}
    disputed: set[str] = set()
    for item in software:
        key = item.type, item.name, item.version
        places = [_folded(path) for path in item.paths]
        if item.type in _NAMED:
            places += [folder + item.name.lower() for folder in _PROGRAMS]
        for place in places:
            if place.count("/") > 1 and found.setdefault(place, key) != key:
                disputed.add(place)
    return {place: key for place, key in found.items() if place not in disputed}


def _software_of(path: str, by_place: Mapping[str, tuple[str, str, str]]) -> tuple[str, str, str] | None:
    """The software in whose folder a file lies, the innermost one."""
    place = _folded(path)
    while place.count("/") > 1:
        if place in by_place:
            return by_place[place]
        place = place.rpartition("/")[0]
    return None


def _folded(path: str) -> str:
    """Without the differences that Windows and macOS do not see."""
    return path.replace("\\", "/").rstrip("/").lower()


def _day(number: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=number)).isoformat()
