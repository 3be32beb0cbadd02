"""CSV tables to inventories."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    MAX_DEVICES,
    PROGRAM,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    device_named,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import distribution_id, inferred
from weakspot.runtime.errors import InvalidField, TooLarge

_USUAL = {
    "name": (
        "name",
        "software",
        "package",
        "packageid",
        "product",
        "displayname",
        "application",
        "softwarename",
        "applicationname",
        "appname",
    ),
    "version": ("version", "displayversion", "softwareversion", "packageversion", "applicationversion", "appversion"),
    "vendor": (
        "vendor",
        "publisher",
        "manufacturer",
        "supplier",
        "softwarevendor",
        "applicationpublisher",
        "apppublisher",
    ),
    "type": ("type", "packagetype", "ecosystem"),
    "architecture": ("architecture", "arch"),
    "source_name": ("sourcename", "source", "sourcepackage"),
    "source_version": ("sourceversion",),
    "host": ("host", "hostname", "device", "devicename", "computer", "computername"),
    "distribution": ("distribution", "distro", "os", "osname", "osplatform"),
    "release": ("release", "osversion", "distributionversion"),
}
_TYPE = re.compile(r"^[a-z][a-z0-9_]{0,31}$")
_MAX_CELL = 1 << 20
_MAX_COLUMNS = 500
_DELIMITERS = ",;\t|"

Row = dict[str, str]


def recognises(document: Document) -> bool:
    """A first line whose columns include a name and a version."""
    columns = _columns(_header(document.text))
    return "name" in columns and "version" in columns


def read(document: Document) -> list[ReadInventory]:
    """As many devices as the host column names; one without such a column."""
    return read_mapped(document, _columns(_header(document.text)))


def read_mapped(document: Document, mapping: Mapping[str, str]) -> list[ReadInventory]:
    """mapping: field (name, version, vendor, type, architecture, source_name, source_version, host, distribution,
    release) -> column. Raises InvalidField for an unknown field or column, TooLarge over 10,000 devices.
    """
    header = _header(document.text)
    for field, column in mapping.items():
        if field not in _USUAL or column not in header:
            raise InvalidField(f"There is no field {field!r} or no column {column!r} in {document.name}.", field=field)
    found: dict[str, tuple[Gathering, Row]] = {}
    for row in _rows(document.text, header):
        values = {field: row.get(column, "").strip() for field, column in mapping.items()}
        host = values.get("host") or stem(document.name)
        if host not in found and len(found) >= MAX_DEVICES:
            raise TooLarge(f"{document.name} names more than {MAX_DEVICES:,} devices; split it.")
        gathering, _ = found.setdefault(host, (Gathering(), values))
        _add(gathering, values)
    empty = {stem(document.name): (Gathering(), Row())}
    return [_inventory(host, gathering, first) for host, (gathering, first) in (found or empty).items()]


def _inventory(host: str, gathering: Gathering, first: Row) -> ReadInventory:
    system = OperatingSystem(platform="unknown")
    own = first.get("distribution", "").lower()
    if own.startswith("windows"):
        system = OperatingSystem(platform="Windows", distribution="windows", version=first["distribution"][:256])
    elif own.startswith("macos"):
        system = OperatingSystem(platform="macOS", distribution="macos", version=first.get("release", "")[:256])
    elif own and own != "linux":
        distribution = distribution_id(first["distribution"])[:256]
        system = OperatingSystem(platform="Linux", distribution=distribution, version=first.get("release", "")[:256])
    elif told := inferred(gathering.items):
        system = told[0]
        gathering.notes.append(f"the release was concluded from {told[1]}")
    return gathering.inventory(device_named(host, system))


def _add(gathering: Gathering, values: Row) -> None:
    kind = values.get("type", "").lower() or _usual_kind(values.get("distribution", "").lower())
    if not _TYPE.match(kind):
        gathering.refuse(values.get("name", ""), values.get("version", ""), f"has no usable type ({kind[:60]!r})")
        return
    fields = {name: values.get(name, "") for name in ("vendor", "architecture", "source_name", "source_version")}
    gathering.add(kind, values.get("name", ""), values.get("version", ""), **fields)


def _usual_kind(distribution: str) -> str:
    """What a row without a type is."""
    if distribution.startswith("windows"):
        return WINDOWS_PROGRAM
    return MACOS_APP if distribution.startswith("macos") else PROGRAM


def _header(text: str) -> list[str]:
    line = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    if len(line) > _MAX_CELL or not line:
        return []
    try:
        return next(csv.reader([line], delimiter=_delimiter(line)), [])[:_MAX_COLUMNS]
    except csv.Error:
        return []


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _columns(header: list[str]) -> dict[str, str]:
    plain = {re.sub(r"[^a-z]", "", column.lower()): column for column in reversed(header)}
    return {field: plain[name] for field, names in _USUAL.items() for name in names[::-1] if name in plain}


def _rows(text: str, header: list[str]) -> Iterator[Row]:
    csv.field_size_limit(_MAX_CELL)
    lines = io.StringIO(text.lstrip("\ufeff"), newline="")
    reader = csv.reader(lines, delimiter=_delimiter(text.lstrip("\ufeff").partition("\n")[0]))
    next(reader, None)
    try:
        for cells in reader:
            if any(cells):
                yield dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise InvalidField(f"The table cannot be read as CSV ({error}).") from error
