"""Figures of the fleet index and the scoring. ``python -m bench.fleet [--full] [--devices N ...]``

The fleet is synthetic and seeded: 150 software versions a device out of 60,000 over 8,000 software (popularity by
Zipf, four families of operating systems, 40 groups), about 17,000 vulnerabilities on some 350 findings a device.
Device ids are random with respect to groups, so that the bitmaps are not flattered.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench._lines import emit, median, percentile, progress, resident_mib, timed
from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceFacts, DeviceVersions, Fleet, FleetView, snapshots
from weakspot.scoring import device_scores, organisation_score, software_impact, software_impacts

Ints = npt.NDArray[np.int64]

EVERYTHING = Scope(None)
SOFTWARE = 8_000
PER_DEVICE = 150
GROUPS = 40
FAMILIES = 4
UNIT = 1 << 32
CHUNK = 50_000
BUDGETS = {100_000: {"advisory": 20.0, "page": 60.0, "epss": 5.0, "restart": 3.0, "memory": 600.0},
           1_000_000: {"advisory": 150.0, "page": 200.0, "epss": 30.0, "restart": 15.0, "memory": 2000.0}}  # fmt: skip


class Population:
    """A seeded fleet: which versions exist, what carries what, and the installations chunk by chunk."""

    def __init__(self, devices: int, seed: int = 1) -> None:
        self.devices = devices
        self._rng = np.random.default_rng(seed)
        sizes = 1 + self._rng.zipf(1.6, SOFTWARE) % 60
        self.first = np.concatenate([[1], 1 + np.cumsum(sizes)])
        self.sizes = sizes
        self.software_of = {
            int(version): software + 1
            for software in range(SOFTWARE)
            for version in range(self.first[software], self.first[software + 1])
        }
        weights = 1 / np.arange(1, SOFTWARE + 1) ** 0.9
        self._popularity = self._rng.permutation(weights) / weights.sum()
        self._family = self._rng.integers(0, FAMILIES, SOFTWARE)
        self.group_of = 1 + np.minimum(self._rng.zipf(1.3, devices) - 1, GROUPS - 1)
        self.matches = self._matches()
        present = sorted({one for found in self.matches.values() for one in found})
        scale = self._rng.random(len(present)) ** 4
        self.hazards = {one: int(share * UNIT * 0.02) for one, share in zip(present, scale, strict=True)}

    def _matches(self) -> dict[int, list[int]]:
        """A vulnerability is in the versions of its software below the fixed one, and often in a sister package too."""
        matches: dict[int, list[int]] = {}
        dice = random.Random(7)
        popular = np.argsort(-self._popularity)
        for vulnerability in range(1, 17_500):
            # Popular software has more of them, as in real life: a third is in the upper tenth.
            software = int(popular[dice.randrange(SOFTWARE // 10 if dice.random() < 0.35 else SOFTWARE)])
            for sister in {software, (software + 1) % SOFTWARE} if dice.random() < 0.3 else {software}:
                fixed = dice.randint(1, int(self.sizes[sister]))
                for version in range(self.first[sister], self.first[sister] + fixed):
                    matches.setdefault(int(version), []).append(vulnerability)
        return matches

    def chunks(self) -> Iterator[tuple[Ints, Ints]]:
        """(device ids, software version ids) of all installations."""
        by_family = [self._popularity * np.where((self._family == 0) | (self._family == f), 1, 0.02) for f in range(4)]
        by_family = [weights / weights.sum() for weights in by_family]
        families = self._rng.choice(4, self.devices, p=[0.55, 0.2, 0.15, 0.1])
        for start in range(1, self.devices + 1, CHUNK):
            ids = np.arange(start, min(start + CHUNK, self.devices + 1))
            software = np.empty((len(ids), PER_DEVICE), np.int64)
            for family in range(4):
                mine = families[ids - 1] == family
                software[mine] = self._rng.choice(SOFTWARE, (int(mine.sum()), PER_DEVICE), p=by_family[family])
            newest = self._rng.random(software.shape) ** 3
            versions = self.first[software] + ((1 - newest) * self.sizes[software]).astype(np.int64)
            versions = np.minimum(versions, self.first[software + 1] - 1)
            pairs = np.sort((np.repeat(ids, PER_DEVICE) << 32) | versions.ravel())
            pairs = pairs[np.diff(pairs, prepend=-1) > 0]
            yield pairs >> 32, pairs & 0xFFFFFFFF

    def facts(self) -> list[DeviceFacts]:
        """Group and value of every device."""
        return [
            DeviceFacts(device, int(self.group_of[device - 1]), "High" if device % 50 == 0 else "Normal", True)
            for device in range(1, self.devices + 1)
        ]


def run(devices: int, *, baselines: bool) -> None:
    """All figures for one size."""
    budgets = BUDGETS.get(devices, {})
    progress(f"fleet of {devices:,} devices: generating")
    population = Population(devices)
    facts = population.facts()
    chunks = list(population.chunks()) if baselines else population.chunks()
    waited = Waited(chunks)
    before = resident_mib()
    fleet = Fleet()

    def build() -> None:
        fleet.build(
            seq=1,
            software=population.software_of,
            facts=facts,
            installations=waited,
            matches=population.matches,
            hazards=population.hazards,
        )

    progress("building")
    emit("fleet.build", devices, timed(build) / 1000 - waited.seconds, "s")
    sample = sample_rows(fleet.view(), devices)
    sizes = fleet.view().sizes()
    emit("fleet.findings", devices, sizes.findings, "findings", versions=sizes.software_versions)
    emit("fleet.bitmaps", devices, sizes.bitmap_bytes / 1e6, "MB")
    emit("fleet.memory", devices, resident_mib() - (before if baselines else 0), "MiB", budget=budgets.get("memory"))
    baseline = Sqlite(chunks, population) if baselines else None
    updates(fleet, sample)
    advisories(fleet, devices, budgets, baseline)
    pages(fleet, devices, budgets, baseline)
    scores(fleet, devices, budgets)
    restart(fleet, devices, budgets)


class Waited:
    """Passes chunks on and measures the time that making them took."""

    def __init__(self, chunks: Iterable[tuple[Ints, Ints]]) -> None:
        self._chunks = iter(chunks)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[tuple[Ints, Ints]]:
        return self

    def __next__(self) -> tuple[Ints, Ints]:
        started = time.perf_counter()
        try:
            return next(self._chunks)
        finally:
            self.seconds += time.perf_counter() - started


def sample_rows(view: FleetView, devices: int) -> dict[int, npt.NDArray[np.uint32]]:
    """Installed versions of some devices."""
    return {device: view.versions_on(device) for device in range(1, devices + 1, max(1, devices // 150))}


def updates(fleet: Fleet, sample: dict[int, npt.NDArray[np.uint32]]) -> None:
    """Reports of single devices: five versions replaced by others."""
    devices = len(fleet.view().population.all_devices())
    dice = random.Random(3)
    known = list(fleet.view().installed.items())
    batches: list[Batch] = []
    for device, versions in sample.items():
        gone = set(dice.sample(versions.tolist(), min(5, len(versions))))
        come = {dice.choice(known)[0] for _ in range(5)}
        now = np.array(sorted((set(versions.tolist()) - gone) | come), np.uint32)
        batches.append(Batch(devices=[DeviceVersions(device, now, frozenset(gone | come))]))
    times = [timed(lambda batch=batch: fleet.apply(batch)) for batch in batches]
    emit("fleet.update.p50", devices, statistics.median(times), "ms", budget=5.0)
    emit("fleet.update.p99", devices, percentile(times, 0.99), "ms", budget=30.0)
    together = Batch(
        devices=[DeviceVersions(one.devices[0].device_id, sample[one.devices[0].device_id], one.devices[0].touched)
                 for one in batches]
    )  # fmt: skip
    emit("fleet.updates", devices, len(batches) / (timed(lambda: fleet.apply(together)) / 1000), "devices/s")


def advisories(fleet: Fleet, devices: int, budgets: dict[str, float], baseline: Sqlite | None) -> None:
    """A new vulnerability in the versions of the most widespread software."""
    ids, installed, _ = fleet.software_counts(EVERYTHING)
    software = int(ids[int(np.argmax(installed))])
    versions = fleet.versions_of_software(software).tolist()
    times: list[float] = []
    for number in range(7):
        new = 900_000 + number
        matches = {version: [*fleet.vulnerabilities_of_version(version), new] for version in versions}

        def publish(matches: dict[int, list[int]] = matches, new: int = new) -> None:
            fleet.apply(Batch(matches=matches, hazards={new: UNIT}))
            fleet.view().count_of_vulnerability(new, EVERYTHING)
            len(fleet.devices_of_vulnerability(new, EVERYTHING))

        times.append(timed(publish))
    exposed = len(fleet.devices_of_vulnerability(900_000, EVERYTHING))
    emit("fleet.advisory", devices, statistics.median(times), "ms", budget=budgets.get("advisory"),
         baseline=baseline.advisory(versions) if baseline else None, exposed=exposed)  # fmt: skip


def pages(fleet: Fleet, devices: int, budgets: dict[str, float], baseline: Sqlite | None) -> None:
    """What list pages ask: counts in any group, sorted; each on a view that has remembered nothing."""
    group = Scope(frozenset([2]))
    budget = budgets.get("page")

    def fresh() -> FleetView:
        return fleet.view().successor()

    def top(scope: Scope) -> None:
        ids, counts = fresh().vulnerability_counts(scope)
        order = np.argsort(-counts, kind="stable")[:50]
        ids[order].tolist()

    emit("fleet.counts.all", devices, median(lambda: fresh().vulnerability_counts(EVERYTHING)), "ms", budget=budget)
    emit("fleet.top50.group", devices, median(lambda: top(group)), "ms", budget=budget,
         baseline=baseline.top(2) if baseline else None)  # fmt: skip
    emit("fleet.software.group", devices, median(lambda: fresh().software_counts(group)), "ms", budget=budget)

    def worst_devices() -> None:
        ids, hazards, _ = fresh().device_hazards(None, EVERYTHING)
        worst = np.argpartition(-hazards, 50)[:50] if len(ids) > 50 else np.arange(len(ids))
        device_scores(hazards[worst])

    emit("fleet.top50.devices", devices, median(worst_devices), "ms", budget=budget)
    widest = int(fleet.vulnerability_counts(EVERYTHING)[0][np.argmax(fleet.vulnerability_counts(EVERYTHING)[1])])
    emit("fleet.members", devices, median(lambda: fresh().devices_of_vulnerability(widest, group)), "ms", budget=budget)
    emit("fleet.device.weaknesses", devices, median(lambda: fleet.vulnerabilities_of_device(1)), "ms", budget=budget)


def scores(fleet: Fleet, devices: int, budgets: dict[str, float]) -> None:
    """A new day's EPSS, folded in slices, with a timer beside it; the organisation's score; the impact of one fix."""
    view = fleet.view()
    present = view.present().tolist()
    hazards = {one: view.vulnerability_hazard(one) + 1 + one % 7 for one in present}
    waits: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            started = time.perf_counter()
            time.sleep(0.002)
            waits.append((time.perf_counter() - started) * 1000 - 2)

    timer = threading.Thread(target=tick)
    timer.start()
    breath = [time.perf_counter()]

    def breathe() -> None:
        if time.perf_counter() - breath[0] > 0.001:
            time.sleep(0)
            breath[0] = time.perf_counter()

    def fold() -> None:
        fleet.begin_hazards(hazards)
        while not fleet.fold_hazards(50, pause=breathe):
            pass

    emit("scoring.epss_day", devices, timed(fold) / 1000, "s", budget=budgets.get("epss"), changed=len(hazards))
    stop.set()
    timer.join()
    emit("fleet.fold.delay.p99", devices, percentile(waits, 0.99), "ms", budget=20.0 if devices <= 100_000 else 30.0)
    emit(
        "scoring.organisation", devices, median(lambda: organisation_score(fleet.view().successor(), EVERYTHING)), "ms"
    )
    ids, installed, _ = fleet.software_counts(EVERYTHING)
    common = ids[np.argsort(-installed)[:25]].tolist()
    organisation_score(fleet, EVERYTHING)
    times = [timed(lambda one=one: software_impact(fleet, one, EVERYTHING)) for one in common]
    emit("scoring.impact.p50", devices, statistics.median(times), "ms")
    emit("scoring.impact.max", devices, max(times), "ms")
    page = random.Random(5).sample(ids.tolist(), 50)
    emit(
        "scoring.impact.page",
        devices,
        timed(lambda: software_impacts(fleet.view().successor(), page, EVERYTHING)),
        "ms",
    )


def restart(fleet: Fleet, devices: int, budgets: dict[str, float]) -> None:
    """Snapshot file out and in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.snapshot"
        emit("fleet.snapshot.write", devices, timed(lambda: snapshots.write(path, fleet.view(), "bench")) / 1000, "s")
        emit("fleet.snapshot.size", devices, path.stat().st_size / 1e6, "MB")
        emit(
            "fleet.snapshot.read",
            devices,
            timed(lambda: snapshots.read(path)) / 1000,
            "s",
            budget=budgets.get("restart"),
        )


