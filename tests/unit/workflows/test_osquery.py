"""What a node's settings, running programs and own log become, through the use cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.world import EVERYTHING, World
from weakspot import inventory
from weakspot.inventory import settings
from weakspot.inventory.protocols.osquery import EnrolNode, ResultLine, StatusLine
from weakspot.queries import ListQuery, devices, sources
from weakspot.runtime.clock import DAY, SECOND
from weakspot.workflows import AgentContacts, OsqueryNodes

DEB = "weakspot/deb_packages"
FIREWALL = "weakspot/settings_firewall"
RUNNING = "weakspot/running"


class Node:
    """A node that is enrolled, and what the server knows of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contacts = AgentContacts(world.services)
        self.nodes = OsqueryNodes(world.services, self.contacts)
        token = world.database.write(lambda conn: inventory.issue_token(conn, "nodes", 5, DAY, world.clock()))
        details = {
            "system_info": {"hostname": "node1", "hardware_serial": "SN-1"},
            "os_version": {"name": "Debian GNU/Linux", "platform": "debian", "major": "12", "version": "12 (bookworm)"},
        }
        request = EnrolNode(enroll_secret=token.token, host_identifier="node1", host_details=details)
        key = self.nodes.enrol(request, world.clock())
        assert key is not None
        self.key = key

    @property
    def device(self) -> inventory.ListedDevice:
        with self.world.database.read() as conn:
            (found,) = inventory.listed_devices(conn, None)
        return found

    def log(self, query: str, action: str, counter: int, **row: str) -> None:
        told: dict[str, Any] = {
            "name": query, "action": action, "columns": row, "counter": counter,
            "unixTime": self.world.clock.forward(seconds=60) // SECOND,
        }  # fmt: skip
        line = msgspec.convert(told, ResultLine, strict=False)
        assert self.nodes.record_lines(self.key, [line], self.world.clock()) is not None


@pytest.fixture
def node(tmp_path: Path, later_dialect: str) -> Iterator[Node]:
    world = World(tmp_path)
    yield Node(world)
    world.close()


def curl(version: str = "8.5") -> dict[str, str]:
    return {"name": "curl", "version": version, "arch": "amd64", "source": "", "status": "install ok installed"}


def test_differences_of_settings_become_deltas(node: Node) -> None:
    def current() -> dict[str, str]:
        with node.world.database.read() as conn:
            told = settings.present(conn, node.device.id)
            ids = [] if told is None else told[0].tolist()
            return {one.name: one.value for one in settings.values(conn, ids).values()}

    node.log(DEB, "added", 0, **curl())
    assert current() == {}
    node.log(FIREWALL, "added", 0, name="linux.firewall", value="absent")
    assert current() == {"linux.firewall": "absent"}
    node.log(FIREWALL, "removed", 1, name="linux.firewall", value="absent")
    node.log(FIREWALL, "added", 1, name="linux.firewall", value="active")
    assert current() == {"linux.firewall": "active"}


def test_what_runs_is_told_without_touching_the_inventory(node: Node) -> None:
    node.log(DEB, "added", 0, **curl())
    with node.world.database.read() as conn:
        state = inventory.device_state(conn, node.device.id)
        public_id = inventory.devices(conn, [node.device.id])[0].public_id
    node.log(RUNNING, "added", 0, path="/usr/bin/curl")
    node.world.catch_up()
    with node.world.read() as read:
        assert inventory.device_state(read.conn, node.device.id) == state, "no report is recorded for it"
        (row,) = devices.software(read, EVERYTHING, public_id, ListQuery()).items
    assert row.use is not None
    assert (row.use.days_used, row.use.is_listening) == (1, False)
    node.log(RUNNING, "removed", 1, path="/usr/bin/curl")
    node.world.clock.forward(days=1)
    node.log(DEB, "removed", 1, **curl())
    node.log(DEB, "added", 1, **curl("8.6"))
    with node.world.database.read() as conn:
        kept = inventory.device_details(conn, node.device.id)[0].usage
    assert kept is not None
    assert [one.days_used for one in kept.software] == [1]


def test_a_nodes_own_log_is_kept_with_the_batch_of_contacts(node: Node) -> None:
    node.log(DEB, "added", 0, **curl())
    now = node.world.clock()
    lines = [
        StatusLine(severity=2, message="no such table: \u202edeb_packages", filename="sql.cpp", line=7),
        StatusLine(severity=0, message="x" * 900, unix_time=now // SECOND - 5),
    ]
    assert node.nodes.record_status(node.key, lines, now)
    assert node.nodes.record_status("no-key", lines, now) is None
    node.contacts.flush()
    with node.world.read() as read:
        public_id = inventory.devices(read.conn, [node.device.id])[0].public_id
        (log,) = sources.troubles_of(read, EVERYTHING, public_id).logs
    assert log.source == "osquery"
    assert [(one.severity, len(one.text), one.place) for one in log.lines] == [
        ("error", len("no such table: deb_packages"), "sql.cpp:7"), ("information", 500, ""),
    ]  # fmt: skip
