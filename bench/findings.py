"""The questions of the fleet index asked of a table of findings, as others keep one, in PostgreSQL and in DuckDB.

    python -m bench.findings [--devices N ...]

``value`` is the index's time, ``baseline`` that of the engine, with the indexes that help it and its statistics
current. Both answer from memory; PostgreSQL waits for no disk (``fsync`` off). One line a question and engine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt
import psycopg

from bench._lines import emit, progress, timed
from bench.fleet import EVERYTHING, UNIT, Population
from tests.support import postgres
from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceVersions, Fleet, FleetView

Ints = npt.NDArray[np.int64]
GROUP = 2
NEW = 900_000
REPEATS = 5
_TABLES = {
    "device": ("device INTEGER, grp INTEGER", ("device", "grp")),
    "installed": ("device INTEGER, version INTEGER", ("device", "version")),
    "vulnerability": ("vulnerability INTEGER, hazard BIGINT", ("vulnerability", "hazard")),
    "finding": ("device INTEGER, vulnerability INTEGER", ("device", "vulnerability")),
}
_INDEXES = (
    "CREATE INDEX finding_v ON finding (vulnerability, device)",
    "CREATE INDEX finding_d ON finding (device, vulnerability)",
    "CREATE INDEX installed_v ON installed (version, device)",
    "CREATE INDEX device_id ON device (device)",
)


class Engine(Protocol):
    """A database with the tables."""

    name: str

    def load(self, tables: dict[str, tuple[Ints, ...]]) -> None:
        """Fill all tables, then make the indexes."""
        ...

    def rows(self, statement: str) -> list[Any]:
        """Run it; its rows."""
        ...

    def changed(self, statements: Sequence[str]) -> None:
        """Run these as one transaction."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Duck:
    """DuckDB in memory, on the processors that there are."""

    name = "duckdb"

    def __init__(self) -> None:
        self._db = duckdb.connect(":memory:")

    def load(self, tables: dict[str, tuple[Ints, ...]]) -> None:
        """As ``Engine.load``."""
        for name, columns in tables.items():
            made, names = _TABLES[name]
            given = dict(zip(names, columns, strict=True))
            self._db.execute(f"CREATE TABLE {name} ({made})")
            self._db.register("given", given)
            self._db.execute(f"INSERT INTO {name} SELECT {', '.join(names)} FROM given")
            self._db.unregister("given")
        for index in _INDEXES:
            self._db.execute(index)

    def rows(self, statement: str) -> list[Any]:
        """As ``Engine.rows``."""
        return self._db.execute(statement).fetchall()

    def changed(self, statements: Sequence[str]) -> None:
        """As ``Engine.changed``."""
        self._db.execute("BEGIN")
        for one in statements:
            self._db.execute(one)
        self._db.execute("COMMIT")

    def close(self) -> None:
        """As ``Engine.close``."""
        self._db.close()


class Postgres:
    """PostgreSQL in a cluster of its own on loopback, with room to sort and to keep the table in memory."""

    name = "postgresql"

    def __init__(self) -> None:
        self._cluster = postgres.Cluster()
        url = self._cluster.url(self._cluster.create()).replace("+psycopg", "")
        self._db = psycopg.connect(url, autocommit=True)
        self._db.execute("SET work_mem = '256MB'")
        self._db.execute("SET maintenance_work_mem = '512MB'")

    def load(self, tables: dict[str, tuple[Ints, ...]]) -> None:
        """As ``Engine.load``."""
        for name, columns in tables.items():
            made, names = _TABLES[name]
            self._db.execute(f"CREATE TABLE {name} ({made})")
            with self._db.cursor().copy(f"COPY {name} ({', '.join(names)}) FROM STDIN") as copy:
                for start in range(0, len(columns[0]), 100_000):
                    some = zip(*(column[start : start + 100_000].tolist() for column in columns), strict=True)
                    copy.write("".join("\t".join(map(str, row)) + "\n" for row in some))
        for index in _INDEXES:
            self._db.execute(index)
        self._db.execute("VACUUM ANALYZE")

    def rows(self, statement: str) -> list[Any]:
        """As ``Engine.rows``."""
        return self._db.execute(statement).fetchall()

    def changed(self, statements: Sequence[str]) -> None:
        """As ``Engine.changed``."""
        with self._db.transaction():
            for one in statements:
                self._db.execute(one)

    def close(self) -> None:
        """As ``Engine.close``."""
        self._db.close()
        self._cluster.close()


class Asked(msgspec.Struct):
    """One question: how the index answers it and how SQL does. is_change: the statements write."""

    name: str
    by_index: Callable[[int], Any]
    statements: Callable[[int], list[str]]
    is_change: bool = False


def run(devices: int) -> None:
    """All figures for one size."""
    progress(f"findings: {devices:,} devices: generating")
    population = Population(devices)
    chunks = list(population.chunks())
    fleet = Fleet()
    fleet.build(
        seq=1,
        software=population.software_of,
        facts=population.facts(),
        installations=chunks,
        matches=population.matches,
        hazards=population.hazards,
    )
    tables = _tables(population, chunks)
    del chunks
    questions = list(_questions(fleet))
    ours = {one.name: _median(one.by_index) for one in questions}
    for make in (Duck, *((Postgres,) if postgres.programs() is not None else ())):
        engine: Engine = make()
        progress(f"findings: loading {len(tables['finding'][0]):,} rows into {engine.name}")
        took = timed(lambda engine=engine: engine.load(tables)) / 1000
        emit(f"findings.load.{engine.name}", devices, took, "s", rows=len(tables["finding"][0]))
        for one in questions:
            emit(f"findings.{one.name}", devices, ours[one.name], "ms", baseline=_asked(engine, one),
                 against=engine.name)  # fmt: skip
        engine.close()
    if postgres.programs() is None:
        progress(f"findings: not measured: {postgres.MISSING}")


