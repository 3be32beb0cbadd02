"""Wazuh packages and hotfixes to inventories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols import windows
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    PROGRAM,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.records import Record, by_device, first_record, records
from weakspot.inventory.protocols.releases import distribution_id, inferred

_KINDS = {
    "deb": "dpkg", "rpm": "rpm", "apk": "apk", "win": WINDOWS_PROGRAM, "pypi": "pypi", "npm": "npm", "snap": "snap",
    "pkg": MACOS_APP, "homebrew": "homebrew", "brew": "homebrew", "pacman": "pacman", "macports": "macports",
}  # fmt: skip
_API = ("scan", "agent_id")
_UNKNOWN = OperatingSystem(platform="unknown")


def recognises(document: Document) -> bool:
    """A package with its agent, as one of the two writes it."""
    one = first_record(document)
    source = _dict(one.get("_source"))
    if source:
        return "agent" in source and ("package" in source or "hotfix" in source)
    is_listed = isinstance(_dict(document.json).get("data"), dict)
    return is_listed and any(name in one for name in _API) and ("name" in one or "hotfix" in one)


def read(document: Document) -> list[ReadInventory]:
    """As many devices as agents are named."""
    found = by_device(_each(document), document.name)
    return [_with_system(one) for one in found]


def _with_system(one: ReadInventory) -> ReadInventory:
    told = inferred(one.software) if one.device.os.platform == "unknown" else None
    if told is None:
        return one
    device = msgspec.structs.replace(one.device, os=told[0])
    return msgspec.structs.replace(one, device=device, notes=(*one.notes, f"the release was concluded from {told[1]}"))


def _each(document: Document) -> Iterator[tuple[str, str, OperatingSystem, Callable[[Gathering], None]]]:
    for record in records(document):
        source = _dict(_dict(record).get("_source"))
        if source:
            agent, system = _dict(source.get("agent")), _dict(_dict(source.get("host")).get("os"))
            name = as_text(agent.get("name")) or as_text(agent.get("id")) or stem(document.name)
            yield as_text(agent.get("id")) or name, name, _system(system), _of_indexer(source)
        elif isinstance(record, dict):
            key = as_text(record.get("agent_id"))
            name = f"wazuh-agent-{key}" if key else stem(document.name)
            yield key, name, _UNKNOWN, _of_api(record)
        else:
            yield "", stem(document.name), _UNKNOWN, _no_object


def _of_api(record: Record) -> Callable[[Gathering], None]:
    if "hotfix" in record:
        return lambda gathering: windows.add_update(gathering, as_text(record["hotfix"]), "applied")
    return lambda gathering: _add(gathering, record, as_text(record.get("format")), as_text(record.get("location")))


def _of_indexer(source: Record) -> Callable[[Gathering], None]:
    package = _dict(source.get("package"))
    if not package:
        name = as_text(_dict(source.get("hotfix")).get("name")) or as_text(_dict(source.get("package")).get("hotfix"))
        return lambda gathering: windows.add_update(gathering, name, "applied")
    return lambda gathering: _add(gathering, package, as_text(package.get("type")), as_text(package.get("path")))


def _add(gathering: Gathering, package: Record, form: str, path: str) -> None:
    kind = _KINDS.get(form.lower(), PROGRAM)
    if kind == WINDOWS_PROGRAM and as_text(package.get("name"))[:2].upper() == "KB":
        windows.add_update(gathering, as_text(package["name"]), "applied")
        return
    source = as_text(package.get("source")) if kind == "dpkg" else ""
    gathering.add(
        kind, package.get("name"), package.get("version"), architecture=_blank(package.get("architecture")),
        vendor=_blank(package.get("vendor")), source_name=_blank(source),
        source_version=as_text(package.get("version")) if _blank(source) else "",
        paths=(path,) if path.strip() else (), installed_at=package.get("install_time") or package.get("installed"),
    )  # fmt: skip


def _system(row: Record) -> OperatingSystem:
    name, version = as_text(row.get("name")), as_text(row.get("version"))
    if "windows" in name.lower():
        text = windows.caption(name)[:256]
        return OperatingSystem(
            platform="Windows", distribution="windows", version=text, version_full=text, build=version[:256]
        )
    if as_text(row.get("platform")).lower() == "darwin":
        return OperatingSystem(platform="macOS", distribution="macos", version=version[:256])
    return OperatingSystem(platform="Linux", distribution=distribution_id(name), version=version) if name else _UNKNOWN


def _no_object(gathering: Gathering) -> None:
    gathering.refuse("", "", "is no object")


def _blank(value: Any) -> str:
    text = as_text(value)
    return "" if text in (" ", "-", "unknown") else text


def _dict(value: Any) -> Record:
    return value if isinstance(value, dict) else {}
