"""Figures of the read models: every page over a synthetic fleet. ``python -m bench.queries [--devices N]``

The fleet is that of ``bench.fleet``, with its rows in a database file. Each page is timed on a fleet view that
remembers nothing, as it is right after a report, and with the columns of ``queries.memory`` in place; ``first`` is the
very first request after a start.

"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sqlalchemy.engine import Connection

from bench._lines import emit, percentile, progress, resident_mib, timed
from bench.fleet import Population
from weakspot.access import tables as _access_tables  # noqa: F401  (its tables belong to the schema)
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet
from weakspot.intel import tables as intel_tables
from weakspot.inventory import packing
from weakspot.inventory import tables as inventory_tables
from weakspot.inventory.contracts import DescribedDevice, OperatingSystem
from weakspot.matching import tables as matching_tables
from weakspot.queries import ListQuery, ReadContext, dashboard, devices, search, software, weaknesses
from weakspot.runtime.clock import DAY, SECOND
from weakspot.runtime.database import Database, in_chunks, metadata, sqlite_url
from weakspot.scoring import tables as _scoring_tables  # noqa: F401

NOW = 1_790_000_000 * SECOND
EVERYTHING = Scope(None)
ONE_GROUP = Scope(frozenset([2]))
ROUNDS = 12
SEVERITIES = ("Critical", "High", "Medium", "Low", "Unknown")

Rows = Iterable[dict[str, Any]]
Page = Callable[[ReadContext], Any]


def asked(**given: Any) -> ListQuery:
    """A list query; what is not an option of its own is a filter."""
    options = {name: given.pop(name) for name in ("search", "sort", "page", "page_size") if name in given}
    return ListQuery(filters=given, **options)


PAGES: dict[str, Page] = {
    "weaknesses": lambda read: weaknesses.page(read, EVERYTHING, asked()),
    "weaknesses.group": lambda read: weaknesses.page(read, ONE_GROUP, asked()),
    "weaknesses.filtered": lambda read: weaknesses.page(
        read, EVERYTHING, asked(severity=("High", "Critical"), fix=("available",), search="2099", sort="name")
    ),
    "weaknesses.fix.group": lambda read: weaknesses.page(read, ONE_GROUP, asked(fix=("none",))),
    "weaknesses.deep": lambda read: weaknesses.page(read, EVERYTHING, asked(sort="-exposed_devices", page=300)),
    "weaknesses.any": lambda read: weaknesses.page(read, EVERYTHING, asked(exposed=("any",), sort="-cvss_score")),
    "software.impact": lambda read: software.page(read, EVERYTHING, asked()),
    "software.impact.group": lambda read: software.page(read, ONE_GROUP, asked()),
    "software.weaknesses": lambda read: software.page(read, EVERYTHING, asked(sort="-weaknesses")),
    "software.installed": lambda read: software.page(read, EVERYTHING, asked(sort="-installed_devices", weak=("no",))),
    "software.name": lambda read: software.page(read, EVERYTHING, asked(sort="name", assessed=("yes",))),
    "devices": lambda read: devices.page(read, EVERYTHING, asked()),
    "devices.group": lambda read: devices.page(read, ONE_GROUP, asked(sort="name")),
    "devices.level": lambda read: devices.page(read, EVERYTHING, asked(level=("High",), sort="-weaknesses")),
    "devices.search": lambda read: devices.page(read, EVERYTHING, asked(search="host-77", sort="-software")),
    "devices.os": lambda read: devices.page(read, EVERYTHING, asked(os=("debian 12",), sort="-last_seen_at")),
    "devices.deep": lambda read: devices.page(read, EVERYTHING, asked(sort="name", page=3000)),
    "device": lambda read: devices.detail(read, EVERYTHING, f"{77:040x}"),
    "device.weaknesses": lambda read: devices.weaknesses(read, EVERYTHING, f"{77:040x}", asked()),
    "device.software": lambda read: devices.software(read, EVERYTHING, f"{77:040x}", asked()),
    "search": lambda read: search.search(read, EVERYTHING, "host-77"),
    "dashboard": lambda read: dashboard.show(read, EVERYTHING),
}


def fill(database: Database, population: Population) -> Fleet:
    """Write the fleet's rows and build its index."""
    described = msgspec.msgpack.encode(
        DescribedDevice(name="x", os=OperatingSystem(platform="Linux", distribution="debian", version="12"))
    )
    chunks = list(population.chunks())
    database.write(metadata.create_all)
    t, m = inventory_tables, matching_tables

    def insert(table: Any, rows: Rows) -> None:
        for some in in_chunks(rows, 10_000):
            database.write(lambda conn, some=some: _insert(conn, table, some))

    insert(t.device_group, ({"id": g, "name": f"group {g}", "rank": g, "rule": b"{}"} for g in range(1, 41)))
    ids = range(1, population.devices + 1)
    insert(
        t.device,
        (
            {
                "id": one, "public_id": f"{one:040x}", "name": f"host-{one}", "os_platform": "Linux",
                "os_distribution": "debian", "os_version": str(11 + one % 3), "details": described,
                "first_seen_at": NOW - one * SECOND,
            }
            for one in ids
        ),
    )  # fmt: skip
    insert(
        t.device_decision,
        ({"device_id": one, "group_id": int(population.group_of[one - 1])} for one in ids),
    )
    insert(t.device_seen, ({"device_id": one, "last_seen_at": NOW - one % 1000 * SECOND} for one in ids))
    insert(t.device_inventory, _packed(chunks))
    names = sorted(set(population.software_of.values()))
    insert(
        t.software,
        ({"id": one, "public_id": f"vendor-_-p{one}", "vendor": "vendor", "name": f"p{one}", "type": "dpkg"}
         for one in names),
    )  # fmt: skip
    insert(t.software_version, (_version(one, of) for one, of in population.software_of.items()))
    flaws = sorted({flaw for found in population.matches.values() for flaw in found})
    insert(intel_tables.vulnerability, (_vulnerability(one) for one in flaws))
    pairs = ((version, flaw) for version, found in population.matches.items() for flaw in found)
    insert(m.match, (_match(version, flaw) for version, flaw in pairs))
    fleet = Fleet()
    fleet.build(
        seq=0, software=population.software_of, facts=population.facts(), installations=chunks,
        matches=population.matches, hazards=population.hazards,
    )  # fmt: skip
    return fleet


