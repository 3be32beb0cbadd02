"""GLPI and FusionInventory inventories."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from weakspot.inventory.contracts import DescribedDevice, Hardware, OperatingSystem
from weakspot.inventory.protocols import hardware as own_hardware
from weakspot.inventory.protocols import windows
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    PROGRAM,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    device_named,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import distribution_id, inferred

_KINDS = {
    "rpm": "rpm", "deb": "dpkg", "dpkg": "dpkg", "apk": "apk", "registry": WINDOWS_PROGRAM, "wmi": WINDOWS_PROGRAM,
    "android": "android_app", "homebrew": "homebrew", "flatpak": "flatpak", "snap": "snap", "pacman": "pacman",
    "portage": "portage", "nix": "nix", "uwp": "windows_app",
}  # fmt: skip
_SECTIONS = ("operatingsystem", "hardware", "bios")
_LINUX_RELEASE = "release "
Fields = dict[str, Any]


def recognises(document: Document) -> bool:
    """``content`` beside ``deviceid`` in JSON, ``REQUEST/CONTENT`` in XML."""
    data = document.json
    if isinstance(data, dict):
        return isinstance(data.get("content"), dict) and "deviceid" in data
    root = document.xml
    return root is not None and root.tag == "REQUEST" and root.find("CONTENT") is not None


def read(document: Document) -> list[ReadInventory]:
    """One device."""
    content = document.json["content"] if isinstance(document.json, dict) else _of_xml(document.xml)
    system_fields, hardware = _dict(content.get("operatingsystem")), _dict(content.get("hardware"))
    gathering = Gathering()
    system = _system(system_fields, hardware)
    if system.platform == "Windows":
        architecture = windows.architecture_of(system.architecture)
        windows.add_system(gathering, system.version_full, system.build or "", architecture)
    for item in content.get("softwares") or []:
        if isinstance(item, dict):
            _add(gathering, item, system)
        else:
            gathering.refuse("", "", "is no object")
    if "softwares" not in content:
        gathering.notes.append("the inventory is partial: it has no software")
    if system.platform == "unknown" and (told := inferred(gathering.items)):
        system = told[0]
        gathering.notes.append(f"the release was concluded from {told[1]}")
    name = as_text(hardware.get("name")) or as_text(system_fields.get("fqdn")) or stem(document.name)
    return [gathering.inventory(_described(name, system, content, hardware))]


def _described(name: str, system: OperatingSystem, content: Fields, hardware: Fields) -> DescribedDevice:
    bios, networks = _dict(content.get("bios")), _dicts(content.get("networks"))
    memory = as_text(hardware.get("memory"))
    kinds = [
        ("product_uuid", hardware.get("uuid")),
        ("serial", bios.get("ssn")),
        ("board_serial", bios.get("msn")),
        *(("mac", one.get("mac") or one.get("macaddr")) for one in networks if not _is_virtual(one)),
    ]
    rows = [
        (one.get("description"), one.get("mac") or one.get("macaddr"), address, one.get("status"))
        for one in networks
        for address in (one.get("ipaddress"), one.get("ipaddress6"))
    ]
    cpus = _dicts(content.get("cpus"))
    described = Hardware(
        vendor=own_hardware.text_of(bios.get("smanufacturer")),
        model=own_hardware.text_of(bios.get("smodel")),
        serial=own_hardware.text_of(bios.get("ssn")),
        cpu=own_hardware.text_of(cpus[0].get("name") if cpus else hardware.get("processort")),
        memory_bytes=int(memory) << 20 if memory.isascii() and memory.isdigit() and len(memory) < 12 else 0,
        bios_version=own_hardware.text_of(bios.get("bversion")),
    )
    domain = as_text(_dict(content.get("operatingsystem")).get("dns_domain")) or as_text(hardware.get("workgroup"))
    return device_named(
        name, system, domain=domain[:256], hardware=described, hardware_ids=own_hardware.ids_of(kinds),
        interfaces=own_hardware.interfaces_of(rows),
    )  # fmt: skip


def _is_virtual(network: Fields) -> bool:
    return as_text(network.get("virtualdev")).lower() in ("1", "true") or network.get("virtualdev") is True


def _add(gathering: Gathering, item: Fields, system: OperatingSystem) -> None:
    name, version = as_text(item.get("name")), as_text(item.get("version"))
    kind = _KINDS.get(as_text(item.get("from")).lower(), MACOS_APP if system.platform == "macOS" else PROGRAM)
    if kind == WINDOWS_PROGRAM and (update := _update_name(name)):
        windows.add_update(gathering, update, "applied")
        return
    module = as_text(item.get("comments")) if kind == "android_app" else ""
    gathering.add(
        kind, name, version, architecture=item.get("arch"), vendor=item.get("publisher"), module=module,
        installed_at=item.get("install_date"),
    )  # fmt: skip


def _update_name(name: str) -> str:
    """Updates are listed among the programs under their KB number."""
    text = name.strip()
    return text if text[:2].upper() == "KB" and text[2:].isdigit() else ""


def _system(system: Fields, hardware: Fields) -> OperatingSystem:
    full = as_text(system.get("full_name")) or as_text(hardware.get("osname"))
    kernel = as_text(system.get("kernel_version"))
    kind = as_text(system.get("kernel_name")).lower()
    architecture = as_text(system.get("arch"))
    if not full and not kind:
        return OperatingSystem(platform="unknown")
    if "windows" in full.lower() or kind == "mswin32":
        build = kernel or as_text(hardware.get("osversion"))
        pack = as_text(system.get("service_pack"))
        name = windows.caption(full, pack)
        return OperatingSystem(
            platform="Windows", distribution="windows", version=name[:256], version_full=name[:256], build=build[:256],
            architecture=architecture[:256],
        )  # fmt: skip
    version = as_text(system.get("version"))
    if kind == "darwin" or "mac os" in full.lower() or full.lower().startswith("macos"):
        number = (version or as_text(hardware.get("osversion"))).partition(" ")[0]
        return OperatingSystem(platform="macOS", distribution="macos", version=number[:256], kernel=kernel[:256])
    if "android" in full.lower():
        return OperatingSystem(platform="Android", distribution="android", version=_number_in(full)[:256])
    name = as_text(system.get("name")) or full
    return OperatingSystem(
        platform="Linux", distribution=distribution_id(name)[:256], version=version.partition(" ")[0] or _release(full),
        version_full=full[:256], kernel=kernel[:256], architecture=architecture[:256],
    )  # fmt: skip


def _release(full_name: str) -> str:
    """``Fedora release 25 (Twenty Five)`` -> 25."""
    return _number_in(full_name.partition(_LINUX_RELEASE)[2] or full_name)[:256]


def _number_in(text: str) -> str:
    return next((word for word in text.split() if word[0].isdigit()), "")


def _of_xml(root: Element | None) -> Fields:
    assert root is not None
    content = root.find("CONTENT")
    assert content is not None
    found: Fields = {name: _leaves(content.find(name.upper())) for name in _SECTIONS}
    found |= {name: [_leaves(item) for item in content.findall(name.upper())] for name in ("networks", "cpus")}
    software = [_leaves(item) for item in content.findall("SOFTWARES")]
    if software:
        found["softwares"] = software
    return found


def _leaves(element: Element | None) -> Fields:
    return {} if element is None else {child.tag.lower(): child.text or "" for child in element}


def _dicts(value: Any) -> list[Fields]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> Fields:
    return value if isinstance(value, dict) else {}
