"""Ports that programs listen on, with the program and its package (proc_pid_net(5)).

TCP sockets in the state LISTEN, and UDP sockets that are bound to a port below the ephemeral range and to no peer. Ends
of programs that talk to themselves (this host only, on a port of the ephemeral range) come and go and are left out.
Which program has a socket only root can see of others' programs.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
from typing import Any, Dict, List, NamedTuple, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors import ownership
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_TABLES = (("tcp", "/proc/net/tcp"), ("tcp", "/proc/net/tcp6"), ("udp", "/proc/net/udp"), ("udp", "/proc/net/udp6"))
_LISTEN, _UNCONNECTED = "0A", "07"
_FIRST_EPHEMERAL = "/proc/sys/net/ipv4/ip_local_port_range"
_SOCKET = re.compile(r"socket:\[(\d{1,20})\]")


class Socket(NamedTuple):
    """One listening socket."""

    protocol: str
    address: str
    port: int
    uid: int
    inode: str


class Program(NamedTuple):
    """A process by its name and the file that it runs; either may be unknown."""

    name: str
    path: str


def applies(root: Root) -> bool:
    return root.is_live and root.is_file("/proc/net/tcp")


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(root: Root) -> Findings:
    found = Findings()
    first = root.line(_FIRST_EPHEMERAL).split()
    ephemeral = int(first[0]) if first and first[0].isdigit() else 32768
    sockets: List[Socket] = []
    for protocol, path in _TABLES:
        try:
            text = root.head(path, limits.MANIFEST_BYTES).decode("ascii", "replace")
        except OSError:
            continue
        sockets.extend(parse_table(protocol, text, ephemeral))
    programs = programs_of(root, frozenset(one.inode for one in sockets))
    if any(one.inode not in programs for one in sockets):
        # Without their number: it would change too often to be worth a report.
        found.problems.append("the programs of some sockets cannot be seen")
    owners = ownership.find(root, sorted({one.path for one in programs.values() if one.path}))
    rows = {_key(one): _row(one, programs.get(one.inode), owners) for one in sockets}
    chosen = [rows[key] for key in sorted(rows)][: limits.LISTENERS]
    found.tell("services", chosen)
    found.facts["listeners"] = listeners(chosen)
    return found


def listeners(rows: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The ports alone, each once: what the device is recognised as a server by."""
    once = {(row["protocol"], row["address"], row["port"]) for row in rows}
    return [{"protocol": kind, "address": address, "port": port} for kind, address, port in sorted(once)]


def parse_table(protocol: str, text: str, ephemeral: int) -> List[Socket]:
    """Listening sockets of a table of the kernel. ephemeral: the first port that is given out to clients."""
    found: List[Socket] = []
    for line in text.split("\n")[1:]:
        fields = line.split()
        if len(fields) < 10:
            continue
        address, _, port_text = fields[1].partition(":")
        try:
            port, uid = int(port_text, 16), int(fields[7])
            shown = parse_address(address)
        except (ValueError, OSError, struct.error):
            continue
        state = fields[3]
        is_own = port >= ephemeral and (protocol == "udp" or shown == "::1" or shown.startswith("127."))
        if port and not is_own and state == (_LISTEN if protocol == "tcp" else _UNCONNECTED):
            found.append(Socket(protocol, shown, port, uid, fields[9]))
    return found


def parse_address(digits: str) -> str:
    """An address as the kernel prints it: words of 32 bits in the machine's own order. Raises ValueError."""
    raw = bytes.fromhex(digits)
    if len(raw) not in (4, 16):
        raise ValueError("no address: " + digits)
    if sys.byteorder == "little":
        raw = b"".join(raw[start : start + 4][::-1] for start in range(0, len(raw), 4))
    if len(raw) == 16 and raw[:12] == b"\0" * 10 + b"\xff\xff":
        raw = raw[12:]
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def programs_of(root: Root, inodes: frozenset[str]) -> Dict[str, Program]:
    """The programs that hold these sockets, as far as this process may see; of several the first."""
    found: Dict[str, Program] = {}
    left = limits.DESCRIPTORS
    for pid in sorted((name for name in root.names("/proc") if name.isdigit()), key=int)[: limits.PROCESSES]:
        if len(found) == len(inodes) or left <= 0:
            break
        folder = "/proc/" + pid
        try:
            descriptors = os.listdir(root.locate(folder + "/fd"))
        except OSError:
            continue
        left -= len(descriptors)
        for number in descriptors[: max(0, left)]:
            match = _SOCKET.fullmatch(_link(root, "{}/fd/{}".format(folder, number)))
            if match and match.group(1) in inodes:
                found.setdefault(match.group(1), program_of(root, pid))
    return found


def program_of(root: Root, pid: str) -> Program:
    """What a process runs. A file that was replaced since the start counts under its name."""
    path = _link(root, "/proc/{}/exe".format(pid))
    if path.endswith(" (deleted)"):
        path = path[: -len(" (deleted)")]
    return Program(items.short(root.line("/proc/{}/comm".format(pid))), path if path.startswith("/") else "")


def _link(root: Root, path: str) -> str:
    try:
        return os.readlink(path if root.is_live else root.locate(os.path.dirname(path)) + "/" + os.path.basename(path))
    except OSError:
        return ""


def _key(one: Socket) -> Tuple[str, int, str]:
    return one.protocol, one.port, one.address


def _row(one: Socket, program: Any, owners: Dict[str, str]) -> Dict[str, Any]:
    row: Dict[str, Any] = {"protocol": one.protocol, "address": one.address, "port": one.port, "user": str(one.uid)}
    if program is not None:
        row["process"] = program.name
        row["path"] = items.text(program.path)
        row["owned_by"] = items.text(owners.get(program.path, ""))
    return row


COLLECTOR = Collector("services", ("linux",), True, (), applies, read, watched)