def _insert(conn: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    conn.execute(table.insert(), rows)


def _packed(chunks: Iterable[tuple[Any, Any]]) -> Rows:
    for owners, versions in chunks:
        starts = np.flatnonzero(np.diff(owners, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(owners)], strict=True):
            ids = versions[start:end].astype(np.uint32)
            yield {
                "device_id": int(owners[start]),
                "installations": packing.pack(ids, np.full(len(ids), NOW - DAY)),
                "digest": "0" * 64,
                "sequence": 1,
                "report_id": "bench",
                "observed_at": NOW - SECOND,
                "reported_at": NOW - SECOND,
                "knowledge_version": 1,
            }


def _version(one: int, software_id: int) -> dict[str, Any]:
    text = f"1.{one}-1"
    return {
        "id": one, "identity_hash": one.to_bytes(8), "software_id": software_id, "type": "dpkg",
        "name": f"p{software_id}", "version": text, "version_key": text.encode(), "scheme": "dpkg",
        "architecture": "amd64", "source_name": f"p{software_id}", "source_version": text, "platform": "Debian:12",
        "vendor": "",
    }  # fmt: skip


def _vulnerability(one: int) -> dict[str, Any]:
    return {
        "id": one, "name": f"CVE-2099-{one}", "state": "current", "title": f"Weakness number {one} of some product",
        "severity": SEVERITIES[one % 5], "cvss_score": one % 100 / 10, "exploit_level": "none",
        "is_known_exploited": one % 100 == 0, "is_used_by_ransomware": False, "published_at": NOW - one * SECOND,
    }  # fmt: skip


def _match(version: int, flaw: int) -> dict[str, Any]:
    return {
        "software_version_id": version, "vulnerability_id": flaw, "since": NOW - DAY,
        "fixed_version": "9" if flaw % 3 else None, "status": "affected", "source": "osv", "method": "source_package",
        "confidence": 100, "evidence": b"\x90", "knowledge_version": 1,
    }  # fmt: skip


def run(count: int) -> None:
    """All pages for one size of fleet."""
    budget = 60.0 if count <= 100_000 else 200.0
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "bench.db"))
        progress(f"{count:,} devices: filling a database")
        fleet = fill(database, Population(count))
        before = resident_mib()
        for name, page in PAGES.items():
            first = timed(lambda page=page: _ask(database, fleet, page))
            times = [timed(lambda page=page: _ask(database, fleet, page)) for _ in range(ROUNDS)]
            emit(f"queries.{name}.p95", count, percentile(times, 0.95), "ms", budget=budget, first=round(first, 1))
        emit("queries.memory", count, resident_mib() - before, "MiB")
        database.close()


def _ask(database: Database, fleet: Fleet, page: Page) -> None:
    fleet.replace(fleet.view().successor())
    with database.read() as conn:
        page(ReadContext(conn=conn, fleet=fleet, now=NOW))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    for count in parser.parse_args().devices:
        run(count)


if __name__ == "__main__":
    main()
