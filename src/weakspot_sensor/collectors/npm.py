"""Node.js packages in the places where they serve the whole system, nested ones included (package.json)."""

from __future__ import annotations

import json
from typing import Any, Iterator, List, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors import ownership
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_PATTERNS = (
    "/usr/lib/node_modules",
    "/usr/local/lib/node_modules",
    "/usr/share/nodejs",
    "/usr/share/node_modules",
    "/opt/*/node_modules",
    "/opt/*/lib/node_modules",
    "/opt/*/*/node_modules",
    "/srv/*/node_modules",
    "/var/www/*/node_modules",
    "/root/.nvm/versions/node/*/lib/node_modules",
    "/home/*/.nvm/versions/node/*/lib/node_modules",
    "/home/*/.npm-global/lib/node_modules",
)


def folders(root: Root) -> List[str]:
    """The folders that hold packages for the whole system."""
    return root.folders(_PATTERNS)


def applies(root: Root) -> bool:
    return bool(folders(root))


def watched(root: Root) -> Tuple[str, ...]:
    """The package folders and the scopes in them; a change deeper down shows in the next full reading."""
    found: List[str] = []
    for folder in folders(root):
        found.append(folder)
        found.extend(folder + "/" + name for name in root.names(folder) if name.startswith("@"))
    return tuple(found)


def read(root: Root) -> Findings:
    found = Findings()
    paths: List[str] = []
    for package in _packages(root):
        path = package + "/package.json"
        if not root.is_file(path):
            continue
        if len(found.items) >= limits.ITEMS:
            found.problems.append("more than {} packages; the rest is left out".format(limits.ITEMS))
            break
        try:
            manifest = json.loads(root.read(path, limits.MANIFEST_BYTES).decode("utf-8-sig", "replace"))
        except (OSError, ValueError, RecursionError) as error:
            found.problems.append("{}: {}".format(path, error))
            continue
        if _add(root, found, manifest, path):
            paths.append(path)
    owners = ownership.find(root, paths)
    for item, path in zip(found.items, paths):
        item["owned_by"] = items.text(owners.get(path, ""))
    return found


def _packages(root: Root) -> Iterator[str]:
    """Folders of packages, scopes opened, nested node_modules down to a fixed depth."""
    left = [(folder, 1) for folder in reversed(folders(root))]
    visited = 0
    while left:
        folder, depth = left.pop()
        for name in root.names(folder):
            visited += 1
            if visited > 4 * limits.ITEMS:
                return
            path = folder + "/" + name
            if name.startswith("@"):
                left.append((path, depth))
            elif not name.startswith("."):
                yield path
                if depth < limits.NODE_MODULES_DEPTH:
                    left.append((path + "/node_modules", depth + 1))


def _add(root: Root, found: Findings, manifest: Any, path: str) -> bool:
    """Whether it is a package: workspaces and test data carry manifests without a name or version."""
    if not isinstance(manifest, dict):
        return False
    name, version = items.text(manifest.get("name")), items.text(manifest.get("version"))
    if not name or not version:
        return False
    author = manifest.get("author")
    vendor = author.get("name") if isinstance(author, dict) else author
    facts = root.stat(path)
    installed_at = facts.st_mtime if facts is not None else None
    found.items.append(items.make("npm", name, version, vendor=vendor, path=path, installed_at=installed_at))
    return True


COLLECTOR = Collector("npm", ("linux", "darwin"), False, ("npm",), applies, read, watched)
