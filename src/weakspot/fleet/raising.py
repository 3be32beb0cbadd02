"""Hazards that are raised on some devices alone: a detection says that a weakness is being used there.

``sums`` of a device includes, besides the hazards of its vulnerabilities, what detections raise them by. How much that
is for each device is kept beside the sums (``extras``), so that an editor takes it off, lets everything else move as if
there were no detections, and puts the new amount on at its end: in integers, so the outcome equals a rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from pyroaring import BitMap

if TYPE_CHECKING:
    from weakspot.fleet.counting import Ledger
    from weakspot.fleet.view import FleetView

NO_DEVICES: Mapping[int, tuple[int, ...]] = {}


class Detected(msgspec.Struct, frozen=True):
    """Which vulnerabilities are detected on which devices, and the hazard they have there. Never changed."""

    of_device: Mapping[int, tuple[int, ...]] = {}
    """Device -> vulnerabilities, ascending; whether the device has them is not said here."""
    devices: Mapping[int, BitMap] = {}
    """Vulnerability -> devices."""
    hazards: Mapping[int, int] = {}
    """Vulnerability -> raised hazard."""

    def __bool__(self) -> bool:
        return bool(self.of_device)

    def changed(self, devices: Mapping[int, Iterable[int]], hazards: Mapping[int, int]) -> Detected:
        """With these devices' vulnerabilities (none: none any more) and raised hazards."""
        of_device = {**self.of_device, **{one: tuple(sorted(some)) for one, some in devices.items()}}
        of_device = {one: some for one, some in of_device.items() if some}
        members: dict[int, BitMap] = {}
        for one, some in of_device.items():
            for vulnerability in some:
                members.setdefault(vulnerability, BitMap()).add(one)
        known = {**self.hazards, **hazards}
        return Detected(of_device, members, {one: known[one] for one in sorted(members) if one in known})


def strip(ledger: Ledger, devices: Iterable[int]) -> None:
    """Take what detections raise off the sums of some devices."""
    some = sorted(one for one in devices if one in ledger.extras)
    if not some:
        return
    kept = dict(ledger.extras)
    _add(ledger, some, [-kept.pop(one) for one in some])
    ledger.extras = kept


def dress(ledger: Ledger, view: FleetView, detected: Detected, devices: Iterable[int]) -> None:
    """Put what detections raise on the sums of some devices, which were stripped before."""
    amounts: dict[int, int] = {}
    for device in sorted(devices):
        carried = [one for one in detected.of_device.get(device, ()) if _has(view, device, one)]
        amount = sum(max(0, detected.hazards.get(one, 0) - ledger.of(one)) for one in carried)
        if amount:
            amounts[device] = amount
    if amounts:
        _add(ledger, list(amounts), list(amounts.values()))
        ledger.extras = {**ledger.extras, **amounts}


def _has(view: FleetView, device: int, vulnerability: int) -> bool:
    return any(device in view.installed[version] for version in view.carriers[vulnerability])


def _add(ledger: Ledger, devices: list[int], amounts: list[int]) -> None:
    ids = np.array(devices, np.int64)
    ledger.sums.put(ids, ledger.sums.take(ids) + np.array(amounts, np.int64))
