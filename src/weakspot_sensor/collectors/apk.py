"""Packages of Alpine, from apk's installed database (one-letter fields, one stanza a package)."""

from __future__ import annotations

import io
from typing import Dict, Iterator, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")


def _database(root: Root) -> str:
    for path in DATABASES:
        if root.is_file(path):
            return path
    return ""


def applies(root: Root) -> bool:
    return _database(root) != ""


def watched(_root: Root) -> tuple[str, ...]:
    return DATABASES


def read(root: Root) -> Findings:
    found = Findings()
    path = _database(root)
    fields: Dict[str, str] = {}
    for letter, value in _lines(root.read(path, limits.PACKAGE_DATABASE_BYTES)):
        if letter:
            fields.setdefault(letter, value)
            continue
        if fields:
            _add(found, fields, path)
        fields = {}
    return found


def _lines(data: bytes) -> Iterator[Tuple[str, str]]:
    """(letter, value) of every line; ("", "") where a stanza ends."""
    for raw in io.BytesIO(data):
        if not raw.strip():
            yield "", ""
        elif raw[1:2] == b":":
            yield raw[:1].decode("ascii", "replace"), raw[2:].rstrip(b"\r\n").decode("utf-8", "replace")
    yield "", ""


def _add(found: Findings, fields: Dict[str, str], path: str) -> None:
    name, version = fields.get("P", ""), fields.get("V", "")
    if not name or not version:
        found.problems.append("a stanza of {} lacks its name or version".format(path))
        return
    # "t" is when the package was built, not when it was installed: apk does not record the latter.
    item = items.make(
        "apk",
        name,
        version,
        architecture=fields.get("A", ""),
        source_name=fields.get("o", ""),
        vendor=fields.get("m", ""),
        path=path,
    )
    found.items.append(item)


def owners(root: Root, wanted: frozenset[str]) -> dict[str, str]:
    """Which package owns each of the wanted paths (F: gives a folder, R: a file in it)."""
    try:
        data = root.read(_database(root), limits.PACKAGE_DATABASE_BYTES)
    except OSError:
        return {}
    found: dict[str, str] = {}
    package = folder = ""
    for letter, value in _lines(data):
        if letter == "P":
            package = value
        elif letter == "F":
            folder = "/" + value
            if folder in wanted:
                found[folder] = package
        elif letter == "R" and folder + "/" + value in wanted:
            found[folder + "/" + value] = package
    return found


COLLECTOR = Collector("apk", ("linux",), False, ("apk",), applies, read, watched)
