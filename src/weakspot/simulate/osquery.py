"""Simulated osquery nodes: they enrol, answer with a first run of their queries, and log what changes after that.

As osquery itself does, a node keeps its lines until they are acknowledged and sends them again otherwise; one whose key
is refused enrols anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.errors import Unavailable
from weakspot.simulate.agents import Line
from weakspot.simulate.catalogue import Ints
from weakspot.simulate.reports import Wire

ENROL, LOG, CONFIG = "/api/osquery/enroll", "/api/osquery/log", "/api/osquery/config"
LINES_AT_ONCE = 1_024
"""As many lines as osquery sends in one message by default."""
Row = dict[str, str]
_TABLES = {"dpkg": "deb_packages", "rpm": "rpm_packages", "pypi": "python_packages", "npm": "npm_packages"}
_AT_ONCE = 64
_LOOKED_AT, _RUNNING = 40, 8
"""Of what is installed, as many are looked at for programs, and as many run."""


class Node:
    """One simulated node. ``numbers``: what the server confirmed; None before that."""

    def __init__(self, wire: Wire, device: int) -> None:
        self.wire = wire
        self.device = device
        self.key = ""
        self.counter = 0
        self.numbers: Ints | None = None

    def enrolment(self, secret: str, day: int) -> bytes:
        """The body of ``enroll``."""
        described = self.wire.population.described(self.device, day)
        ids = {one.kind: one.value for one in described.hardware_ids}
        info = {
            "hostname": described.name, "uuid": "", "hardware_serial": ids.get("serial", ""),
            "hardware_vendor": described.hardware.vendor, "hardware_model": described.hardware.model,
        }  # fmt: skip
        details = {"system_info": info, "os_version": self._system(day), "osquery_info": {"version": "5.12.1"}}
        body = {"enroll_secret": secret, "host_identifier": f"simulated-{self.device}", "host_details": details}
        return msgspec.json.encode(body)

    def lines(self, day: int, now: Micros, epoch: int) -> tuple[list[dict[str, Any]], Ints]:
        """Result lines of one day, and what the node has after it; no lines where nothing changed."""
        numbers = self.wire.population.installed(self.device, day)
        at = now // SECOND
        if self.numbers is None:
            self.counter = 0
            added, removed = numbers.tolist(), []
        else:
            added = np.setdiff1d(numbers, self.numbers, assume_unique=True).tolist()
            removed = np.setdiff1d(self.numbers, numbers, assume_unique=True).tolist()
            self.counter += 1
        events = [(row_of(self.wire.item(number)), "removed") for number in removed]
        events += [(row_of(self.wire.item(number)), "added") for number in added]
        before, after = ([] if self.numbers is None else self._beside(self.numbers)), self._beside(numbers)
        events += [(row, "removed") for row in before if row not in after]
        events += [(row, "added") for row in after if row not in before]
        found = []
        for (name, columns), action in events:
            found.append(
                {
                    "name": name, "hostIdentifier": f"simulated-{self.device}", "unixTime": at, "epoch": epoch,
                    "counter": self.counter, "numerics": False, "columns": columns, "action": action,
                }
            )  # fmt: skip
        return found, numbers

    def _beside(self, numbers: Ints) -> list[tuple[str, Row]]:
        """Settings and running programs of a device on which this is installed, as (query, row)."""
        items = (self.wire.item(number) for number in numbers[:_LOOKED_AT].tolist())
        programs = [item.name for item in items if item.type in ("dpkg", "rpm")]
        if not programs:
            return []
        firewall = "active" if (self.device + len(numbers)) % 5 else "inactive"
        return [
            ("weakspot/settings_firewall", {"name": "linux.firewall", "value": firewall}),
            *(("weakspot/running", {"path": f"/usr/bin/{name}"}) for name in dict.fromkeys(programs[:_RUNNING])),
        ]

    def _system(self, day: int) -> Row:
        system = self.wire.population.described(self.device, day).os
        if system.platform == "Windows":
            return {"name": "Microsoft Windows 11 Pro", "version": system.version_full, "platform": "windows"}
        major, _, minor = system.version.partition(".")
        return {
            "name": system.distribution, "platform": system.distribution, "version": system.version, "major": major,
            "minor": minor or "0", "codename": system.codename,
        }  # fmt: skip


def row_of(item: InstalledSoftware) -> tuple[str, Row]:
    """Name of the query that tells of an installation, and its row there."""
    table = _TABLES.get(item.type, "programs")
    row = {"name": item.name, "version": item.version}
    if table == "deb_packages":
        row |= {"arch": item.architecture, "source": item.source_name, "status": "install ok installed"}
    elif table == "rpm_packages":
        epoch, _, rest = item.version.rpartition(":")
        version, _, release = rest.rpartition("-")
        source = f"{item.source_name}-{rest}.src.rpm" if item.source_name else ""
        row |= {
            "version": version, "release": release, "epoch": epoch or "0", "arch": item.architecture, "source": source,
        }  # fmt: skip
    elif table == "programs":
        row |= {"publisher": item.vendor}
    return f"weakspot/{table}", row


async def enrol_nodes(line: Line, nodes: Sequence[Node], secret: str, day: int) -> None:
    """Give every node its key, some at once. Raises Unavailable where the server refuses one."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(node: Node) -> None:
        async with places:
            status, answer = await line.send(ENROL, node.enrolment(secret, day), may_fail=False)
        found = msgspec.json.decode(answer) if status == 200 else {}
        if not found.get("node_key"):
            raise Unavailable(f"The server did not enrol a simulated node: {status} {answer[:200]!r}.")
        node.key = found["node_key"]

    await asyncio.gather(*(one(node) for node in nodes if not node.key))


