"""Network interfaces: from /sys/class/net, with the addresses that the kernel tells over rtnetlink(7)."""

from __future__ import annotations

import socket
import struct
from typing import Any, Dict, Iterator, List, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_NET = "/sys/class/net"
_GET_ADDRESSES, _NEW_ADDRESS, _DONE, _ERROR = 22, 20, 3, 2
_REQUEST_DUMP = 0x301
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_SCOPE_LINK = 253
_HEADER = struct.Struct("=LHHLL")
_ADDRESS = struct.Struct("=BBBBI")
_SECONDS = 3.0

# Ends of container links come and go by the hundred and say nothing about the device.
_TRANSIENT = ("veth", "cali", "lxc", "cilium", "vnet", "tap", "ifb")


def applies(root: Root) -> bool:
    return root.is_folder(_NET)


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(root: Root) -> Findings:
    found = Findings()
    addresses: Dict[int, List[str]] = {}
    if root.is_live:
        try:
            addresses = _ask_kernel()
        except (OSError, struct.error, AttributeError) as error:
            found.problems.append("the kernel does not tell the addresses: {}".format(error))
    interfaces = (_interface(root, name, addresses) for name in root.names(_NET))
    found.facts["interfaces"] = [entry for entry in interfaces if entry][: limits.INTERFACES]
    return found


def _interface(root: Root, name: str, addresses: Dict[int, List[str]]) -> Dict[str, Any]:
    """One interface as reported; {} for one that says nothing about the device."""
    base = _NET + "/" + name
    if name == "lo" or name.startswith(_TRANSIENT) or not root.is_folder(base):
        return {}
    index = root.line(base + "/ifindex")
    own = addresses.get(int(index), []) if index.isdigit() else []
    if not own and not root.is_folder(base + "/device"):
        return {}
    state = root.line(base + "/operstate")
    if state not in ("up", "down"):
        # Tunnels and some virtual cards always say "unknown"; the administrative flag then decides.
        flags = root.line(base + "/flags")
        try:
            state = "up" if int(flags, 16) & 1 else "down"
        except ValueError:
            state = "unknown"
    return {
        "name": items.short(name),
        "mac": items.short(root.line(base + "/address").lower()),
        "addresses": sorted(own)[: limits.ADDRESSES_PER_INTERFACE],
        "state": state,
    }


def _ask_kernel() -> Dict[int, List[str]]:
    """Addresses by interface index, without link-local ones. Raises OSError."""
    found: Dict[int, List[str]] = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
        link.settimeout(_SECONDS)
        link.bind((0, 0))
        body = _ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
        link.send(_HEADER.pack(_HEADER.size + len(body), _GET_ADDRESSES, _REQUEST_DUMP, 1, 0) + body)
        for _ in range(1000):
            data = link.recv(1 << 18)
            for kind, payload in _messages(data):
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    raise OSError("rtnetlink refused the question")
                if kind == _NEW_ADDRESS:
                    index, address = parse_address(payload)
                    if address:
                        found.setdefault(index, []).append(address)
    return found


def _messages(data: bytes) -> Iterator[Tuple[int, bytes]]:
    offset = 0
    while offset + _HEADER.size <= len(data):
        length, kind, _flags, _sequence, _port = _HEADER.unpack_from(data, offset)
        if length < _HEADER.size:
            return
        yield kind, data[offset + _HEADER.size : offset + length]
        offset += (length + 3) & ~3


def parse_address(payload: bytes) -> Tuple[int, str]:
    """(interface index, address) of one ifaddrmsg; "" for link-local and unknown families."""
    family, _prefix, _flags, scope, index = _ADDRESS.unpack_from(payload)
    values: Dict[int, bytes] = {}
    offset = _ADDRESS.size
    while offset + 4 <= len(payload):
        length, kind = struct.unpack_from("=HH", payload, offset)
        if length < 4:
            break
        values[kind] = payload[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    # On point-to-point links IFA_ADDRESS is the other end.
    raw = values.get(_IFA_LOCAL) or values.get(_IFA_ADDRESS, b"")
    sizes = {socket.AF_INET: 4, socket.AF_INET6: 16}
    if scope == _SCOPE_LINK or sizes.get(family) != len(raw):
        return index, ""
    return index, socket.inet_ntop(family, raw)


COLLECTOR = Collector("network", ("linux",), False, (), applies, read, watched)
