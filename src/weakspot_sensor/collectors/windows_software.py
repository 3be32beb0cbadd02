"""Programs of Windows: the keys that "Installed apps" shows, of both views and of the users that are signed in."""

from __future__ import annotations

import calendar
import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

from weakspot_sensor import items, limits, registry
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root
from weakspot_sensor.processes import windows_path
from weakspot_sensor.registry import Registry

UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
_USER = re.compile(r"S-1-(?:5-21|12-1)-[\d-]+")
_UPDATES = frozenset(("hotfix", "security update", "update", "update rollup", "service pack"))


def applies(_root: Root) -> bool:
    return bool(keys(registry.system()))


def watched(_root: Root) -> Tuple[str, ...]:
    return tuple(_native(key, view) for key, view in keys(registry.system()))


def _native(key: str, view: int) -> str:
    """The place of a key as the system's own view has it."""
    return key if view == registry.NATIVE else key.replace("\\SOFTWARE\\", "\\SOFTWARE\\WOW6432Node\\", 1)


def read(_root: Root) -> Findings:
    return read_from(registry.system())


def keys(source: Registry) -> List[Tuple[str, int]]:
    """(key, view) of all places where programs enter themselves."""
    machine = "HKLM\\" + UNINSTALL
    users = ["HKU\\{}\\{}".format(user, UNINSTALL) for user in source.subkeys("HKU") if _USER.fullmatch(user)]
    found = [(machine, registry.NATIVE), (machine, registry.NARROW), *((key, registry.NATIVE) for key in users)]
    return [(key, view) for key, view in found if source.exists(key, view)]


def read_from(source: Registry) -> Findings:
    """The programs. Entries of updates and of parts of programs are left out, as Windows itself does."""
    found = Findings()
    for key, view, name in _entries(source):
        if len(found.items) >= limits.ITEMS:
            found.problems.append("more than {} programs; the rest is left out".format(limits.ITEMS))
            break
        item = _item(source.values(key + "\\" + name, view), key + "\\" + name, view)
        if item is not None:
            found.items.append(item)
    return found


def _entries(source: Registry) -> Iterator[Tuple[str, int, str]]:
    seen = set()
    for key, view in keys(source):
        for name in source.subkeys(key, view):
            # On 32-bit systems both views are the same.
            values = source.values(key + "\\" + name, view)
            mark = (key, name, str(values.get("DisplayName")), str(values.get("DisplayVersion")))
            if mark not in seen:
                seen.add(mark)
                yield key, view, name


def _item(values: Dict[str, Any], key: str, view: int) -> Optional[items.Item]:
    name = items.text(values.get("DisplayName"))
    kind = str(values.get("ReleaseType", "")).lower()
    if not name or values.get("SystemComponent") == 1 or values.get("ParentKeyName") or kind in _UPDATES:
        return None
    item = items.make(
        "windows_program",
        name,
        values.get("DisplayVersion"),
        architecture="x86" if view == registry.NARROW else "",
        vendor=values.get("Publisher"),
        path=_place(values),
        installed_at=_day(values.get("InstallDate")),
    )
    item["paths"].append(items.text(key.replace("\\", "/")))
    return item


def _place(values: Dict[str, Any]) -> str:
    """The program's folder, or the file that shows its icon."""
    place = values.get("InstallLocation") or str(values.get("DisplayIcon", "")).partition(",")[0]
    path = windows_path(str(place)).rstrip("/")
    return path if re.match("[A-Za-z]:/.", path) else ""


def _day(text: Any) -> Optional[float]:
    """InstallDate is YYYYMMDD where the installer keeps to the rule; midnight of that day, in UTC."""
    if not isinstance(text, str) or not re.fullmatch(r"(19|20)\d{6}", text):
        return None
    return float(calendar.timegm((int(text[:4]), int(text[4:6]), int(text[6:]), 0, 0, 0)))


COLLECTOR = Collector("windows_software", ("win32",), False, ("windows_program",), applies, read, watched)
