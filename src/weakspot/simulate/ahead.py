"""The deltas of a whole fleet, many devices at a time: for load generators that must not think while they measure.

They are what ``Agent.plan`` gives, on the supposition that the server takes each of them; nothing is asked for device
by device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.detail_contracts import Setting
from weakspot.runtime.clock import Clock
from weakspot.simulate.catalogue import FAMILIES, Ints
from weakspot.simulate.reports import Sealed, Wire, details_of, digest_text, report_of

AT_ONCE = 2_000
_NUMBER = 0xFFFF_FFFF
_Codes = dict[int, NDArray[np.int8]]


class _Part:
    """Some devices, and what the server has of them: (device << 32 | software number), and settings by family."""

    def __init__(self, wire: Wire, devices: Ints, day: int) -> None:
        self.devices = devices
        families = wire.population.families(devices)
        self.families = {number: devices[families == number] for number in range(len(FAMILIES))}
        self.installed = self.installed_on(wire, day)
        self.codes = self.codes_on(wire, day)

    def installed_on(self, wire: Wire, day: int) -> Ints:
        owners, numbers = wire.population.installed_on(self.devices, day)
        return (owners << 32) | numbers

    def codes_on(self, wire: Wire, day: int) -> _Codes:
        if wire.configuration is None:
            return {}
        codes = wire.configuration.codes
        return {family: codes(family, mine, day).astype(np.int8) for family, mine in self.families.items()}


class Rounds:
    """The fleet's deltas, some days on each time. Start it with what the server was loaded with."""

    def __init__(self, wire: Wire, key_of: Callable[[int], str], day: int = 0, *, at_once: int = AT_ONCE) -> None:
        """key_of: the key of a device by its number. day: which the fleet was loaded as of."""
        self._wire = wire
        self._key_of = key_of
        self._day = day
        # Parts reach over the whole fleet, so that reports come in no order of the server's rows.
        self._step = -(-wire.population.devices // at_once)
        self._parts: dict[int, _Part] = {}
        self._totals: dict[int, int] = {}

    def deltas(self, days: int, clock: Clock) -> Iterator[Sealed]:
        """Reports of all devices for which something changes by ``days`` later. Take all of one round before the
        next: what is not taken is not told later either.
        """
        before, self._day = self._day, self._day + days
        for number in range(self._step):
            if number not in self._parts:
                devices = np.arange(number, self._wire.population.devices, self._step, dtype=np.int64)
                self._parts[number] = _Part(self._wire, devices, before)
            yield from self._of_part(self._parts[number], clock)

    def _of_part(self, part: _Part, clock: Clock) -> Iterator[Sealed]:
        old, new = part.installed, part.installed_on(self._wire, self._day)
        added, removed = _without(new, old), _without(old, new)
        settings = self._settings(part)
        part.installed = new
        changed = np.union1d(np.union1d(added >> 32, removed >> 32), np.array(sorted(settings), np.int64))
        described = self._wire.population.described_each(changed, self._day)
        slices = (_numbers(rows, changed) for rows in (old, added, removed))
        for device, one, (had, more, less) in zip(
            changed.tolist(), described, zip(*slices, strict=True), strict=True
        ):  # fmt: skip
            yield self._sealed(device, one, had, more, less, settings.get(device), clock)

    def _settings(self, part: _Part) -> dict[int, tuple[Setting, ...]]:
        """All settings of the devices for which one of them changes."""
        configuration, found = self._wire.configuration, {}
        codes = part.codes_on(self._wire, self._day)
        for family, after in codes.items():
            assert configuration is not None
            rows = np.flatnonzero((after != part.codes[family]).any(axis=1))
            for row, device in zip(rows.tolist(), part.families[family][rows].tolist(), strict=True):
                found[device] = configuration.settings(family, after[row].tolist())
        part.codes = codes
        return found

    def _sealed(
        self, device: int, described: DescribedDevice, had: Ints, added: Ints, removed: Ints,
        settings: tuple[Setting, ...] | None, clock: Clock,
    ) -> Sealed:  # fmt: skip
        wire, hash_of = self._wire, self._wire.hash_of
        more, less = added.tolist(), removed.tolist()
        base = self._totals.get(device)
        if base is None:
            base = sum(map(hash_of, had.tolist()))
        total = base + sum(map(hash_of, more)) - sum(map(hash_of, less))
        self._totals[device] = total
        report = report_of(
            wire.population.seed, device, described, "delta", digest_text(total), self._day, clock(),
            base_digest=digest_text(base),
            added=tuple(map(wire.item, more)),
            removed=tuple(map(wire.identity, less)),
            details=details_of(settings),
        )  # fmt: skip
        return Sealed(device, self._key_of(device), "delta", msgspec.json.encode(report))


def _without(some: Ints, others: Ints) -> Ints:
    """Those of ``some`` that are not among the others; both ascending and unique."""
    if not len(others):
        return some
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    missing: Ints = some[others[places] != some]
    return missing


def _numbers(rows: Ints, devices: Ints) -> list[Ints]:
    """Software numbers of each of the devices among (device << 32 | number), ascending."""
    starts = np.searchsorted(rows, devices << 32).tolist()
    ends = np.searchsorted(rows, (devices + 1) << 32).tolist()
    return [rows[start:end] & _NUMBER for start, end in zip(starts, ends, strict=True)]
