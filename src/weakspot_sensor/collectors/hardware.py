"""Hardware facts (SMBIOS as the kernel shows it) and the ids by which a device is known again."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_DMI = "/sys/class/dmi/id/"
_MACHINE_ID = ("/etc/machine-id", "/var/lib/dbus/machine-id")
_INSTANCE_DATA = "/run/cloud-init/instance-data.json"
_EFI = "/sys/firmware/efi"
_SECURE_BOOT = _EFI + "/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
_INSTANCE_ID = "/var/lib/cloud/data/instance-id"

# What makers leave in when they fill nothing in; compared without case and punctuation.
_PLACEHOLDERS = frozenset(
    "none na notapplicable notavailable notspecified unspecified unknown default defaultstring empty "
    "invalid "
    "tobefilledbyoem systemserialnumber systemproductname systemmanufacturer baseboardserialnumber "
    "serialnumber "
    "chassisserialnumber oem oemstring 123456789 1234567890 0123456789 uninitialized nocloud "
    "iiddatasourcenone 03000200040005000006000700080009".split()
)
_ID_CHARACTERS = 200
_NEEDS_ROOT = ("product_uuid", "product_serial")


def applies(_root: Root) -> bool:
    return True


def watched(_root: Root) -> Tuple[str, ...]:
    return ("/etc/machine-id",)


def read(root: Root) -> Findings:
    found = Findings()
    hidden = [name for name in _NEEDS_ROOT if root.is_file(_DMI + name) and not _readable(root, _DMI + name)]
    if hidden:
        found.problems.append("only root may read " + ", ".join(hidden))
    cpu, is_virtual = _cpu(root)
    model = _dmi(root, "product_name")
    found.facts["hardware"] = {
        "vendor": _dmi(root, "sys_vendor"),
        "model": model or ("virtual machine" if is_virtual else ""),
        "serial": _dmi(root, "product_serial"),
        "cpu": cpu,
        "memory_bytes": _memory_bytes(root),
        "bios_version": _dmi(root, "bios_version"),
        "firmware": _firmware(root),
        "secure_boot": secure_boot(root),
    }
    found.facts["hardware_ids"] = _ids(root)
    return found


def is_placeholder(value: str) -> bool:
    """Whether the value names no single device: empty, one repeated character, or a maker's filler."""
    plain = re.sub(r"[^0-9a-z]", "", value.lower())
    return len(set(plain)) < 2 or plain in _PLACEHOLDERS


def _readable(root: Root, path: str) -> bool:
    return os.access(root.locate(path), os.R_OK)


def _dmi(root: Root, name: str) -> str:
    value = items.text(root.line(_DMI + name))
    return "" if is_placeholder(value) else value


def _firmware(root: Root) -> str:
    if root.is_folder(_EFI):
        return "uefi"
    return "bios" if root.is_folder(_DMI) else ""


def secure_boot(root: Root) -> Optional[bool]:
    """The variable's value follows four bytes of attributes (UEFI specification 3.3); None: not to be read."""
    try:
        data = root.head(_SECURE_BOOT, 16)
    except OSError:
        return None
    return data[4] == 1 if len(data) == 5 else None


def _ids(root: Root) -> List[Dict[str, str]]:
    found: List[Tuple[str, str]] = []
    for path in _MACHINE_ID:
        value = root.line(path).lower()
        if re.fullmatch("[0-9a-f]{32}", value):
            found.append(("machine_id", value))
            break
    found.append(("product_uuid", _dmi(root, "product_uuid").lower()))
    found.append(("serial", _dmi(root, "product_serial")))
    found.append(("board_serial", _dmi(root, "board_serial")))
    found.extend(("mac", address) for address in physical_addresses(root))
    found.append(("cloud_instance", _cloud_instance(root)))
    once = dict.fromkeys(pair for pair in found if not is_placeholder(pair[1]))
    return [{"kind": kind, "value": items.text(value)[:_ID_CHARACTERS]} for kind, value in once]


def physical_addresses(root: Root) -> List[str]:
    """Burnt-in addresses of real network cards: not of bridges, bonds, tunnels or randomised ones."""
    found: List[str] = []
    base = "/sys/class/net/"
    for name in root.names(base)[: limits.INTERFACES]:
        card = base + name
        if not root.is_folder(card + "/device") or root.line(card + "/addr_assign_type") not in ("0", ""):
            continue
        # A card in a bond shows the bond's address as its own.
        address = root.line(card + "/bonding_slave/perm_hwaddr") or root.line(card + "/address")
        if re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", address.lower()):
            found.append(address.lower())
    return sorted(set(found))[: limits.ADDRESSES_PER_INTERFACE]


def _cloud_instance(root: Root) -> str:
    try:
        data: Any = json.loads(root.read(_INSTANCE_DATA, limits.MANIFEST_BYTES).decode("utf-8", "replace"))
        value = data["v1"]["instance_id"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        value = root.line(_INSTANCE_ID)
    return items.text(value)


def _cpu(root: Root) -> Tuple[str, bool]:
    """(model name, whether the processor says that it is a virtual one)."""
    if not root.is_live:
        return "", False
    try:
        text = root.head("/proc/cpuinfo", limits.SMALL_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return "", False
    match = re.search(r"^(?:model name|Model|cpu model)\s*:\s*(.+)$", text, re.MULTILINE)
    is_virtual = re.search(r"^flags\s*:.*\bhypervisor\b", text, re.MULTILINE) is not None
    return items.text(match.group(1)) if match else "", is_virtual


def _memory_bytes(root: Root) -> int:
    """Memory that the kernel manages, in bytes; 0 when unknown."""
    if not root.is_live:
        return 0
    match = re.search(r"^MemTotal:\s+(\d{1,12}) kB", root.line("/proc/meminfo"), re.MULTILINE)
    return int(match.group(1)) * 1024 if match else 0


COLLECTOR = Collector("hardware", ("linux",), True, (), applies, read, watched)
