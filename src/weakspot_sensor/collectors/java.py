"""Java libraries: archives in known places and the archives inside them, as Maven components.

What an archive holds is what its `META-INF/maven/*/*/pom.properties` say (several in a shaded one); without any, the
manifest and the file's name say it as well as they can, and a group that nothing names stays unnamed.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors import ownership
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_PLACES = (
    "/usr/share/java",
    "/usr/share/maven/lib",
    "/usr/local/lib",
    "/usr/local/share",
    "/opt/*",
    "/srv/*",
    "/app",
    "/var/lib/tomcat*",
    "/var/lib/jetty*",
    "/var/www/*",
    "/home/*/apps",
)
_ENDINGS = (".jar", ".war", ".ear", ".hpi", ".sar")
_POM = re.compile(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_FILE = re.compile(r"(?P<name>.+?)-(?P<version>\d[\w.+~-]*)\.\w+")
_GROUP = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_REMEMBERED = 10_000


class Library(NamedTuple):
    """One component. `inside`: where in the archive it is, "" for the archive itself."""

    group: str
    artifact: str
    version: str
    inside: str


class _Budget:
    """How many bytes nested archives of one file may still inflate to."""

    def __init__(self) -> None:
        self.left = 4 * limits.NESTED_BYTES


_Mark = Tuple[int, int, int, int]
# An archive that did not change is not opened again: the places are read whenever one of them changes.
_known: Dict[_Mark, List[Library]] = {}


def applies(root: Root) -> bool:
    return bool(watched(root))


def watched(root: Root) -> Tuple[str, ...]:
    """The places; a change deeper down shows in the next full reading."""
    return tuple(root.folders(_PLACES))


def read(root: Root) -> Findings:
    found = Findings()
    paths: List[str] = []
    for number, path in enumerate(path for path in root.walk(watched(root)) if path.endswith(_ENDINGS)):
        if number >= limits.ARCHIVES or len(found.items) >= limits.ITEMS:
            found.problems.append("more than {} archives; the rest is left out".format(number))
            break
        facts = root.stat(path)
        if facts is None or facts.st_size > limits.ARCHIVE_BYTES:
            found.problems.append(path + " is too large or gone")
            continue
        try:
            libraries = _libraries(root, path, (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns))
        except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, EOFError) as error:
            found.problems.append("{}: {}".format(path, error))
            continue
        for one in libraries:
            name = "{}:{}".format(one.group, one.artifact) if one.group else one.artifact
            place = path + one.inside
            found.items.append(items.make("maven", name, one.version, path=place, installed_at=facts.st_mtime))
            paths.append(path)
    owners = ownership.find(root, sorted(set(paths)))
    for item, path in zip(found.items, paths):
        item["owned_by"] = items.text(owners.get(path, ""))
    return found


def _libraries(root: Root, path: str, mark: _Mark) -> List[Library]:
    known = _known.get(mark)
    if known is None:
        with root.file(path) as file:
            known = list(libraries(file, path.rsplit("/", 1)[-1]))
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[mark] = known
    return known


def libraries(file: BinaryIO, name: str) -> Iterator[Library]:
    """What an archive holds, nested ones included. Raises zipfile.BadZipFile for what is none."""
    return _open(file, name, "", 0, _Budget())


def _open(file: BinaryIO, name: str, inside: str, depth: int, budget: _Budget) -> Iterator[Library]:
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()[: limits.ARCHIVE_ENTRIES]
        poms = [entry for entry in entries if _POM.fullmatch(entry.filename)]
        own = list(_from_poms(archive, poms, inside))
        yield from own or _from_name(archive, name, inside)
        if depth >= limits.NESTED_DEPTH:
            return
        for entry in entries:
            if not entry.filename.endswith(_ENDINGS) or entry.file_size > min(limits.NESTED_BYTES, budget.left):
                continue
            budget.left -= entry.file_size
            data = _read(archive, entry, entry.file_size)
            nested = "{}!/{}".format(inside, entry.filename)
            try:
                yield from _open(io.BytesIO(data), entry.filename.rsplit("/", 1)[-1], nested, depth + 1, budget)
            except zipfile.BadZipFile:
                continue


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(entry) as file:
        return file.read(limit)


def _from_poms(archive: zipfile.ZipFile, poms: List[zipfile.ZipInfo], inside: str) -> Iterator[Library]:
    for entry in poms[: limits.NAMES]:
        values = _values(_read(archive, entry, limits.SMALL_FILE_BYTES), "=")
        group, artifact, version = (values.get(key, "") for key in ("groupid", "artifactid", "version"))
        if _GROUP.fullmatch(group) and artifact and version:
            yield Library(group, artifact, version, inside)


def _from_name(archive: zipfile.ZipFile, name: str, inside: str) -> Iterator[Library]:
    try:
        entry = archive.getinfo("META-INF/MANIFEST.MF")
        values = _values(
            _read(archive, entry, limits.SMALL_FILE_BYTES).replace(b"\r\n ", b"").replace(b"\n ", b""), ":"
        )
    except KeyError:
        values = {}
    match = _FILE.fullmatch(name)
    artifact = match.group("name") if match else name.rsplit(".", 1)[0]
    version = match.group("version") if match else ""
    version = version or values.get("implementation-version") or values.get("bundle-version", "")
    group = values.get("implementation-vendor-id", "")
    if version:
        yield Library(group if _GROUP.fullmatch(group) else "", artifact, version, inside)


def _values(data: bytes, separator: str) -> Dict[str, str]:
    """Lines of "name separator value", by lower-case name; the first one counts."""
    found: Dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        name, sign, value = line.partition(separator)
        if sign and not line.startswith("#"):
            found.setdefault(name.strip().lower(), value.strip())
    return found


COLLECTOR = Collector("java", ("linux", "darwin"), True, ("maven",), applies, read, watched)
