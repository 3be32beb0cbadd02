"""Which distribution package, if any, put a file there."""

from __future__ import annotations

from typing import Dict, Iterable

from weakspot_sensor.collectors import apk, dpkg, rpm
from weakspot_sensor.files import Root

_DATABASES = (("dpkg", dpkg), ("rpm", rpm), ("apk", apk))


def find(root: Root, paths: Iterable[str]) -> Dict[str, str]:
    """Owners such as "dpkg:python3-requests" by path; a path without an owner is left out.

    On systems with merged /usr a package may list /lib/x for what is found as /usr/lib/x: both are asked.
    """
    asked: Dict[str, str] = {}
    for path in paths:
        asked[path] = path
        if path.startswith(("/usr/lib/", "/usr/lib64/")):
            asked.setdefault(path[len("/usr") :], path)
    if not asked:
        return {}
    found: Dict[str, str] = {}
    wanted = frozenset(asked)
    for kind, database in _DATABASES:
        if database.applies(root):
            for path, package in database.owners(root, wanted).items():
                found.setdefault(asked[path], kind + ":" + package)
    return found
