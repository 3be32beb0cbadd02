"""Simulated nodes tell what their devices have, as osquery would, and the server understands it."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.protocols.osquery import (
    NodeState,
    ResultLine,
    applied,
    described_by,
    inventory_of,
    noted,
    report,
    settings_of,
)
from weakspot.runtime.clock import DAY
from weakspot.simulate.catalogue import Catalogue
from weakspot.simulate.osquery import Node
from weakspot.simulate.population import Population
from weakspot.simulate.reports import Wire

NOW = 1_790_000_000_000_000
WIRE = Wire(Population(3, 30, Catalogue(3, size=400), per_device=20))


def taken(state: NodeState, lines: list[dict[str, Any]], now: int) -> None:
    """The lines, over the wire."""
    applied(state, msgspec.convert(lines, list[ResultLine]), now)


def identity(item: InstalledSoftware) -> tuple[str, str]:
    """Name and version."""
    return item.name, item.version


def test_after_any_days_the_server_has_what_the_device_has() -> None:
    for device in range(30):
        node, state = Node(WIRE, device), NodeState()
        described = WIRE.population.described(device)
        for day in (0, 1, 40, 41, 90):
            lines, numbers = node.lines(day, NOW + day * DAY, 5)
            taken(state, lines, NOW + day * DAY)
            node.numbers = numbers
            found = {identity(one) for one in inventory_of(state, described).software if one.type != "windows_os"}
            assert found == {identity(WIRE.item(number)) for number in numbers.tolist()}, (device, day)


def test_a_node_tells_settings_and_what_runs() -> None:
    told = 0
    for device in range(30):
        node, state = Node(WIRE, device), NodeState()
        for day in (0, 20, 40):
            lines, numbers = node.lines(day, NOW + day * DAY, 5)
            taken(state, lines, NOW + day * DAY)
            noted(state, msgspec.convert(lines, list[ResultLine]), NOW + day * DAY)
            node.numbers = numbers
        settings = settings_of(state)
        if settings is not None:
            told += 1
            assert [one.name for one in settings] == ["linux.firewall"], "one value of a name, whatever it was before"
            used = report(state, inventory_of(state, WIRE.population.described(device)).software)
            assert used is not None
            assert used.software
    assert told > 10


def test_a_node_describes_its_device() -> None:
    for device in range(30):
        body = msgspec.json.decode(Node(WIRE, device).enrolment("secret", 0))
        facts = {name: [row] for name, row in body["host_details"].items()}
        told, known = described_by(None, facts), WIRE.population.described(device)
        assert (told.name, told.os.platform, told.os.distribution) == (
            known.name, known.os.platform, known.os.distribution,
        )  # fmt: skip
        assert {one.value for one in told.hardware_ids} <= {one.value for one in known.hardware_ids}
