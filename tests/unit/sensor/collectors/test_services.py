from __future__ import annotations

import contextlib
import socket
import sys

import pytest

from weakspot_sensor.collectors import base, services
from weakspot_sensor.files import Root

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TAIL = "00000000:00000000 00:00000000 00000000"

little = pytest.mark.skipif(sys.byteorder != "little", reason="the addresses are those of little-endian kernels")


def _line(address: str, state: str, uid: int = 0, inode: int = 7) -> str:
    return f"   0: {address} 00000000:0000 {state} {TAIL} {uid:5d} 0 {inode} 1 0 100 0\n"


@little
@pytest.mark.parametrize(
    ("digits", "address"),
    [
        ("0100007F", "127.0.0.1"),
        ("00000000", "0.0.0.0"),
        ("00000000000000000000000001000000", "::1"),
        ("B80D0120000000000000000001000000", "2001:db8::1"),
        ("0000000000000000FFFF00000100007F", "127.0.0.1"),
    ],
)
def test_addresses(digits: str, address: str) -> None:
    assert services.parse_address(digits) == address


@little
def test_only_listening_sockets_are_taken() -> None:
    text = HEAD + _line("0100007F:1F90", "0A", 33, 55) + _line("0100007F:1F91", "01") + _line("0100007F:9C40", "0A")
    assert services.parse_table("tcp", text, 32768) == [services.Socket("tcp", "127.0.0.1", 8080, 33, "55")]
    text = HEAD + _line("00000000:0035", "07") + _line("00000000:9C40", "07") + _line("00000000:0000", "07")
    assert [one.port for one in services.parse_table("udp", text, 32768)] == [53], "clients' ports are no services"


def _server() -> socket.socket:
    """On the first free port below the ephemeral range."""
    for port in range(23_000, 24_000):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    raise AssertionError("no port is free")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_socket_of_this_process_is_found_with_its_program() -> None:
    with _server() as server:
        port = server.getsockname()[1]
        result = base.run(services.COLLECTOR, Root("/"), "linux")
    row = next(row for row in result.facts["details"]["services"] if row["port"] == port)
    assert (row["protocol"], row["address"]) == ("tcp", "127.0.0.1")
    assert "python" in row["path"]
    assert {"protocol": "tcp", "address": "127.0.0.1", "port": port} in result.facts["listeners"]


def test_listeners_are_distinct() -> None:
    row = {"protocol": "tcp", "address": "::", "port": 80, "process": "a"}
    assert services.listeners([row, {**row, "process": "b"}]) == [{"protocol": "tcp", "address": "::", "port": 80}]