def _tables(population: Population, chunks: list[tuple[Ints, Ints]]) -> dict[str, tuple[Ints, ...]]:
    pairs = np.array(sorted((version, one) for version, some in population.matches.items() for one in some), np.int64)
    found = [np.empty((2, 0), np.int64)]
    for device, version in chunks:
        low = np.searchsorted(pairs[:, 0], version, "left")
        counts = np.searchsorted(pairs[:, 0], version, "right") - low
        place = np.repeat(np.arange(len(version)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        keys = np.unique((device[place] << 32) | pairs[low[place] + within, 1])
        found.append(np.stack([keys >> 32, keys & 0xFFFFFFFF]))
    findings = np.concatenate(found, axis=1)
    installed = np.concatenate([np.stack(chunk) for chunk in chunks], axis=1)
    hazards = np.array(sorted(population.hazards.items()), np.int64).T
    return {
        "device": (np.arange(1, population.devices + 1), population.group_of.astype(np.int64)),
        "installed": (installed[0], installed[1]),
        "vulnerability": (hazards[0], hazards[1]),
        "finding": (findings[0], findings[1]),
    }


def _questions(fleet: Fleet) -> Iterator[Asked]:
    view = fleet.view()
    group = Scope(frozenset([GROUP]))
    ids, counts = view.vulnerability_counts(EVERYTHING)
    widest = int(ids[np.argmax(counts)])
    software, installed, _ = view.software_counts(EVERYTHING)
    versions = view.versions_of_software(int(software[np.argmax(installed)])).tolist()
    device = int(np.argmax(view.findings.whole()))
    on_it = view.versions_on(device)
    listed = ",".join(map(str, versions))
    of_device = ",".join(f"({device},{one})" for one in view.vulnerabilities_of_device(device))

    def fresh() -> FleetView:
        return fleet.view().successor()

    def top(_: int) -> list[int]:
        found, devices = fresh().vulnerability_counts(group)
        best: list[int] = found[np.argsort(-devices, kind="stable")[:50]].tolist()
        return best

    def published(turn: int) -> None:
        matches = {one: [*view.vulnerabilities_of_version(one), NEW + turn] for one in versions}
        fleet.apply(Batch(matches=matches, hazards={NEW + turn: UNIT}))

    def reported(turn: int) -> None:
        now = on_it[5:] if turn % 2 else on_it
        fleet.apply(Batch(devices=[DeviceVersions(device, now, frozenset(on_it[:5].tolist()))]))

    yield Asked(
        "counts",
        lambda _: fresh().vulnerability_counts(EVERYTHING),
        lambda _: ["SELECT vulnerability, COUNT(*) FROM finding GROUP BY vulnerability"],
    )
    yield Asked(
        "top50.group", top,
        lambda _: [("SELECT vulnerability, COUNT(*) AS n FROM finding JOIN device USING (device)"
                    f" WHERE grp = {GROUP} GROUP BY vulnerability ORDER BY n DESC LIMIT 50")],
    )  # fmt: skip
    yield Asked(
        "members.group", lambda _: fresh().devices_of_vulnerability(widest, group),
        lambda _: [("SELECT device FROM finding JOIN device USING (device)"
                    f" WHERE vulnerability = {widest} AND grp = {GROUP}")],
    )  # fmt: skip
    yield Asked(
        "worst50", lambda _: np.argsort(-fresh().device_hazards(None, EVERYTHING)[1])[:50],
        lambda _: [("SELECT device, SUM(hazard) AS h FROM finding JOIN vulnerability USING (vulnerability)"
                    " GROUP BY device ORDER BY h DESC LIMIT 50")],
    )  # fmt: skip
    yield Asked(
        "report", reported,
        lambda _: [f"DELETE FROM finding WHERE device = {device}", f"INSERT INTO finding VALUES {of_device}"],
        is_change=True,
    )  # fmt: skip
    yield Asked(
        "advisory", published,
        lambda turn: [(f"INSERT INTO finding SELECT DISTINCT device, {NEW + turn} FROM installed"
                       f" WHERE version IN ({listed})")],
        is_change=True,
    )  # fmt: skip


def _asked(engine: Engine, one: Asked) -> float:
    def ask(turn: int) -> None:
        if one.is_change:
            engine.changed(one.statements(turn))
        else:
            for statement in one.statements(turn):
                engine.rows(statement)

    return _median(ask)


def _median(ask: Callable[[int], Any]) -> float:
    """Milliseconds, the median of some turns."""
    took = []
    for turn in range(REPEATS):
        began = time.perf_counter()
        ask(turn)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, nargs="*", default=[10_000], help="sizes")
    for devices in parser.parse_args().devices:
        run(devices)


if __name__ == "__main__":
    main()
