"""Scanned hosts to inventories."""

from __future__ import annotations

from typing import Any

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols import windows
from weakspot.inventory.protocols.base import (
    MAX_DEVICES,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    device_named,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import distribution_id
from weakspot.inventory.protocols.rpm_list.reader import with_epoch
from weakspot.runtime.errors import TooLarge

_DPKG = frozenset({"debian", "ubuntu", "raspbian", "linuxmint"})
_WINDOWS = "windows"
Host = dict[str, Any]


def recognises(document: Document) -> bool:
    """A host, or an array of them."""
    hosts = _hosts(document.json)
    return bool(hosts) and all(_get(host, "family") and "packages" in _lowered(host) for host in hosts[:20])


def read(document: Document) -> list[ReadInventory]:
    """As many devices as the file has. Raises TooLarge over 10,000."""
    hosts = _hosts(document.json)
    if len(hosts) > MAX_DEVICES:
        raise TooLarge(f"{document.name} describes {len(hosts):,} devices; at most {MAX_DEVICES:,} are read of a file.")
    return [_read(host, f"{stem(document.name)}-{number}") for number, host in enumerate(hosts, 1)]


def _hosts(data: Any) -> list[Host]:
    items = data if isinstance(data, list) else [data]
    return items if all(isinstance(item, dict) for item in items) else []


def _read(host: Host, default_name: str) -> ReadInventory:
    family = as_text(_get(host, "family")).lower()
    release = as_text(_get(host, "release"))
    kernel = _dict(_get(host, "kernel", "runningkernel"))
    gathering = Gathering()
    if family == _WINDOWS:
        system = _windows(gathering, host, release, as_text(_get(kernel, "version")))
    else:
        system = OperatingSystem(
            platform="Linux",
            distribution=distribution_id(family),
            version=release[:256],
            kernel=as_text(_get(kernel, "release"))[:256],
            kernel_version=as_text(_get(kernel, "version"))[:1024],
            pending_restart=_get(kernel, "rebootrequired") is True,
        )
    sources = _source_packages(_get(host, "srcpackages"))
    for package in _packages(_get(host, "packages")):
        _add(gathering, package, system, sources)
    name = as_text(_get(host, "host", "servername")) or default_name
    return gathering.inventory(device_named(name, system))


def _windows(gathering: Gathering, host: Host, release: str, build: str) -> OperatingSystem:
    windows.add_system(gathering, release, build)
    updates = _dict(_get(host, "windowskb"))
    for state in ("applied", "unapplied"):
        for number in _list(_get(updates, state)):
            windows.add_update(gathering, as_text(number), state)
    return OperatingSystem(platform="Windows", distribution="windows", version=release[:256], build=build[:256])


def _add(gathering: Gathering, package: Host, system: OperatingSystem, sources: dict[str, tuple[str, str]]) -> None:
    name, version, release = (as_text(_get(package, field)) for field in ("name", "version", "release"))
    kind = _kind(system)
    if kind == "rpm" and release:
        epoch, _, rest = version.rpartition(":")
        version = with_epoch(epoch, f"{rest}-{release}")
    source = as_text(_get(package, "source")), as_text(_get(package, "sourceversion"))
    if not source[0]:
        source = sources.get(name, ("", ""))
    repository = as_text(_get(package, "repository"))
    gathering.add(
        kind,
        name,
        version,
        architecture=_get(package, "arch"),
        source_name=source[0],
        source_version=source[1],
        vendor=f"repository:{repository}" if repository else _get(package, "vendor"),
        module=_get(package, "modularitylabel"),
    )


def _kind(system: OperatingSystem) -> str:
    if system.platform == "Windows":
        return WINDOWS_PROGRAM
    return "dpkg" if system.distribution in _DPKG else "apk" if system.distribution == "alpine" else "rpm"


def _packages(value: Any) -> list[Host]:
    if isinstance(value, dict):
        return [{"name": name, **_dict(fields)} for name, fields in value.items()]
    return [item if isinstance(item, dict) else {} for item in _list(value)]


def _source_packages(value: Any) -> dict[str, tuple[str, str]]:
    """Binary package -> (source package, its version)."""
    found: dict[str, tuple[str, str]] = {}
    for name, fields in _dict(value).items():
        version = as_text(_get(_dict(fields), "version"))
        for binary in _list(_get(_dict(fields), "binarynames")):
            found[as_text(binary)] = (name, version)
    return found


def _lowered(host: Host) -> dict[str, Any]:
    return {key.lower(): value for key, value in host.items()}


def _get(host: Host, *names: str) -> Any:
    """A field by any of these lower-case names, however the file capitalises it."""
    lowered = _lowered(host)
    return next((lowered[name] for name in names if name in lowered), None)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
