"""Put a simulated fleet into a database at once: what months of reports would have left, without sending them.

Every distinct software version is interned and judged as in a report; devices then come in packed, in large units.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching
from weakspot.inventory import LoadedDevice
from weakspot.inventory.contracts import DescribedDevice, Evidence
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.secrets import DEVICE_KEY, hash_secret
from weakspot.simulate.catalogue import FAMILIES, Catalogue, Ints, Known
from weakspot.simulate.population import Population
from weakspot.simulate.programs import ECOSYSTEM, PROGRAMS
from weakspot.simulate.reports import SENSOR, Wire
from weakspot.workflows import Services

_PROGRAM_VERSIONS = 1_000
"""Of one program; the newest of them are used."""
_VERSIONS_AT_ONCE = 5_000
_DEVICES_AT_ONCE = 5_000

Tell = Callable[[str], None]


def known_software(conn: Connection, *, versions_each: int = 24) -> Known:
    """Names and fixed versions of the simulated devices' software in the loaded knowledge; empty without it."""
    ecosystems = sorted({family.ecosystem for family in FAMILIES if family.ecosystem})
    known = {name: intel.fixed_versions(conn, name, limit=versions_each) for name in ecosystems}
    programs = intel.fixed_versions(conn, ECOSYSTEM, limit=_PROGRAM_VERSIONS)
    known[ECOSYSTEM] = {one.cpe: programs[one.cpe] for one in PROGRAMS if one.cpe in programs}
    return known


def device_key(secret: bytes, device: int) -> str:
    """The key of a simulated device of a direct load, from the load's own secret."""
    return DEVICE_KEY + hashlib.sha256(secret + device.to_bytes(8, "big")).hexdigest()


def public_id(secret: bytes, device: int) -> str:
    """The public id of a simulated device of a direct load."""
    return hashlib.sha256(b"id" + secret + device.to_bytes(8, "big")).hexdigest()[:40]


def load(
    services: Services,
    population: Population,
    secret: bytes,
    *,
    day: int = 0,
    now: Micros,
    tell: Tell = lambda _: None,
    tells_settings: bool = True,
) -> int:
    """Load the whole population as it is on ``day``; devices that are away then are there too. Returns how many.

    secret: what the devices' keys are made from; whoever has it can report as any of them. tells_settings: with their
    configuration settings.
    """
    numbers = distinct_numbers(population, day)
    tell(f"{population.devices:,} devices, {len(numbers):,} distinct software versions: judging these")
    ids = intern(services, population.catalogue, numbers, now)
    wire = Wire(population, tells_settings=tells_settings)
    done = 0
    for some in in_chunks(_devices(population, wire, numbers, ids, secret, day, now), _DEVICES_AT_ONCE):
        services.database.write(partial(_write, devices=some, now=now))
        done += len(some)
        tell(f"{done:,} of {population.devices:,} devices loaded")
    return done


def distinct_numbers(population: Population, day: int) -> Ints:
    """Every software number that some device has on a day, ascending."""
    found: Ints = np.empty(0, np.int64)
    gathered: list[Ints] = []
    for _, numbers in population.installations(day):
        gathered.append(np.unique(numbers))
        if len(gathered) == 64:
            found = np.unique(np.concatenate([found, *gathered]))
            gathered = []
    return np.unique(np.concatenate([found, *gathered]))


def intern(services: Services, catalogue: Catalogue, numbers: Ints, now: Micros) -> Ints:
    """Software version ids of software numbers, in the same order; what is new is judged in the same unit of work."""
    found: dict[int, int] = {}
    for family in range(len(FAMILIES)):
        mine = [one for one in numbers.tolist() if catalogue.family_of(one) == family]
        for some in in_chunks(mine, _VERSIONS_AT_ONCE):
            unit = partial(_intern, services=services, catalogue=catalogue, numbers=some, now=now)
            found.update(services.database.write(unit))
    return np.array([found[one] for one in numbers.tolist()], np.int64)


def _intern(
    conn: Connection, services: Services, catalogue: Catalogue, numbers: list[int], now: Micros
) -> dict[int, int]:
    items = [catalogue.software(one) for one in numbers]
    described = DescribedDevice(name="simulated", os=FAMILIES[catalogue.family_of(numbers[0])].os)
    ids, by_hash, new = services.interner.intern(conn, items, described)
    matching.judge(conn, new, intel.current_version(conn), now)
    of_item = {(item.name, item.version): ids[hashed] for hashed, item in by_hash.items()}
    return {number: of_item[item.name, item.version] for number, item in zip(numbers, items, strict=True)}


def _devices(
    population: Population, wire: Wire, numbers: Ints, ids: Ints, secret: bytes, day: int, now: Micros
) -> Iterator[LoadedDevice]:
    for owners, installed in population.installations(day):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(owners)], strict=True):
            mine = installed[start:end]
            version_ids = ids[np.searchsorted(numbers, mine)]
            order = np.argsort(version_ids)
            yield _device(population, wire, int(owners[start]), mine[order], version_ids[order], secret, day, now)


def _device(
    population: Population, wire: Wire, device: int, numbers: Ints, ids: Ints, secret: bytes, day: int, now: Micros
) -> LoadedDevice:
    # Installations came with the patch days of the last year: few distinct times, as in real fleets.
    months = (numbers * 2_654_435_761 >> 7) % 12
    return LoadedDevice(
        public_id=public_id(secret, device),
        described=population.described(device, day),
        ids=ids.astype(np.uint32),
        first_seen=now - (months * 30 + population.site(device) % 30) * DAY,
        digest=wire.digest(numbers.tolist()),
        report_id=f"load-{device}",
        observed_at=now,
        group=f"Site {population.site(device) + 1:02d}",
        key_hash=hash_secret(device_key(secret, device)),
        sensor_version=SENSOR.version,
        settings=wire.settings(device, day),
        evidence={int(one): Evidence(_paths(number), None) for one, number in zip(ids, numbers.tolist(), strict=True)},
    )


def _paths(number: int) -> tuple[str, ...]:
    return ("/var/lib/dpkg/status",) if number % 8 else (f"/opt/app{number % 997}/manifest.json",)


def _write(conn: Connection, devices: list[LoadedDevice], now: Micros) -> int:
    return inventory.load_devices(conn, devices, intel.current_version(conn), now)
