"""A data folder with a simulated fleet and made-up advisories about its software: what the report and server figures
are measured on. Everything follows from fixed seeds.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench._lines import progress
from weakspot import intel, simulate
from weakspot.runtime import migrate
from weakspot.runtime.clock import system_clock
from weakspot.runtime.database import Database, sqlite_url
from weakspot.simulate import FAMILIES, Agent, Catalogue, Planned, Population, Wire
from weakspot.simulate.catalogue import RELEASES, Ints
from weakspot.workflows import Services, apply_knowledge, mirror_knowledge

SEED = 1
SECRET = b"figures, not secrets"
PER_PRODUCT = 8


class BenchWorld:
    """Database, services and population; ``close()`` it before a server uses the folder."""

    def __init__(self, folder: Path, devices: int, url: str | None = None, *, tells_settings: bool = False) -> None:
        """url: of an empty database; None: a SQLite file in the folder. tells_settings: with configuration settings."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        url = sqlite_url(folder / "weakspot.db") if url is None else url
        migrate.upgrade(url)
        self.database = Database(url)
        self.services = Services(self.database, folder, system_clock)
        self.population = Population(SEED, devices)
        self.tells_settings = tells_settings
        self.wire = Wire(self.population, tells_settings=tells_settings)

    def know(self) -> int:
        """Publish the advisories. Returns how many ranges."""
        mirror = self.folder / "mirror"
        count = write_advisories(mirror, self.population.catalogue)
        readers = mirror_knowledge(intel.open_mirror(mirror))
        for outcome in apply_knowledge(self.services, readers, lambda *_: None):
            assert outcome.status == "succeeded", outcome
        return count

    def load(self) -> int:
        """Load the fleet."""
        count = simulate.load(
            self.services,
            self.population,
            SECRET,
            now=system_clock(),
            tell=progress,
            tells_settings=self.tells_settings,
        )
        with self.database.read() as conn:
            self.services.interner.warm(conn)  # as a server does when it starts
        return count

    def agents(self) -> list[Agent]:
        """Every device, with the key and the software that it was loaded with."""
        agents = [Agent(self.wire, number) for number in range(self.population.devices)]
        for number, numbers in by_device(self.population, 0):
            agents[number].key = simulate.device_key(SECRET, number)
            agents[number].public_id = simulate.public_id(SECRET, number)
            agents[number].loaded(numbers)
        return agents

    def agent(self, number: int) -> Agent:
        """One device, as in ``agents``."""
        agent = Agent(self.wire, number)
        agent.key = simulate.device_key(SECRET, number)
        agent.public_id = simulate.public_id(SECRET, number)
        agent.loaded(self.population.installed(number, 0))
        return agent

    def deltas(self, agents: list[Agent], day: int, limit: int) -> list[tuple[Agent, Planned]]:
        """Reports of the agents for which something changed by ``day``, in no order of theirs."""
        planned = []
        for number, numbers in by_device(self.population, day):
            one = agents[number].plan(day, system_clock(), numbers)
            if one.is_news:
                planned.append((agents[number], one))
            if len(planned) == limit:
                break
        random.Random(SEED).shuffle(planned)
        return planned

    def close(self) -> None:
        """End the database."""
        self.database.close()


def by_device(population: Population, day: int) -> Iterator[tuple[int, Ints]]:
    """(device, software numbers) of the whole fleet."""
    for owners, numbers in population.installations(day):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        for part in np.split(np.arange(len(owners)), starts[1:]):
            yield int(owners[part[0]]), numbers[part]


def write_advisories(mirror: Path, catalogue: Catalogue) -> int:
    """A mirror folder with advisories for the simulated Debian's software. Returns how many ranges."""
    family = next(number for number, one in enumerate(FAMILIES) if one.key == "deb")
    dice = random.Random(SEED)
    count = 0
    (mirror / "osv" / "Debian").mkdir(parents=True)
    with zipfile.ZipFile(mirror / "osv" / "Debian" / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for product in range(catalogue.starts[family], catalogue.starts[family + 1]):
            newest = int(catalogue.newest[product])
            for _ in range(dice.randrange(2 * PER_PRODUCT)):
                count += 1
                fixed = max(1, newest - int(dice.expovariate(1 / 12)) + 1)
                record = _advisory(count, catalogue, product, fixed)
                archive.writestr(f"{record['id']}.json", json.dumps(record))
    return count


def _advisory(number: int, catalogue: Catalogue, product: int, fixed: int) -> dict[str, object]:
    item = catalogue.software(product * RELEASES + fixed)
    events = [{"introduced": "0"}, {"fixed": item.version}]
    package = {"ecosystem": "Debian:12", "name": item.source_name}
    return {
        "schema_version": "1.6.0",
        "id": f"DEBIAN-CVE-2099-{10_000 + number}",
        "upstream": [f"CVE-2099-{10_000 + number}"],
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "details": f"A made-up flaw of {item.source_name}.",
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }
