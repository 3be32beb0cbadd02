"""A simulated agent: what it last told the server, and the next report that follows from the population."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache
from typing import Any, Literal

import msgspec
import numpy as np

from weakspot.inventory.contracts import (
    DescribedDevice,
    InstalledSoftware,
    Report,
    SensorInfo,
    SoftwareIdentity,
)
from weakspot.inventory.detail_contracts import DeviceDetails, Setting
from weakspot.runtime.clock import Micros, to_iso
from weakspot.simulate.catalogue import Ints
from weakspot.simulate.configuration import Configuration
from weakspot.simulate.population import Population

Kind = Literal["full", "delta"]
SENSOR = SensorInfo("weakspot-simulation", "1")
_MODULUS = 1 << 256
_NAMESPACE = uuid.UUID("0a9f5b76-30a1-4c0c-9d59-6d0e0a6f7c11")


def item_hash(item: InstalledSoftware) -> int:
    """What one installation adds to the digest (docs/sensor.md, "Digest")."""
    text = "\x1f".join((item.type, item.name, item.version, item.architecture, item.source_name, item.source_version))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def digest_text(total: int) -> str:
    """Digest of an inventory whose ``item_hash`` add up to ``total``."""
    return f"{total % _MODULUS:064x}"


class Wire:
    """The population's software as it goes over the wire; made once for each software version and kept."""

    def __init__(self, population: Population, *, tells_settings: bool = True) -> None:
        """tells_settings: reports hold the devices' configuration settings too."""
        self.population = population
        self.configuration = Configuration(population) if tells_settings else None
        self.hash_of = lru_cache(maxsize=500_000)(self._hash_of)

    def settings(self, device: int, day: int) -> tuple[Setting, ...] | None:
        """All settings of a device on a day, by name; None where none are told."""
        return None if self.configuration is None else self.configuration.told(device, day)

    def digest(self, numbers: list[int]) -> str:
        """Digest of an inventory."""
        return digest_text(sum(map(self.hash_of, numbers)))

    def item(self, number: int) -> InstalledSoftware:
        """As an installation."""
        return self.population.catalogue.software(number)

    def identity(self, number: int) -> SoftwareIdentity:
        """As a removal names it."""
        item = self.item(number)
        return SoftwareIdentity(
            type=item.type,
            name=item.name,
            version=item.version,
            architecture=item.architecture,
            source_name=item.source_name,
            source_version=item.source_version,
        )

    def _hash_of(self, number: int) -> int:
        return item_hash(self.item(number))


class Sealed(msgspec.Struct, frozen=True):
    """A report as it goes over the wire, with the key of the device that it is of."""

    device: int
    key: str
    kind: Kind
    body: bytes


class Planned(msgspec.Struct, frozen=True):
    """A report that is ready to go, and what the device has once it is accepted."""

    report: Report
    numbers: Ints
    day: int
    settings: tuple[Setting, ...] | None = None

    @property
    def is_news(self) -> bool:
        """Whether it says anything that the server does not know."""
        report = self.report
        return bool(report.kind == "full" or report.added or report.removed or report.details is not None)

    def encoded(self) -> bytes:
        """The body of the request."""
        return msgspec.json.encode(self.report)


class Agent:
    """One simulated device's side of the protocol. ``numbers`` and ``settings`` are what the server confirmed; None
    before that.
    """

    def __init__(self, wire: Wire, device: int) -> None:
        self.wire = wire
        self.device = device
        self.key = ""
        self.public_id = ""
        self.day = 0
        self.numbers: Ints | None = None
        self.settings: tuple[Setting, ...] | None = None

    def described(self, day: int) -> DescribedDevice:
        """The device object of its reports and of its enrolment."""
        return self.wire.population.described(self.device, day)

    def plan(self, day: int, now: Micros, numbers: Ints | None = None) -> Planned:
        """The next report: a delta from what was confirmed, everything where nothing was.

        numbers: what is installed then, where the caller has that already.
        """
        if numbers is None:
            numbers = self.wire.population.installed(self.device, day)
        before, settings = self.numbers, self.wire.settings(self.device, day)
        if before is None:
            software = tuple(self.wire.item(one) for one in numbers.tolist())
            details = details_of(settings)
            report = self._report("full", numbers, day, now, software=software, details=details)
            return Planned(report, numbers, day, settings)
        added = np.setdiff1d(numbers, before, assume_unique=True).tolist()
        removed = np.setdiff1d(before, numbers, assume_unique=True).tolist()
        report = self._report(
            "delta",
            numbers,
            day,
            now,
            base_digest=self.wire.digest(before.tolist()),
            added=tuple(map(self.wire.item, added)),
            removed=tuple(map(self.wire.identity, removed)),
            details=None if settings == self.settings else details_of(settings),
        )
        return Planned(report, numbers, day, settings)

    def confirmed(self, planned: Planned) -> None:
        """The server answered that the report is kept."""
        self.numbers, self.day, self.settings = planned.numbers, planned.day, planned.settings

    def loaded(self, numbers: Ints) -> None:
        """The server has what the device had on day 0, from a load at once."""
        self.numbers, self.settings = numbers, self.wire.settings(self.device, 0)

    def refused(self) -> None:
        """The server holds something else: the next report says everything."""
        self.numbers = self.settings = None

    def _report(self, kind: Kind, numbers: Ints, day: int, now: Micros, **fields: Any) -> Report:
        digest, described = self.wire.digest(numbers.tolist()), self.described(day)
        return report_of(self.wire.population.seed, self.device, described, kind, digest, day, now, **fields)


def report_of(
    seed: int, device: int, described: DescribedDevice, kind: Kind, digest: str, day: int, now: Micros, **fields: Any
) -> Report:
    """A report of a simulated device; ``fields`` is what differs between the kinds."""
    return Report(
        schema=1,
        report_id=str(uuid.uuid5(_NAMESPACE, f"{seed}/{device}/{day}/{kind}/{now}")),
        # Time makes it grow over restarts of the simulation too, as nothing is kept on disk.
        sequence=now // 1_000,
        kind=kind,
        observed_at=to_iso(now),
        sensor=SENSOR,
        digest=digest,
        device=described,
        **fields,
    )


def details_of(settings: tuple[Setting, ...] | None) -> DeviceDetails | None:
    """What a report tells besides software; None: nothing."""
    return None if settings is None else DeviceDetails(settings=settings)
