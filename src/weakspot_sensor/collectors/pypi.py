"""Python distributions in the system's, the users' and known virtual environments (core metadata; PEP 376).

Only the header of a metadata file is read, never the long description. What a distribution package installed
is marked with its owner, so that the distribution's advisories can win.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors import ownership
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_PACKAGES = ("dist-packages", "site-packages")
_PREFIXES = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/opt/*/lib",
    "/opt/*/*/lib",
    "/opt/pipx/venvs/*/lib",
    "/root/.local/lib",
    "/home/*/.local/lib",
    "/root/.local/share/pipx/venvs/*/lib",
    "/home/*/.local/share/pipx/venvs/*/lib",
    "/root/.pyenv/versions/*/lib",
    "/home/*/.pyenv/versions/*/lib",
)
_PROJECT_FOLDERS = (
    "/srv",
    "/srv/*",
    "/var/www",
    "/var/www/*",
    "/opt/*",
    "/home/*",
    "/home/*/*",
    "/root",
    "/root/*",
)
_ENVIRONMENTS = ("venv", ".venv", "env", "virtualenv")
_PATTERNS = tuple(
    "{}/python*/{}".format(prefix, packages)
    for prefix in (
        *_PREFIXES,
        *("{}/{}/lib".format(folder, name) for folder in _PROJECT_FOLDERS for name in _ENVIRONMENTS),
    )
    for packages in _PACKAGES
)
_FIELDS = frozenset((b"name", b"version", b"author", b"maintainer", b"author-email"))


def folders(root: Root) -> List[str]:
    """The folders that hold installed distributions."""
    return root.folders(_PATTERNS)


def applies(root: Root) -> bool:
    return bool(folders(root))


def watched(root: Root) -> Tuple[str, ...]:
    return tuple(folders(root))


def read(root: Root) -> Findings:
    found = Findings()
    evidence: List[Tuple[str, str]] = []
    for folder in folders(root):
        for name in root.names(folder):
            if not name.endswith((".dist-info", ".egg-info")):
                continue
            if len(found.items) >= limits.ITEMS:
                found.problems.append("more than {} distributions; the rest is left out".format(limits.ITEMS))
                return found
            entry = folder + "/" + name
            path = _metadata(root, entry)
            if path:
                _add(root, found, evidence, entry, path)
    owners = ownership.find(root, (path for pair in evidence for path in pair))
    for item, (entry, path) in zip(found.items, evidence):
        item["owned_by"] = items.text(owners.get(path, "") or owners.get(entry, ""))
    return found


def _metadata(root: Root, entry: str) -> str:
    """The file that names the distribution; "" when there is none (left behind by an incomplete removal)."""
    if entry.endswith(".egg-info") and root.is_file(entry):
        return entry
    path = entry + ("/METADATA" if entry.endswith(".dist-info") else "/PKG-INFO")
    return path if root.is_file(path) else ""


def _add(root: Root, found: Findings, evidence: List[Tuple[str, str]], entry: str, path: str) -> None:
    try:
        fields = header(root.head(path, limits.METADATA_BYTES))
    except OSError as error:
        found.problems.append("{}: {}".format(path, error.strerror or error))
        return
    name, version = fields.get("name", ""), fields.get("version", "")
    if not items.text(name) or not items.text(version):
        found.problems.append("{} lacks a name or version".format(path))
        return
    vendor = fields.get("author") or fields.get("maintainer") or fields.get("author-email", "")
    facts = root.stat(entry)
    installed_at = facts.st_mtime if facts is not None else None
    found.items.append(items.make("pypi", name, version, vendor=vendor, path=path, installed_at=installed_at))
    evidence.append((entry, path))


def header(data: bytes) -> Dict[str, str]:
    """The wanted fields of a metadata file, by lower-case name; the first one counts, UNKNOWN means none."""
    found: Dict[str, str] = {}
    for raw in data.split(b"\n"):
        line = raw.rstrip(b"\r")
        if not line:
            break
        name, colon, value = line.partition(b":")
        if colon and name.lower() in _FIELDS:
            text = value.strip().decode("utf-8", "replace")
            if text and text != "UNKNOWN":
                found.setdefault(name.lower().decode("ascii"), text)
    return found


COLLECTOR = Collector("pypi", ("linux", "darwin"), False, ("pypi",), applies, read, watched)
