"""From rows of osquery's tables to the device and its software."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from weakspot.inventory.contracts import DescribedDevice, Hardware, Listener, OperatingSystem
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.protocols import hardware as own_hardware
from weakspot.inventory.protocols import windows
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    device_named,
)
from weakspot.inventory.protocols.osquery.settings import SETTINGS
from weakspot.inventory.protocols.osquery.state import NodeState, is_told, rows_of
from weakspot.inventory.protocols.releases import distribution_id
from weakspot.inventory.protocols.rpm_list.reader import with_epoch

_SOURCE = re.compile(r"([^\s(]+)\s*(?:\(([^)]*)\))?")
_SOURCE_RPM = re.compile(r"^(?P<name>.+)-(?P<version>[^-]+-[^-]+?)\.(?:no)?src\.rpm$")
_KEY = "gpg-pubkey"
_PROTOCOLS: dict[str, Literal["tcp", "udp"]] = {"6": "tcp", "17": "udp"}
_SETTING_NAME = re.compile(r"[a-z][a-z0-9_.-]{2,127}")
Columns = dict[str, Any]


def described_by(known: DescribedDevice | None, facts: dict[str, list[Columns]]) -> DescribedDevice:
    """The device as facts describe it; what they leave open stays as it is known.

    facts: rows by table: ``os_version``, ``system_info``, ``kernel_info``, ``interfaces``, ``windows_revision``,
    ``listening``.
    """
    info, system_row = _first(facts, "system_info"), _first(facts, "os_version")
    os = OperatingSystem(platform="unknown") if known is None else known.os
    if system_row:
        revision = as_text(_first(facts, "windows_revision").get("data"))
        kernel = as_text(_first(facts, "kernel_info").get("version"))
        os = _system(system_row, kernel, revision)
    name = as_text(info.get("hostname")) or as_text(info.get("computer_name")) or (known.name if known else "")
    listeners = _listeners(facts) if "listening" in facts else (known.listeners if known else ())
    if not info:
        base = known or device_named(name, os)
        return msgspec.structs.replace(
            base, os=os, interfaces=_interfaces(facts) or base.interfaces, listeners=listeners
        )
    memory = as_text(info.get("physical_memory"))
    macs = [("mac", row.get("mac")) for row in facts.get("interfaces", [])]
    kinds = [
        ("product_uuid", info.get("uuid")),
        ("serial", info.get("hardware_serial")),
        ("board_serial", info.get("board_serial")),
        *macs,
    ]
    described = Hardware(
        vendor=own_hardware.text_of(info.get("hardware_vendor")),
        model=own_hardware.text_of(info.get("hardware_model")),
        serial=own_hardware.text_of(info.get("hardware_serial")),
        cpu=own_hardware.text_of(info.get("cpu_brand")),
        memory_bytes=int(memory) if memory.isascii() and memory.isdigit() and len(memory) < 18 else 0,
    )
    return device_named(
        name, os, domain=known.domain if known else "", hardware=described, hardware_ids=own_hardware.ids_of(kinds),
        interfaces=_interfaces(facts) or (known.interfaces if known else ()), listeners=listeners,
    )  # fmt: skip


def inventory_of(state: NodeState, known: DescribedDevice) -> ReadInventory:
    """Device and software of a node, from all that its queries said."""
    names = ("os_version", "system_info", "kernel_info", "interfaces", "windows_revision", "listening")
    told = [name for name in names if is_told(state, f"weakspot/{name}")]
    facts: dict[str, list[Columns]] = {name: list(rows_of(state, f"weakspot/{name}")) for name in told}
    device = described_by(known, facts)
    gathering = Gathering()
    if device.os.platform == "Windows":
        architecture = windows.architecture_of(device.os.architecture)
        windows.add_system(gathering, device.os.version_full, device.os.build or "", architecture)
    for name, add in _TABLES.items():
        for row in rows_of(state, f"weakspot/{name}"):
            add(gathering, row)
    return gathering.inventory(device)


def settings_of(state: NodeState) -> tuple[Setting, ...] | None:
    """All settings that the node told; None where it told of none yet."""
    queries = [query.name for query in SETTINGS if is_told(state, query.name)]
    if not queries:
        return None
    found: dict[str, str] = {}
    for row in (row for name in queries for row in rows_of(state, name)):
        found.setdefault(row.get("name", ""), row.get("value", "")[:256])
    return tuple(Setting(name, value) for name, value in sorted(found.items()) if _SETTING_NAME.fullmatch(name))


def _listeners(facts: dict[str, list[Columns]]) -> tuple[Listener, ...]:
    found = set()
    for row in facts["listening"]:
        protocol, port = _PROTOCOLS.get(as_text(row.get("protocol"))), as_text(row.get("port"))
        if protocol is not None and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536:
            found.add((protocol, as_text(row.get("address")).partition("%")[0][:256], int(port)))
    return tuple(Listener(protocol, address, port) for protocol, address, port in sorted(found))


def _deb(gathering: Gathering, row: Columns) -> None:
    name, version = row.get("name"), row.get("version")
    status = as_text(row.get("status"))
    if status and not status.endswith(" installed"):
        gathering.refuse(name, version, f"is not installed (status {status!r})")
        return
    source = _SOURCE.match(as_text(row.get("source")))
    gathering.add(
        "dpkg", name, version, architecture=row.get("arch"), vendor=row.get("maintainer"),
        source_name=source[1] if source else "", source_version=(source[2] or version) if source else "",
    )  # fmt: skip


def _rpm(gathering: Gathering, row: Columns) -> None:
    name, version = as_text(row.get("name")), f"{as_text(row.get('version'))}-{as_text(row.get('release'))}"
    if name == _KEY:
        gathering.refuse(name, version, "is a signing key of rpm's database, no software")
        return
    epoch = as_text(row.get("epoch"))
    source = _SOURCE_RPM.match(as_text(row.get("source")))
    gathering.add(
        "rpm", name, with_epoch(epoch, version), architecture=row.get("arch"),
        source_name=source["name"] if source else "",
        source_version=with_epoch(epoch, source["version"]) if source else "",
    )  # fmt: skip


def _program(gathering: Gathering, row: Columns) -> None:
    location = as_text(row.get("install_location"))
    gathering.add(
        WINDOWS_PROGRAM, row.get("name"), row.get("version"), vendor=row.get("publisher"),
        paths=(location,) if location else (), installed_at=row.get("install_date"),
    )  # fmt: skip


def _patch(gathering: Gathering, row: Columns) -> None:
    windows.add_update(gathering, as_text(row.get("hotfix_id")), "applied")


def _app(gathering: Gathering, row: Columns) -> None:
    name = as_text(row.get("name")).removesuffix(".app")
    gathering.add(MACOS_APP, name, row.get("bundle_short_version"), **_at(row))


def _package_of(kind: str) -> Callable[[Gathering, Columns], None]:
    def add(gathering: Gathering, row: Columns) -> None:
        gathering.add(kind, row.get("name"), row.get("version"), **_at(row))

    return add


_TABLES: dict[str, Callable[[Gathering, Columns], None]] = {
    "deb_packages": _deb,
    "rpm_packages": _rpm,
    "python_packages": _package_of("pypi"),
    "npm_packages": _package_of("npm"),
    "homebrew_packages": _package_of("homebrew"),
    "programs": _program,
    "patches": _patch,
    "apps": _app,
}


def _at(row: Columns) -> dict[str, Any]:
    path = as_text(row.get("path"))
    return {"paths": (path,) if path else ()}


def _system(row: Columns, kernel: str, revision: str) -> OperatingSystem:
    name, version = as_text(row.get("name")), as_text(row.get("version"))
    platform = as_text(row.get("platform")).lower()
    architecture = as_text(row.get("arch"))[:256]
    if platform == "windows" or name.lower().startswith("microsoft windows"):
        caption = windows.caption(name)[:256]
        number = as_text(row.get("revision")) or revision
        build = version if not number or version.count(".") > 2 else f"{version}.{number}"
        return OperatingSystem(
            platform="Windows", distribution="windows", version=caption, version_full=caption, build=build[:256],
            architecture=architecture,
        )  # fmt: skip
    if platform == "darwin":
        return OperatingSystem(
            platform="macOS", distribution="macos", version=version[:256], build=as_text(row.get("build"))[:256],
            kernel=kernel[:256], architecture=architecture,
        )  # fmt: skip
    major, minor = as_text(row.get("major")), as_text(row.get("minor"))
    number = f"{major}.{minor}" if minor not in ("", "0") else major
    if platform == "ubuntu" and major:
        number = f"{major}.{minor.zfill(2)}"
    told = re.search(r"\d+(?:\.\d+)*", version)
    return OperatingSystem(
        platform="Linux", distribution=distribution_id(platform or name)[:256],
        version=(told[0] if told else number)[:256], version_full=version[:256],
        codename=as_text(row.get("codename"))[:256], kernel=kernel[:256], architecture=architecture,
    )  # fmt: skip


def _interfaces(facts: dict[str, list[Columns]]) -> tuple[Any, ...]:
    rows = facts.get("interfaces", [])
    return own_hardware.interfaces_of((row.get("interface"), row.get("mac"), row.get("address"), "") for row in rows)


def _first(facts: dict[str, list[Columns]], table: str) -> Columns:
    rows = facts.get(table) or [{}]
    return rows[0]