class Sqlite:
    """The same questions as SQL over a table of installations and one of matches, as without an index."""

    def __init__(self, chunks: list[tuple[Ints, Ints]] | Iterator[tuple[Ints, Ints]], population: Population) -> None:
        progress("loading the SQL baseline")
        self._db = sqlite3.connect(":memory:")
        self._db.execute("CREATE TABLE installed (version INTEGER, device INTEGER)")
        self._db.execute("CREATE TABLE found (vulnerability INTEGER, version INTEGER)")
        self._db.execute("CREATE TABLE device (id INTEGER PRIMARY KEY, grp INTEGER)")
        for devices, versions in chunks:
            self._db.executemany(
                "INSERT INTO installed VALUES (?, ?)", zip(versions.tolist(), devices.tolist(), strict=True)
            )
        self._db.executemany(
            "INSERT INTO found VALUES (?, ?)",
            ((one, version) for version, some in population.matches.items() for one in some),
        )
        self._db.executemany("INSERT INTO device VALUES (?, ?)", enumerate(population.group_of.tolist(), 1))
        self._db.execute("CREATE INDEX installed_version ON installed (version, device)")
        self._db.execute("CREATE INDEX found_version ON found (version, vulnerability)")
        self._db.execute("CREATE INDEX device_group ON device (grp)")

    def advisory(self, versions: list[int]) -> float:
        """Count the devices of a new vulnerability per group."""
        marks = ",".join("?" * len(versions))
        query = (
            "SELECT grp, COUNT(*) FROM device WHERE id IN"
            f" (SELECT device FROM installed WHERE version IN ({marks})) GROUP BY grp"
        )
        return median(lambda: self._db.execute(query, versions).fetchall(), 3)

    def top(self, group: int) -> float:
        """The fifty most widespread vulnerabilities of a group."""
        query = (
            "SELECT vulnerability, COUNT(DISTINCT device) AS n FROM device JOIN installed ON device = id"
            " JOIN found USING (version) WHERE grp = ? GROUP BY vulnerability ORDER BY n DESC LIMIT 50"
        )
        return timed(lambda: self._db.execute(query, (group,)).fetchall())


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--devices", type=int, nargs="*", help="sizes; default 1000 10000 100000")
    parser.add_argument("--full", action="store_true", help="also 1,000,000 devices")
    parser.add_argument("--baseline-up-to", type=int, default=10_000, help="largest size with the SQL baseline")
    options = parser.parse_args()
    sizes = options.devices or [1_000, 10_000, 100_000, *([1_000_000] if options.full else [])]
    for devices in sizes:
        run(devices, baselines=devices <= options.baseline_up_to)


if __name__ == "__main__":
    main()
