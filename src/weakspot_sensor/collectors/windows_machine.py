"""What only Windows' own management tells: addresses, accounts, listening programs, certificates, serial number.

One run of PowerShell with a fixed script gives it all as one JSON document.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Tuple

from weakspot_sensor import commands, der, items, limits, registry
from weakspot_sensor.collectors import services, windows_system
from weakspot_sensor.collectors.base import Collector, CollectorError, Findings
from weakspot_sensor.collectors.hardware import is_placeholder
from weakspot_sensor.files import Root
from weakspot_sensor.processes import windows_path

SCRIPT = """
$ErrorActionPreference = 'SilentlyContinue'
$processes = @{}; Get-Process | ForEach-Object { $processes[[int]$_.Id] = $_ }
$admins = @(Get-LocalGroupMember -SID 'S-1-5-32-544' | ForEach-Object { [string]$_.SID })
function listener($protocol, $one) { $p = $processes[[int]$one.OwningProcess]
  @{ protocol = $protocol; address = [string]$one.LocalAddress; port = [int]$one.LocalPort;
     process = [string]$p.Name; path = [string]$p.Path } }
@{
  product = Get-CimInstance Win32_ComputerSystemProduct | Select-Object UUID, IdentifyingNumber
  memory = [string](Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory
  adapters = @(Get-NetAdapter | Select-Object Name, MacAddress, Status, ifIndex)
  addresses = @(Get-NetIPAddress | Select-Object IPAddress, InterfaceIndex)
  users = @(Get-LocalUser | ForEach-Object { @{ name = [string]$_.Name; id = [string]$_.SID;
     is_enabled = [bool]$_.Enabled; is_admin = $admins -contains [string]$_.SID } })
  groups = @(Get-LocalGroup | ForEach-Object { @{ name = [string]$_.Name; id = [string]$_.SID;
     members = @(Get-LocalGroupMember -SID $_.SID | ForEach-Object { [string]$_.Name }) } })
  services = @(Get-NetTCPConnection -State Listen | ForEach-Object { listener 'tcp' $_ }) +
     @(Get-NetUDPEndpoint | Where-Object { $_.LocalPort -lt 49152 } | ForEach-Object { listener 'udp' $_ })
  certificates = @(Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\LocalMachine\\CA, Cert:\\LocalMachine\\My |
     ForEach-Object { @{ store = [string]$_.PSParentPath; data = [Convert]::ToBase64String($_.RawData) } })
} | ConvertTo-Json -Depth 5 -Compress
"""


def applies(_root: Root) -> bool:
    return registry.system().exists("HKLM\\SOFTWARE")


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(_root: Root) -> Findings:
    try:
        output = commands.run(["powershell", "-NoProfile", "-NonInteractive", "-Command", SCRIPT])
    except commands.CommandError as error:
        raise CollectorError(str(error)) from error
    return read_from(output, windows_system.read(_root).facts)


def read_from(output: bytes, known: Dict[str, Any]) -> Findings:
    """known: the facts of `windows_system`, which this completes. Raises CollectorError."""
    try:
        told = json.loads(output.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise CollectorError("PowerShell's answer cannot be read: {}".format(error)) from error
    if not isinstance(told, dict):
        raise CollectorError("PowerShell's answer is no object")
    found = Findings()
    product = (_objects(told, "product") or [{}])[0]
    serial = _unless_filler(product.get("IdentifyingNumber"))
    memory = str(told.get("memory") or "")
    found.facts["hardware"] = {
        **known["hardware"],
        "serial": serial,
        "memory_bytes": int(memory) if memory.isdigit() and len(memory) < 18 else 0,
    }
    interfaces = _interfaces(told)
    ids = [("product_uuid", _unless_filler(product.get("UUID")).lower()), ("serial", serial)]
    ids.extend(("mac", one["mac"]) for one in interfaces)
    named = [{"kind": kind, "value": value[:200]} for kind, value in ids if value]
    found.facts["hardware_ids"] = [*known["hardware_ids"], *named][:128]
    found.facts["interfaces"] = interfaces
    rows = _services(told)
    found.tell("services", rows)
    found.facts["listeners"] = services.listeners(rows)
    found.tell("users", [_user(one) for one in _objects(told, "users")][: limits.USERS])
    found.tell("groups", [_group(one) for one in _objects(told, "groups")][: limits.USERS])
    _certificates(told, found)
    return found


def _objects(told: Dict[str, Any], name: str) -> List[Dict[str, Any]]:
    """A list of objects; PowerShell writes a list of one as that one."""
    value = told.get(name)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _unless_filler(value: Any) -> str:
    text = items.text(value)
    return "" if is_placeholder(text) else text


def _user(one: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "name": items.short(one.get("name")),
        "id": items.short(one.get("id")),
        "is_enabled": one.get("is_enabled") is True,
        "is_admin": one.get("is_admin") is True,
    }


def _group(one: Dict[str, Any]) -> Dict[str, Any]:
    members = one.get("members")
    names = [items.short(name) for name in (members if isinstance(members, list) else [members]) if name]
    return {"name": items.short(one.get("name")), "id": items.short(one.get("id")), "members": names[: limits.NAMES]}


def _interfaces(told: Dict[str, Any]) -> List[Dict[str, Any]]:
    addresses: Dict[Any, List[str]] = {}
    for one in _objects(told, "addresses"):
        address = items.short(one.get("IPAddress")).partition("%")[0]
        if address and not address.lower().startswith(("fe80:", "169.254.", "127.")) and address != "::1":
            addresses.setdefault(one.get("InterfaceIndex"), []).append(address)
    return [
        {
            "name": items.short(one.get("Name")),
            "mac": items.short(one.get("MacAddress")).replace("-", ":").lower(),
            "addresses": sorted(addresses.get(one.get("ifIndex"), []))[: limits.ADDRESSES_PER_INTERFACE],
            "state": "up" if one.get("Status") == "Up" else "down",
        }
        for one in _objects(told, "adapters")[: limits.INTERFACES]
    ]


def _services(told: Dict[str, Any]) -> List[Dict[str, Any]]:
    rows: Dict[Tuple[str, int, str], Dict[str, Any]] = {}
    for one in _objects(told, "services"):
        port, protocol, address = one.get("port"), one.get("protocol"), items.short(one.get("address"))
        if protocol in ("tcp", "udp") and isinstance(port, int) and 0 < port < 65536 and address:
            path = items.text(windows_path(str(one.get("path") or "")))
            row = {"protocol": protocol, "address": address.partition("%")[0], "port": port, "path": path}
            rows[protocol, port, address] = {**row, "process": items.short(one.get("process"))}
    return [rows[key] for key in sorted(rows)][: limits.LISTENERS]


def _certificates(told: Dict[str, Any], found: Findings) -> None:
    """Each certificate once, under the first store that has it."""
    rows: Dict[str, Dict[str, Any]] = {}
    for one in _objects(told, "certificates")[: 2 * limits.CERTIFICATES]:
        try:
            row = der.certificate(base64.b64decode(str(one.get("data")), validate=True))
        except (der.DerError, ValueError) as error:
            found.problems.append("a certificate cannot be read: {}".format(error))
            continue
        store = str(one.get("store")).rsplit("::", 1)[-1].replace("\\", "/")
        rows.setdefault(row["sha256"], {**row, "store": items.text(store)})
    found.tell("certificates", [rows[key] for key in sorted(rows)][: limits.CERTIFICATES])


COLLECTOR = Collector("windows_machine", ("win32",), True, (), applies, read, watched)
