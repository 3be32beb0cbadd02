"""macOS itself: release and build, hardware, interfaces, accounts, shares, and the programs that listen."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, List, Tuple

from weakspot_sensor import commands, der, items, limits
from weakspot_sensor.collectors import certificates, services
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.collectors.hardware import is_placeholder
from weakspot_sensor.collectors.macos_software import plist
from weakspot_sensor.files import Root

_VERSION = "/System/Library/CoreServices/SystemVersion.plist"
_USERS = "/var/db/dslocal/nodes/Default/users"
_GROUPS = "/var/db/dslocal/nodes/Default/groups"
_KEYCHAIN = "/Library/Keychains/System.keychain"
_POINTS = "/var/db/dslocal/nodes/Default/sharepoints"


def applies(root: Root) -> bool:
    return root.is_file(_VERSION)


def watched(_root: Root) -> Tuple[str, ...]:
    return (_VERSION, _USERS, _GROUPS, _POINTS)


def read(root: Root) -> Findings:
    found = Findings()
    version = plist(root, _VERSION, found) or {}
    release = items.short(version.get("ProductVersion"))
    name, kernel, kernel_version, architecture = "", "", "", ""
    if root.is_live and hasattr(os, "uname"):
        facts = os.uname()
        name, kernel, kernel_version, architecture = facts.nodename, facts.release, facts.version, facts.machine
    found.facts["name"], _, found.facts["domain"] = items.short(name).partition(".")
    found.facts["os"] = {
        "platform": "macOS",
        "distribution": "macos",
        "version": release,
        "version_full": release,
        "codename": "",
        "build": items.short(version.get("ProductBuildVersion")) or None,
        "kernel": items.short(kernel),
        "kernel_version": items.text(kernel_version),
        "architecture": items.short(architecture),
        "pending_restart": None,
        "boot_at": None,
        "kernels_installed": [],
    }
    _accounts(root, found)
    found.tell("shares", _shares(root, found))
    if root.is_live:
        _ask(found)
    return found


def _ask(found: Findings) -> None:
    """What only programs of the system tell; each may be missing."""
    questions = (
        (["system_profiler", "-json", "SPHardwareDataType", "SPNetworkDataType"], add_profile),
        (["security", "find-certificate", "-a", "-p", _KEYCHAIN], add_certificates),
        (["lsof", "-nP", "-iTCP", "-sTCP:LISTEN", "-F", "pcnPu"], add_listeners),
    )
    for command, add in questions:
        try:
            add(commands.run(command, accept_failure=command[0] == "lsof"), found)
        except (commands.CommandError, ValueError, RecursionError) as error:
            found.problems.append("{}: {}".format(command[0], error))


def add_profile(output: bytes, found: Findings) -> None:
    """Hardware and interfaces of `system_profiler -json`. Raises ValueError."""
    document = json.loads(output.decode("utf-8", "replace"))
    machine: Dict[str, Any] = (_rows(document, "SPHardwareDataType") or [{}])[0]
    serial = _unless_filler(machine.get("serial_number"))
    uuid = _unless_filler(machine.get("platform_UUID")).lower()
    found.facts["hardware"] = {
        "vendor": "Apple",
        "model": items.text(machine.get("machine_model")),
        "serial": serial,
        "cpu": items.text(machine.get("chip_type") or machine.get("cpu_type")),
        "memory_bytes": _bytes(items.text(machine.get("physical_memory"))),
        "bios_version": items.text(machine.get("boot_rom_version")),
        "firmware": "",
        "secure_boot": None,
    }
    cards = [_card(row) for row in _rows(document, "SPNetworkDataType")[: limits.INTERFACES]]
    found.facts["interfaces"] = [card for card in cards if card["addresses"] or card["mac"]]
    ids = [("product_uuid", uuid), ("serial", serial), *(("mac", card["mac"]) for card in cards)]
    found.facts["hardware_ids"] = [{"kind": kind, "value": value[:200]} for kind, value in ids if value][:128]


def _card(row: Dict[str, Any]) -> Dict[str, Any]:
    ethernet = row.get("Ethernet")
    mac = ethernet.get("MAC Address") if isinstance(ethernet, dict) else ""
    addresses = row.get("ip_address")
    own = [items.short(one) for one in addresses] if isinstance(addresses, list) else []
    return {
        "name": items.short(row.get("interface")),
        "mac": items.short(mac).lower(),
        "addresses": sorted(own)[: limits.ADDRESSES_PER_INTERFACE],
        "state": "up" if own else "down",
    }


def add_listeners(output: bytes, found: Findings) -> None:
    """The fields of `lsof -F`: a process (p, c, u), then its files (P, n)."""
    rows: Dict[Tuple[str, int, str], Dict[str, Any]] = {}
    process = user = ""
    for line in output.decode("utf-8", "replace").split("\n"):
        field, value = line[:1], line[1:]
        if field == "p":
            process = user = ""
        elif field == "c":
            process = items.short(value)
        elif field == "u":
            user = items.short(value)
        match = re.fullmatch(r"(\*|[0-9.]+|\[[0-9a-fA-F:.%a-z]+\]):(\d{1,5})", value) if field == "n" else None
        if match and int(match.group(2)) < 65536 and len(rows) < limits.LISTENERS:
            port = int(match.group(2))
            address = match.group(1).strip("[]").partition("%")[0].replace("*", "0.0.0.0")  # noqa: S104 - told so
            row: Dict[str, Any] = {"protocol": "tcp", "address": address, "port": port, "process": process}
            rows["tcp", port, address] = {**row, "user": user}
    told = [rows[key] for key in sorted(rows)]
    found.tell("services", told)
    found.facts["listeners"] = services.listeners(told)


def add_certificates(output: bytes, found: Findings) -> None:
    """The certificates of a keychain, as PEM."""
    rows: Dict[str, Dict[str, Any]] = {}
    for raw in certificates.blocks(output):
        try:
            row = der.certificate(raw)
        except der.DerError as error:
            found.problems.append("a certificate cannot be read: {}".format(error))
            continue
        rows[row["sha256"]] = {**row, "store": _KEYCHAIN}
    found.tell("certificates", [rows[key] for key in sorted(rows)][: limits.CERTIFICATES])


def _accounts(root: Root, found: Findings) -> None:
    """The local directory, one property list an account, is open to root only."""
    if not root.names(_USERS):
        return
    admins: List[str] = []
    groups: List[Dict[str, Any]] = []
    for name in root.names(_GROUPS)[: limits.USERS]:
        info = plist(root, _GROUPS + "/" + name, found) or {}
        members = [items.short(one) for one in _list(info, "users")][: limits.NAMES]
        groups.append({"name": _first(info, "name"), "id": _first(info, "gid"), "members": members})
        if groups[-1]["name"] == "admin":
            admins = members
    users: List[Dict[str, Any]] = []
    for name in root.names(_USERS)[: limits.USERS]:
        info = plist(root, _USERS + "/" + name, found) or {}
        own = _first(info, "name")
        if not own:
            continue
        disabled = _first(info, "shell").endswith(("/false", "/nologin")) or any(
            "DisabledUser" in str(one) for one in _list(info, "authentication_authority")
        )
        users.append(
            {"name": own, "id": _first(info, "uid"), "is_enabled": not disabled, "is_admin": own in ("root", *admins)}
        )
    found.tell("users", users)
    found.tell("groups", [group for group in groups if group["name"]])


def _shares(root: Root, found: Findings) -> List[Dict[str, Any]]:
    rows: List[Dict[str, Any]] = []
    for name in root.names(_POINTS)[: limits.SHARES]:
        info = plist(root, _POINTS + "/" + name, found) or {}
        path = items.text(_first(info, "directory_path"))
        if path:
            row: Dict[str, Any] = {"protocol": "smb", "name": _first(info, "smb_name") or _first(info, "name")}
            row["path"] = path
            row["allows_guests"] = _first(info, "smb_guestaccess") == "1"
            row["is_read_only"] = _first(info, "smb_readonly") == "1"
            rows.append(row)
    return rows


def _rows(document: Any, name: str) -> List[Dict[str, Any]]:
    rows = document.get(name) if isinstance(document, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _list(info: Dict[str, Any], name: str) -> List[Any]:
    value = info.get(name)
    return value if isinstance(value, list) else []


def _first(info: Dict[str, Any], name: str) -> str:
    """Attributes of the local directory are lists, mostly of one."""
    values = _list(info, name)
    return items.short(str(values[0])) if values else ""


def _unless_filler(value: Any) -> str:
    text = items.text(value)
    return "" if is_placeholder(text) else text


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6}) (MB|GB|TB)", text)
    return int(match.group(1)) << {"MB": 20, "GB": 30, "TB": 40}[match.group(2)] if match else 0


COLLECTOR = Collector("macos_system", ("darwin",), True, (), applies, read, watched)
