"""What the index must say, worked out the slow and obvious way from plain dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceFacts, DeviceVersions, Fleet
from weakspot.fleet.contracts import DeviceValue

EVERYTHING = Scope(None)


@dataclass
class Model:
    """The tables: installed versions, facts, matches, hazards. ``software_of`` is fixed."""

    software_of: dict[int, int]
    installed: dict[int, set[int]] = field(default_factory=dict)
    facts: dict[int, tuple[int, DeviceValue, bool]] = field(default_factory=dict)
    matches: dict[int, set[int]] = field(default_factory=dict)
    hazards: dict[int, int] = field(default_factory=dict)
    detected: dict[int, set[int]] = field(default_factory=dict)
    raised: dict[int, int] = field(default_factory=dict)

    def vulnerabilities(self, device: int) -> set[int]:
        return {one for version in self.installed.get(device, ()) for one in self.matches.get(version, ())}

    def devices(self, scope: Scope) -> set[int]:
        return {
            device
            for device, (group, _, counted) in self.facts.items()
            if counted and (scope.group_ids is None or group in scope.group_ids)
        }

    def vulnerability_counts(self, scope: Scope) -> dict[int, int]:
        counts: dict[int, int] = {}
        for device in self.devices(scope):
            for one in self.vulnerabilities(device):
                counts[one] = counts.get(one, 0) + 1
        return counts

    def software_counts(self, scope: Scope) -> dict[int, tuple[int, int]]:
        counts: dict[int, list[int]] = {}
        for device in self.devices(scope):
            versions = self.installed.get(device, set())
            for software in {self.software_of[version] for version in versions}:
                counts.setdefault(software, [0, 0])[0] += 1
            for software in {self.software_of[version] for version in versions if self.matches.get(version)}:
                counts[software][1] += 1
        return {software: (has, exposed) for software, (has, exposed) in counts.items()}

    def hazard(self, device: int) -> int:
        seen = self.detected.get(device, set())
        return sum(
            max(self.hazards[one], self.raised.get(one, 0) if one in seen else 0)
            for one in self.vulnerabilities(device)
        )

    def batch(self, seq: int = 0) -> Batch:
        """Everything as one batch."""
        return Batch(
            seq=seq,
            software=self.software_of,
            devices=[DeviceVersions(device, ids(has), frozenset(has)) for device, has in self.installed.items()],
            facts=[self.fact(device) for device in self.facts],
            matches={version: sorted(found) for version, found in self.matches.items()},
            hazards=self.hazards,
        )

    def fact(self, device: int) -> DeviceFacts:
        group, value, counted = self.facts[device]
        return DeviceFacts(device, group, value, counted)

    def built(self, seq: int = 0) -> Fleet:
        """A fresh index of the final state, by the bulk way."""
        fleet = Fleet()
        pairs = [(device, version) for device, has in self.installed.items() for version in has]
        present = {one for found in self.matches.values() for one in found}
        fleet.build(
            seq=seq,
            software=self.software_of,
            facts=[self.fact(device) for device in self.facts],
            installations=[(np.array([d for d, _ in part], np.int64), np.array([v for _, v in part], np.int64))
                           for part in (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :])],
            matches=self.matches,
            hazards={one: self.hazards[one] for one in present},
            detected={device: sorted(found) for device, found in self.detected.items()},
            raised={one: self.raised[one] for found in self.detected.values() for one in found},
        )  # fmt: skip
        return fleet


def ids(values: set[int]) -> np.ndarray:
    return np.array(sorted(values), np.uint32)
