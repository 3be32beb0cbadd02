"""Package indexes of distributions: which source a binary package is built from.

Advisories of Debian, Ubuntu, Alpine and Rocky name source packages; several agents report binary packages alone. An
index of the release closes the gap. Layout: ``packages-index/<release>/**``, where the release is the distribution's id
and version as os-release(5) has them (``debian-12``, ``ubuntu-22.04``, ``alpine-3.19``, ``rocky-9``), and a file is
one of

- ``Packages`` of an apt repository (deb822; fields Package and Source),
- ``APKINDEX`` of an apk repository, unpacked (fields P and o),
- ``*primary.xml`` of an rpm repository, as createrepo writes it: an element a line (``name`` and ``rpm:sourcerpm``),

each plain or packed by gzip. Other files are left alone; a line that says nothing of this is passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.sources import files
from weakspot.vocabulary.platforms import platform_of

FOLDER = "packages-index"
MAX_PACKAGES = 2_000_000
_RELEASE = re.compile(r"(?P<id>[a-z][a-z0-9_.-]*?)-(?P<version>\d[\w.]*)")
_FILE = re.compile(r"(?:.*[_.-])?(?P<kind>Packages|APKINDEX|primary\.xml)(?:\.gz)?")
_NAME = re.compile(rb"<name>([^<]{1,200})</name>")
_SOURCE_RPM = re.compile(rb"<rpm:sourcerpm>([^<]{1,300})-[^-<]+-[^-<]+\.(?:no)?src\.rpm</rpm:sourcerpm>")


def indexes(mirror: Path) -> dict[str, list[Path]]:
    """Platform (``Debian:12``) -> its index files, by name. A folder that names no release is left alone."""
    root = mirror / FOLDER
    found: dict[str, list[Path]] = {}
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        match = _RELEASE.fullmatch(folder.name)
        platform = platform_of(match["id"], match["version"]) if match else ""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _FILE.fullmatch(path.name)]
        if platform and paths:
            found.setdefault(platform, []).extend(paths)
    return found


def digest(paths: list[Path]) -> str:
    """What tells one state of an index from another."""
    made = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            made.update(hashlib.file_digest(file, "sha256").digest())
    return made.hexdigest()


def sources(paths: list[Path]) -> dict[str, str]:
    """Binary package -> source package; later files win. Raises SourceUnavailable for a file that is damaged."""
    found: dict[str, str] = {}
    for path in paths:
        for binary, source in _pairs(path):
            if len(found) < MAX_PACKAGES:
                found[binary.decode("utf-8", "replace")] = source.decode("utf-8", "replace")
    return found


def _pairs(path: Path) -> Iterator[tuple[bytes, bytes]]:
    match = _FILE.fullmatch(path.name)
    kind = match["kind"] if match else ""
    if kind == "Packages":
        return _stanzas(path, b"Package: ", b"Source: ")
    return _stanzas(path, b"P:", b"o:") if kind == "APKINDEX" else _primary(path)


def _stanzas(path: Path, binary_field: bytes, source_field: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A package without a source field is its own source."""
    binary = source = b""
    for line in files.lines(path):
        if line.startswith(binary_field):
            binary = line[len(binary_field) :].strip()[:200]
        elif line.startswith(source_field):
            source = line[len(source_field) :].split(b"(", 1)[0].strip()[:200]
        elif not line.strip():
            if binary:
                yield binary, source or binary
            binary = source = b""
    if binary:
        yield binary, source or binary


def _primary(path: Path) -> Iterator[tuple[bytes, bytes]]:
    binary = b""
    for line in files.lines(path):
        if name := _NAME.search(line):
            binary = name[1]
        if (source := _SOURCE_RPM.search(line)) and binary:
            yield binary, source[1]
            binary = b""
