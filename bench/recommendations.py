"""Figures of the list of recommendations: every sort, every kind of filter, with and without exceptions.
``python -m bench.recommendations [--devices N ...]``

The fleet is that of ``bench.queries``, read from its database as a server reads it. Each page is asked for right after
a device's report has changed two of its installations, so nothing is remembered of that fleet view; ``first`` is the
request that makes the order which is kept for half a minute. Figures that end in ``.cpu`` are of processor time. The
exceptions are some of recommendations (half of them by device group) and some of vulnerabilities, and one that covers
every vulnerability everywhere.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pyroaring import BitMap

from bench._lines import emit, percentile, progress, timed
from bench.fleet import Population
from bench.queries import EVERYTHING, NOW, ONE_GROUP, Page, asked, fill
from weakspot import exceptions
from weakspot.access.contracts import Scope
from weakspot.exceptions import ExceptionScope, NewException
from weakspot.fleet import Batch, DeviceVersions, Fleet, FleetFollower
from weakspot.queries import ReadContext, plan, recommendations
from weakspot.queries.memory import warm
from weakspot.queries.plan import PlanQuery
from weakspot.runtime.clock import DAY
from weakspot.runtime.database import Database, sqlite_url
from weakspot.runtime.processes import tune
from weakspot.scoring import Cover, Excepted
from weakspot.scoring.rules.hazards import hazard, raised_hazard

SMALL_GROUP = Scope(frozenset([40]))
ROUNDS = 12
PLANS = 3
EXCEPTED = 20
"""Recommendations and vulnerabilities that exceptions are about, of each."""

PAGES: dict[str, Page] = {
    **{
        f"sort.{one}": lambda read, one=one: recommendations.page(read, EVERYTHING, asked(sort=f"-{one}"))  # type: ignore[misc]
        for one in recommendations.SHAPE.sorts
    },
    "group": lambda read: recommendations.page(read, ONE_GROUP, asked()),
    "group.exposed": lambda read: recommendations.page(read, ONE_GROUP, asked(sort="-exposed_devices")),
    "group.small": lambda read: recommendations.page(read, SMALL_GROUP, asked()),
    "search": lambda read: recommendations.page(read, EVERYTHING, asked(search="p77")),
    "status": lambda read: recommendations.page(read, EVERYTHING, asked(status=("active", "partial_exception"))),
    "severity": lambda read: recommendations.page(read, EVERYTHING, asked(severity=("High",), sort="title")),
    "threat": lambda read: recommendations.page(read, EVERYTHING, asked(threat=("exploit", "active_detection"))),
    "deep": lambda read: recommendations.page(read, EVERYTHING, asked(page=30)),
}


def run(count: int) -> None:
    """All figures for one size."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "bench.db"))
        progress(f"recommendations: {count:,} devices: filling a database")
        fill(database, Population(count))
        follower = FleetFollower(database, hazard=hazard, raised=raised_hazard, clock=lambda: NOW)
        tune()
        try:
            figures(database, follower.fleet, count)
        finally:
            follower.stop()
            database.close()


def figures(database: Database, fleet: Fleet, count: int) -> None:
    """Pages without exceptions and with them, what all excepted costs, and a plan as its page makes it."""
    with database.read() as conn:
        warm(ReadContext(conn=conn, fleet=fleet, now=NOW))
        idents = [row.id for row in recommendations.page(
            ReadContext(conn=conn, fleet=fleet, now=NOW), EVERYTHING, asked(page_size=EXCEPTED)).items]  # fmt: skip
    told(database, fleet, count, "recommendations", PAGES)
    planned(database, fleet, count, "recommendations.plan.ten")
    for new in wanted(idents):
        database.write(lambda conn, new=new: exceptions.request(conn, new, "user:1:bench", NOW))  # type: ignore[misc]
    told(database, fleet, count, "recommendations.excepted", PAGES)
    planned(database, fleet, count, "recommendations.excepted.plan.ten")
    all_excepted(fleet, count)


