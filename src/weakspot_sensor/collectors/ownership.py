"""Which distribution package, if any, put a file there.

The package is named with its version, by which the server tells a third party's build from the distribution's own.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable

from weakspot_sensor.collectors import apk, dpkg, rpm
from weakspot_sensor.files import Root

_DATABASES = (("dpkg", dpkg), ("rpm", rpm), ("apk", apk))


def find(root: Root, paths: Iterable[str]) -> Dict[str, str]:
    """Owners such as "dpkg:python3-requests=2.28.1+dfsg-1" by path; a path without an owner is left out.

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
            owners = database.owners(root, wanted)
            versions = _versions(database, root) if owners else {}
            for path, package in owners.items():
                found.setdefault(asked[path], kind + ":" + _with_version(package, versions))
    return found


def _versions(database: Any, root: Root) -> Dict[str, str]:
    try:
        return {item["name"]: item["version"] for item in database.read(root).items}
    except OSError:
        return {}


def _with_version(package: str, versions: Dict[str, str]) -> str:
    version = versions.get(package, "")
    return package + "=" + version if version else package
