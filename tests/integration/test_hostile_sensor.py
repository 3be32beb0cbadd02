"""A hostile sensor against a running server: it changes nothing outside its own device, is limited, and is audited."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.integration.test_malformed import state
from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def victim(server: ServerProcess) -> RealDevice:
    """A device with an inventory that must stay as it is."""
    found = RealDevice(server, "victim")
    found.report(package("alpha"), package("beta"))
    return found


@pytest.fixture(scope="module")
def attacker(server: ServerProcess, victim: RealDevice) -> RealDevice:
    """An enrolled device that means harm."""
    found = RealDevice(server, "attacker")
    found.report(package("alpha"))
    return found


@pytest.fixture(autouse=True)
def _unharmed(server: ServerProcess, victim: RealDevice) -> Iterator[None]:
    before = of_device(server, victim.id)
    yield
    assert of_device(server, victim.id) == before


def of_device(server: ServerProcess, public_id: str) -> dict[str, Any]:
    """All that is stored of one device."""
    with closing(sqlite3.connect(f"file:{server.data / 'weakspot.db'}?mode=ro", uri=True)) as conn:
        (number,) = conn.execute("SELECT id FROM inventory_device WHERE public_id = ?", (public_id,)).fetchone()
        tables = ("device_inventory", "device_evidence", "device_key", "hardware_id", "device_decision", "device_end")
        found: dict[str, Any] = {
            name: conn.execute(f"SELECT * FROM inventory_{name} WHERE device_id = ?", (number,)).fetchall()
            for name in tables
        }
        found["device"] = conn.execute("SELECT * FROM inventory_device WHERE id = ?", (number,)).fetchall()
        return found


def audited(server: ServerProcess) -> set[tuple[str, str]]:
    """(device, reason) of refusals in the audit log."""
    with closing(sqlite3.connect(f"file:{server.data / 'weakspot.db'}?mode=ro", uri=True)) as conn:
        rows = conn.execute("SELECT target, details FROM access_audit WHERE action = 'sensor.refused'").fetchall()
    return {(target, json.loads(details)["reason"]) for target, details in rows}


def wait_for_audit(server: ServerProcess, *expected: tuple[str, str]) -> None:
    """The lines are written behind the answers, by the one writer: one more write and they are there."""
    server.enrolment_token()
    assert set(expected) <= audited(server)


def test_a_key_speaks_for_its_own_device_only(server: ServerProcess, victim: RealDevice, attacker: RealDevice) -> None:
    forged = attacker.full([package("evil")]) | {"device": victim.described}
    reply = attacker.send(forged)
    assert (reply.status, reply.json["type"].rpartition("/")[2]) == (409, "device-known")
    wait_for_audit(server, (f"device:{attacker.id}", "device-known"))


def test_a_device_id_in_the_report_is_not_listened_to(
    server: ServerProcess, victim: RealDevice, attacker: RealDevice
) -> None:
    report = attacker.full([package("alpha")]) | {"device_id": victim.id}
    reply = attacker.send(report)
    assert (reply.status, reply.json["device_id"]) == (200, attacker.id)
    attacker.sequence = report["sequence"]


def test_a_guessed_key_is_refused_and_audited(server: ServerProcess, attacker: RealDevice) -> None:
    before = state(server)
    reply = attacker.send(attacker.full([]), Authorization="Bearer wsd_" + "a" * 43)
    assert reply.status == 401
    assert state(server) == before
    wait_for_audit(server, ("device:an unknown key", "unauthenticated"))


def test_a_gigabyte_is_refused_before_it_is_read(server: ServerProcess, attacker: RealDevice) -> None:
    before = state(server)
    declared = attacker.send_raw(b"x" * 1024, Content_Length=str(1024 * MIB))
    assert declared.status == 413
    # And one that is simply sent is cut off where the limit is: the answer may not even be read.
    try:
        assert attacker.send_raw(gzip.compress(b"[" + b" " * (17 * MIB), 0)).status == 413
    except ConnectionError:
        server.settle()
        assert server.get("/api/v1/devices")["total"] >= 2
    assert state(server) == before
    wait_for_audit(server, (f"device:{attacker.id}", "too-large"))


def test_a_zip_bomb_and_deep_nesting_are_refused(server: ServerProcess, attacker: RealDevice) -> None:
    before = state(server)
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(bomb.compress(b"\0" * MIB) for _ in range(1024)) + bomb.flush()
    assert len(body) < 2 * MIB
    assert attacker.send_raw(body).status == 413
    deep = b'{"schema":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert attacker.send_raw(gzip.compress(deep)).status in (400, 413, 422)
    assert state(server) == before


def test_ten_thousand_fake_products_stay_on_their_own_device(
    server: ServerProcess, victim: RealDevice, attacker: RealDevice
) -> None:
    fakes = [package(f"fake-{n}", "6.6.6") for n in range(10_000)]
    attacker.report(*fakes)
    shown = server.get(f"/api/v1/devices/{attacker.id}/software?page_size=1")
    assert shown["total"] == 10_000
    assert server.get(f"/api/v1/devices/{victim.id}/software")["total"] == 2
    too_many = [package(f"fake-{n}", "6.6.7") for n in range(50_001)]
    reply = attacker.send(attacker.full(too_many))
    assert (reply.status, reply.json["field"]) == (422, "software")
    wait_for_audit(server, (f"device:{attacker.id}", "invalid-field"))
    attacker.report(package("alpha"))