def told(database: Database, fleet: Fleet, count: int, name: str, pages: Mapping[str, Page]) -> None:
    """One line a page."""
    for one, page in pages.items():
        first, first_cpu = asking(database, fleet, page)
        took = [asking(database, fleet, page) for _ in range(ROUNDS)]
        budget = 60.0 if count <= 100_000 else 200.0
        emit(f"{name}.{one}.p95", count, percentile([wall for wall, _ in took], 0.95), "ms",
             budget=budget, first=round(first, 1))  # fmt: skip
        emit(f"{name}.{one}.p95.cpu", count, percentile([cpu for _, cpu in took], 0.95), "ms",
             budget=budget, first=round(first_cpu, 1))  # fmt: skip


def asking(database: Database, fleet: Fleet, page: Page) -> tuple[float, float]:
    """Milliseconds of one request right after a report, and of the processor for it."""
    report(fleet)
    cpu = time.thread_time()
    with database.read() as conn:
        wall = timed(lambda: page(ReadContext(conn=conn, fleet=fleet, now=NOW)))
    return wall, (time.thread_time() - cpu) * 1000


def report(fleet: Fleet) -> None:
    """A device loses two software versions that have weaknesses; before that, the one before it gets its own back."""
    view = fleet.view()
    back = _missing.pop(id(fleet), None)
    device = 1 if back is None else back.device_id % (view.device_extent - 1) + 1
    versions = view.versions_on(device)
    weak = [one for one in versions.tolist() if view.weaknesses[one]]
    away = frozenset([*weak[:1], *weak[-1:]])
    kept = DeviceVersions(device, versions[~np.isin(versions, list(away))], away)
    fleet.apply(Batch(devices=[kept] if back is None else [back, kept]))
    _missing[id(fleet)] = DeviceVersions(device, versions, away)


_missing: dict[int, DeviceVersions] = {}


def planned(database: Database, fleet: Fleet, count: int, name: str) -> None:
    """A plan of ten, with everything around it."""
    took = [
        asking(database, fleet, lambda read: plan.plan(read, EVERYTHING, PlanQuery(actions=10))) for _ in range(PLANS)
    ]
    budget = 1.0 if count <= 100_000 else 5.0
    emit(name, count, min(wall for wall, _ in took) / 1000, "s", budget=budget, first=round(took[0][0] / 1000, 3))
    emit(f"{name}.cpu", count, min(cpu for _, cpu in took) / 1000, "s", budget=budget,
         first=round(took[0][1] / 1000, 3))  # fmt: skip


def wanted(idents: list[str]) -> list[NewException]:
    """Exceptions of the worst recommendations, every other one for one group, and of vulnerabilities."""
    group = ExceptionScope(kind="device_group", group_ids=(2,))
    about = [("recommendation", one, "third_party_control", group if at % 2 else ExceptionScope())
             for at, one in enumerate(idents)]  # fmt: skip
    about += [("vulnerability", f"CVE-2099-{number}", "risk_accepted", ExceptionScope())
              for number in range(100, 100 + EXCEPTED)]  # fmt: skip
    return [
        NewException(subject_kind=kind, subject=subject, scope=scope, justification=why,  # type: ignore[arg-type]
                     context="figures", until_at=NOW + 30 * DAY)
        for kind, subject, why, scope in about
    ]  # fmt: skip


def all_excepted(fleet: Fleet, count: int) -> None:
    """Every vulnerability on every device under an exception: what that takes from all counts and scores."""
    view = fleet.view().successor()
    present, _ = view.vulnerability_counts(EVERYTHING)
    versions = {version for one in present.tolist() for version in view.carriers[one]}
    cover = Cover(versions=frozenset(versions), vulnerabilities=BitMap(present.tolist()),
                  devices=view.population.all_devices())  # fmt: skip
    cpu, began = time.thread_time(), time.perf_counter()
    excepted = Excepted(view, [cover])
    score = excepted.score(EVERYTHING)
    hidden = excepted.counts(EVERYTHING)
    wall, used = time.perf_counter() - began, time.thread_time() - cpu
    for name, value in (("recommendations.excepted.all", wall), ("recommendations.excepted.all.cpu", used)):
        emit(name, count, value, "s", budget=1.0 if count <= 100_000 else None, vulnerabilities=len(hidden),
             score=score)  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[10_000])
    for devices in parser.parse_args().devices:
        run(devices)


if __name__ == "__main__":
    main()
