"""Windows itself: edition and full build, installed updates, whether a restart waits, hardware, shares."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from weakspot_sensor import items, limits, registry
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.collectors.hardware import is_placeholder
from weakspot_sensor.files import Root
from weakspot_sensor.processes import windows_path
from weakspot_sensor.registry import Registry

_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
_SERVICING = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"
_RESTART_KEYS = (
    _SERVICING + "\\RebootPending",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired",
)
_CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control"
_SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
_BIOS = "HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS"
_CPU = "HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0"
_FIRST_11 = 22000
_INSTALLED = 112
_PACKAGE = re.compile(r"Package(?:_\d+)?_for_(KB\d{5,8})~.*")
_ARCHITECTURES = {"AMD64": "x64", "ARM64": "arm64", "x86": "x86"}
_FIRMWARE = {1: "bios", 2: "uefi"}


def applies(_root: Root) -> bool:
    return registry.system().exists(_VERSION)


def watched(_root: Root) -> Tuple[str, ...]:
    return (_SERVICING + "\\Packages", _VERSION)


def read(_root: Root) -> Findings:
    return read_from(registry.system())


def read_from(source: Registry) -> Findings:
    """Everything that the registry says of the system."""
    found = Findings()
    version = source.values(_VERSION)
    environment = source.values(_CONTROL + "\\Session Manager\\Environment")
    architecture = _ARCHITECTURES.get(str(environment.get("PROCESSOR_ARCHITECTURE")), "")
    caption, build = _caption(version), _build(version)
    network = source.values(_SERVICES + "\\Tcpip\\Parameters")
    found.facts["name"] = items.short(network.get("Hostname") or network.get("NV Hostname"))
    found.facts["domain"] = items.short(network.get("Domain") or network.get("DhcpDomain"))
    found.facts["os"] = {
        "platform": "Windows",
        "distribution": "windows",
        "version": caption,
        "version_full": caption,
        "codename": items.short(version.get("DisplayVersion") or version.get("ReleaseId")),
        "build": build or None,
        "kernel": build,
        "kernel_version": items.text(version.get("BuildLabEx")),
        "architecture": architecture,
        "pending_restart": restart_waits(source),
        "boot_at": None,
        "kernels_installed": [],
    }
    found.facts["hardware"] = _hardware(source)
    found.facts["hardware_ids"] = _ids(source)
    if caption and build:
        found.items.append(items.make("windows_os", caption, build, architecture=architecture, vendor="Microsoft"))
    found.items.extend(items.make("windows_update", name, "", module="applied") for name in updates(source))
    found.tell("shares", shares(source))
    return found


def _caption(version: Dict[str, Any]) -> str:
    """The name with the edition. Windows 11 still calls itself 10 here; the build decides."""
    name = items.short(version.get("ProductName"))
    number = str(version.get("CurrentBuildNumber", ""))
    if number.isdigit() and int(number) >= _FIRST_11 and version.get("InstallationType") == "Client":
        name = name.replace("Windows 10", "Windows 11")
    return name[max(0, name.find("Windows")) :]


def _build(version: Dict[str, Any]) -> str:
    """10.0.19045.3803: the last part (UBR) grows with every cumulative update."""
    major, minor = version.get("CurrentMajorVersionNumber"), version.get("CurrentMinorVersionNumber")
    first = "{}.{}".format(major, minor) if isinstance(major, int) else items.short(version.get("CurrentVersion"))
    parts = [first, items.short(version.get("CurrentBuildNumber"))]
    if isinstance(version.get("UBR"), int):
        parts.append(str(version["UBR"]))
    return ".".join(parts) if all(parts) else ""


def updates(source: Registry) -> List[str]:
    """KB numbers of the updates that servicing has as installed, sorted."""
    packages = _SERVICING + "\\Packages"
    found = set()
    for name in source.subkeys(packages):
        match = _PACKAGE.fullmatch(name)
        if match and match.group(1) not in found:
            if source.values(packages + "\\" + name).get("CurrentState") == _INSTALLED:
                found.add(match.group(1))
    return sorted(found)


def restart_waits(source: Registry) -> bool:
    """Whether servicing, the update agent, a replaced file in use or a new computer name waits for a restart."""
    if any(source.exists(key) for key in _RESTART_KEYS):
        return True
    if source.values(_CONTROL + "\\Session Manager").get("PendingFileRenameOperations"):
        return True
    names = _CONTROL + "\\ComputerName\\"
    active = source.values(names + "ActiveComputerName").get("ComputerName")
    return active != source.values(names + "ComputerName").get("ComputerName")


def _hardware(source: Registry) -> Dict[str, Any]:
    bios = source.values(_BIOS)
    secure = source.values(_CONTROL + "\\SecureBoot\\State").get("UEFISecureBootEnabled")
    return {
        "vendor": _told(bios.get("SystemManufacturer")),
        "model": _told(bios.get("SystemProductName")),
        "serial": "",
        "cpu": items.text(source.values(_CPU).get("ProcessorNameString")),
        "memory_bytes": 0,
        "bios_version": _told(bios.get("BIOSVersion")),
        "firmware": _FIRMWARE.get(source.values(_CONTROL).get("PEFirmwareType", 0), ""),
        "secure_boot": bool(secure) if isinstance(secure, int) else None,
    }


def _told(value: Any) -> str:
    text = items.text(value)
    return "" if is_placeholder(text) else text


def _ids(source: Registry) -> List[Dict[str, str]]:
    guid = items.short(source.values("HKLM\\SOFTWARE\\Microsoft\\Cryptography").get("MachineGuid")).lower()
    return [{"kind": "machine_id", "value": guid}] if re.fullmatch("[0-9a-f-]{36}", guid) else []


def shares(source: Registry) -> List[Dict[str, Any]]:
    """Shared folders; the administrative ones that end with $ are made by the system and not listed here."""
    found: List[Dict[str, Any]] = []
    for name, lines in sorted(source.values(_SERVICES + "\\LanmanServer\\Shares").items()):
        pairs = dict(line.partition("=")[::2] for line in lines) if isinstance(lines, list) else {}
        if pairs.get("Type", "0") == "0" and pairs.get("Path"):
            path = items.text(windows_path(pairs["Path"]))
            found.append({"protocol": "smb", "name": items.text(name), "path": path})
    return found[: limits.SHARES]


COLLECTOR = Collector("windows_system", ("win32",), True, ("windows_os", "windows_update"), applies, read, watched)