async def live_nodes(
    line: Line, nodes: Sequence[Node], day: int, now: Callable[[], Micros], rate: float, stopping: Callable[[], bool]
) -> int:
    """One simulated day, staggered: every node that is there logs what changed for it. Returns messages accepted."""
    began, running = time.perf_counter(), set[asyncio.Task[None]]()
    before = line.sent.accepted
    population = nodes[0].wire.population if nodes else None

    def there() -> Iterable[Node]:
        return (node for node in nodes if population is None or not population.is_away(node.device, day))

    for number, node in enumerate(there()):
        if stopping():
            break
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        task = asyncio.create_task(_deliver(line, node, day, now()))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return line.sent.accepted - before


async def _deliver(line: Line, node: Node, day: int, now: Micros) -> None:
    status, answer = await line.send(CONFIG, msgspec.json.encode({"node_key": node.key}), may_fail=True)
    config = msgspec.json.decode(answer) if status == 200 else {}
    if status != 200 or config.get("node_invalid"):
        _refused(line, node, answer)
        return
    lines, numbers = node.lines(day, now, int(config["options"]["schedule_epoch"]))
    for first in range(0, len(lines), LINES_AT_ONCE):
        body = {"node_key": node.key, "log_type": "result", "data": lines[first : first + LINES_AT_ONCE]}
        began = time.perf_counter()
        status, answer = await line.send(LOG, msgspec.json.encode(body), may_fail=True)
        if status != 200 or msgspec.json.decode(answer).get("node_invalid"):
            _refused(line, node, answer)
            return
        line.sent.accepted += 1
        line.sent.full += node.numbers is None
        line.sent.seconds.append(time.perf_counter() - began)
    node.numbers = numbers


def _refused(line: Line, node: Node, answer: bytes) -> None:
    """What was planned is planned anew, from the beginning."""
    node.numbers = None
    line.sent.refused += 1
    told = answer[:300].decode("utf-8", "replace")
    line.sent.reasons[told] = line.sent.reasons.get(told, 0) + 1
