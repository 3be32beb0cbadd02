"""Packages of Debian and its descendants, from dpkg's own database (deb-control(5), dpkg(1)).

Distroless images keep one stanza per file in status.d instead of one status file. Unknown fields are ignored.
"""

from __future__ import annotations

import io
import re
from typing import Dict, Iterator

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

STATUS = "/var/lib/dpkg/status"
STATUS_FOLDER = "/var/lib/dpkg/status.d"
INFO = "/var/lib/dpkg/info"
LOCK = "/var/lib/dpkg/lock-frontend"

_WANTED = frozenset(("Package", "Status", "Version", "Architecture", "Source", "Maintainer", "Multi-Arch"))
_ABSENT = frozenset(("not-installed", "config-files"))
_SOURCE = re.compile(r"([^\s(]+)\s*(?:\(([^)]*)\))?")

Stanza = Dict[str, str]


def applies(root: Root) -> bool:
    return root.is_file(STATUS) or root.is_folder(STATUS_FOLDER)


def watched(_root: Root) -> tuple[str, ...]:
    return (STATUS, STATUS_FOLDER)


def read(root: Root) -> Findings:
    found = Findings()
    if root.is_file(STATUS):
        for stanza in stanzas(root.read(STATUS, limits.PACKAGE_DATABASE_BYTES)):
            _add(root, found, stanza, STATUS)
    for name in root.names(STATUS_FOLDER):
        if name.endswith(".md5sums"):
            continue
        path = STATUS_FOLDER + "/" + name
        try:
            data = root.read(path, limits.MANIFEST_BYTES)
        except OSError as error:
            found.problems.append("{}: {}".format(path, error))
            continue
        for stanza in stanzas(data):
            stanza.setdefault("Status", "install ok installed")
            _add(root, found, stanza, path)
    return found


def stanzas(data: bytes) -> Iterator[Stanza]:
    """The stanzas of a control file, with only the fields that the sensor uses."""
    stanza: Stanza = {}
    for raw in io.BytesIO(data):
        if not raw.strip():
            if stanza:
                yield stanza
                stanza = {}
            continue
        if raw[:1] in (b" ", b"\t", b"#"):
            continue
        name, colon, value = raw.partition(b":")
        field = name.decode("ascii", "replace")
        if colon and field in _WANTED:
            stanza[field] = value.strip().decode("utf-8", "replace")
    if stanza:
        yield stanza


def _add(root: Root, found: Findings, stanza: Stanza, path: str) -> None:
    name, version = stanza.get("Package", ""), stanza.get("Version", "")
    state = stanza.get("Status", "").split()
    if len(state) != 3 or state[2] in _ABSENT:
        if name and len(state) != 3:
            found.problems.append("{} has no readable status".format(name))
        return
    if not name or not version:
        found.problems.append("a stanza of {} lacks its name or version".format(path))
        return
    source = _SOURCE.match(stanza.get("Source", ""))
    architecture = stanza.get("Architecture", "")
    found.items.append(
        items.make(
            "dpkg",
            name,
            version,
            architecture=architecture,
            source_name=source.group(1) if source else "",
            source_version=(source.group(2) or "") if source else "",
            vendor=stanza.get("Maintainer", ""),
            path=path,
            installed_at=_installed_at(root, name, architecture, stanza.get("Multi-Arch", "")),
        )
    )


def _installed_at(root: Root, name: str, architecture: str, multi_arch: str) -> float | None:
    if "/" in name or "/" in architecture:
        return None
    stem = "{}:{}".format(name, architecture) if multi_arch == "same" else name
    facts = root.stat("{}/{}.list".format(INFO, stem))
    return facts.st_mtime if facts is not None else None


def owners(root: Root, wanted: frozenset[str]) -> dict[str, str]:
    """Which package owns each of the wanted paths; paths that none owns are left out."""
    found: dict[str, str] = {}
    needles = {path.encode("utf-8", "surrogateescape"): path for path in wanted}
    tails = {path.rsplit("/", 1)[-1].rsplit(".", 1)[-1].encode("utf-8", "surrogateescape") for path in wanted}
    for name in root.names(INFO):
        if not name.endswith(".list"):
            continue
        try:
            data = root.read(INFO + "/" + name, limits.FILE_LIST_BYTES)
        except OSError:
            continue
        if not any(tail in data for tail in tails):
            continue
        for line in io.BytesIO(data):
            path = needles.get(line.rstrip(b"\n"))
            if path is not None:
                found[path] = name[: -len(".list")].partition(":")[0]
    return found


COLLECTOR = Collector("dpkg", ("linux",), False, ("dpkg",), applies, read, watched)
