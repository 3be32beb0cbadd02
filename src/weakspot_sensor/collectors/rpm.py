"""Packages of RPM systems: asked of the rpm program where there is one, else read from its SQLite database.

Versions are written `[epoch:]version-release`; an epoch of 0 is left out, as rpm itself prints it. The
source version is that of the source package's file name with the epoch of the binary package, which rpm
builds share.
"""

from __future__ import annotations

from typing import Dict, List, Optional

from weakspot_sensor import commands, items, limits
from weakspot_sensor.collectors import rpm_header
from weakspot_sensor.collectors.base import Collector, CollectorError, Findings
from weakspot_sensor.files import Root

FOLDERS = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm")
_SQLITE = "rpmdb.sqlite"
_FILES = (_SQLITE, _SQLITE + "-wal", "Packages.db", "Packages")
_FIELDS = ("NAME", "EPOCH", "VERSION", "RELEASE", "ARCH", "SOURCERPM", "VENDOR", "INSTALLTIME")
_MODULE = "MODULARITYLABEL"
_PATHS_PER_CALL = 200

Header = Dict[str, str]


def _folder(root: Root) -> str:
    for folder in FOLDERS:
        if any(root.is_file(folder + "/" + name) for name in _FILES):
            return folder
    return ""


def applies(root: Root) -> bool:
    return _folder(root) != ""


def watched(_root: Root) -> tuple[str, ...]:
    return tuple(folder + "/" + name for folder in FOLDERS for name in _FILES)


def read(root: Root) -> Findings:
    found = Findings()
    folder = _folder(root)
    for header in _headers(root, folder, found):
        _add(found, header, folder)
    return found


def _headers(root: Root, folder: str, found: Findings) -> List[Header]:
    """One dictionary of texts a package, from whichever way works. Raises CollectorError when none does."""
    # For another system's root its own database is read first: this system's rpm may be of another age.
    ways = (_from_program, _from_database) if root.is_live else (_from_database, _from_program)
    reasons: List[str] = []
    for way in ways:
        try:
            return way(root, folder, found)
        except (commands.CommandError, rpm_header.HeaderError, OSError) as error:
            reasons.append(str(error))
    raise CollectorError("; ".join(reasons))


def _from_program(root: Root, folder: str, _found: Findings) -> List[Header]:
    where = [] if root.is_live else ["--dbpath", root.locate(folder)]
    try:
        return _query(where, (*_FIELDS, _MODULE))
    except commands.CommandError:
        # Releases before modularity refuse the tag.
        return _query(where, _FIELDS)


def _query(where: List[str], fields: tuple[str, ...]) -> List[Header]:
    layout = "\\t".join("%{" + field + "}" for field in fields) + "\\n"
    output = commands.run(["rpm", *where, "-qa", "--qf", layout])
    headers = []
    for raw in output.decode("utf-8", "replace").split("\n"):
        values = raw.split("\t")
        if len(values) == len(fields):
            headers.append({key: "" if value == "(none)" else value for key, value in zip(fields, values)})
    return headers


def _from_database(root: Root, folder: str, found: Findings) -> List[Header]:
    path = folder + "/" + _SQLITE
    if not root.is_file(path):
        raise rpm_header.HeaderError("the database in {} needs the rpm program".format(folder))
    headers = []
    for blob in rpm_header.blobs(root.locate(path)):
        try:
            headers.append(rpm_header.texts(blob))
        except rpm_header.HeaderError as error:
            found.problems.append(str(error))
    return headers


def _add(found: Findings, header: Header, folder: str) -> None:
    name, version, release = header.get("NAME", ""), header.get("VERSION", ""), header.get("RELEASE", "")
    if name == "gpg-pubkey":
        return
    if not name or not version:
        found.problems.append("a package of {} lacks its name or version".format(folder))
        return
    epoch = header.get("EPOCH", "")
    prefix = epoch + ":" if epoch not in ("", "0") else ""
    source_name, source_version = split_source(header.get("SOURCERPM", ""))
    found.items.append(
        items.make(
            "rpm",
            name,
            prefix + version + ("-" + release if release else ""),
            architecture=header.get("ARCH", ""),
            source_name=source_name,
            source_version=prefix + source_version if source_version else "",
            vendor=header.get("VENDOR", ""),
            module=header.get(_MODULE, ""),
            path=folder,
            installed_at=_seconds(header.get("INSTALLTIME", "")),
        )
    )


def split_source(file_name: str) -> tuple[str, str]:
    """("bash", "5.1.8-6.el9") of "bash-5.1.8-6.el9.src.rpm"; two empty strings when it is not such a name."""
    for ending in (".src.rpm", ".nosrc.rpm"):
        if file_name.endswith(ending):
            parts = file_name[: -len(ending)].rsplit("-", 2)
            if len(parts) == 3:
                return parts[0], parts[1] + "-" + parts[2]
    return "", ""


def _seconds(text: str) -> Optional[float]:
    return float(text) if text.isdigit() and len(text) < 12 else None


def owners(root: Root, wanted: frozenset[str]) -> dict[str, str]:
    """Which package owns each of the wanted paths; {} where the database cannot tell."""
    folder = _folder(root)
    if root.is_live and commands.find("rpm"):
        return _owners_from_program(sorted(wanted))
    try:
        found: dict[str, str] = {}
        for blob in rpm_header.blobs(root.locate(folder + "/" + _SQLITE)):
            found.update(rpm_header.owned(blob, wanted))
        return found
    except (rpm_header.HeaderError, OSError):
        return {}


def _owners_from_program(paths: List[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = frozenset(paths)
    for start in range(0, min(len(paths), limits.ITEMS), _PATHS_PER_CALL):
        chunk = paths[start : start + _PATHS_PER_CALL]
        query = ["rpm", "-q", "--qf", "[%{=NAME}\\t%{FILENAMES}\\n]", "-f", *chunk]
        try:
            # The status counts the paths without an owner; the output is good all the same.
            output = commands.run(query, accept_failure=True)
        except commands.CommandError:
            return found
        for raw in output.split(b"\n"):
            name, tab, file_name = raw.decode("utf-8", "surrogateescape").partition("\t")
            if tab and file_name in wanted:
                found[file_name] = name
    return found


COLLECTOR = Collector("rpm", ("linux",), False, ("rpm",), applies, read, watched)
