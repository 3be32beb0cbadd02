"""The writer's side of the index: makes the next view out of a view and what changed.

Every step leaves all invariants in place, so steps can be put together in any order:

- ``exposed_rows[slot(v)][c]`` = number of devices of column ``c`` that have a version with ``v``; so for software;
- ``sums[d]`` = sum of hazards of the distinct vulnerabilities on ``d``, ``findings[d]`` = their number.

A device's sum is set from scratch whenever its inventory changes, and counts move by whole devices, all in integers; so
nothing rounds, order does not matter, and the outcome equals a rebuild to the last bit (docs/decisions/0006).
"""

from __future__ import annotations

import array
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from pyroaring import BitMap

from weakspot.fleet.configuring import with_platforms, with_settings
from weakspot.fleet.contracts import UNKNOWN_HAZARD, Batch, DeviceFacts, DeviceVersions, Ids, Int64s
from weakspot.fleet.counting import (
    Ledger,
    Patches,
    Pause,
    count_columns,
    no_pause,
    recount,
    recount_software,
    widen,
)
from weakspot.fleet.population import Move, places_of
from weakspot.fleet.raising import dress, strip
from weakspot.fleet.shifting import Carried, shift
from weakspot.fleet.view import EMPTY, NO_SLOT, FleetView, to_ids
from weakspot.inventory.contracts import FleetPlaces

MIN_BULK = 1024
BULK_SHARE = 64
"""With more than MIN_BULK devices and 1/BULK_SHARE of the fleet in a batch, counts are made anew instead of moved."""


class Editor:
    """One batch of work on a copy of ``view``; ``finish`` gives the new view. Throw it away after an error."""

    def __init__(
        self,
        view: FleetView,
        *,
        coming: Ledger | None = None,
        bulk: int | None = None,
        pause: Pause = no_pause,
    ) -> None:
        self.view = view.successor()
        self._pause = pause
        self._bulk = max(MIN_BULK, view.device_extent // BULK_SHARE) if bulk is None else bulk
        self._ledger = Ledger(view.hazard, view.sums, view.extras)
        self._ledgers = [self._ledger] if coming is None else [self._ledger, coming]
        self._findings = view.findings.edit()
        self._installed = view.installed.edit()
        self._weaknesses = view.weaknesses.edit()
        self._carriers = view.carriers.edit()
        self._software = view.software.edit()
        self._versions = view.versions.edit()
        self._slots = view.slots.edit()
        self._slot_ids = view.slot_ids.edit()
        self._owned: set[int] = set()
        self._patches = Patches()
        self._stale_software: set[int] = set()
        self._recount = False
        self._stripped: set[int] = set()
        self._reported = BitMap()

    def apply(self, batch: Batch) -> None:
        """All steps of a batch, in the order that keeps each of them simple."""
        self.strip(batch)
        self.learn_software(batch.software)
        if len(batch.devices) > self._bulk:
            self._recount = True
        self._reported.update(one.device_id for one in batch.devices)
        for device in batch.devices:
            self.set_installed(device)
            self._pause()
        self.set_facts(batch.facts)
        if batch.places is not None:
            self.set_places(batch.places)
        self.set_hazards(batch.hazards)
        self.set_matches(batch.matches)
        if batch.labels is not None:
            self.view.labels = batch.labels
        self.view.settings = with_settings(self.view.settings, batch.settings)
        self.view.platforms = with_platforms(self.view.platforms, batch.platforms)

    def strip(self, batch: Batch) -> None:
        """Take what detections raise off the devices whose raise may change; ``finish`` puts it on again."""
        before = self.view.detection
        self.view.detection = after = (
            before.changed(batch.detected, batch.raised) if batch.detected or batch.raised else before
        )
        if not before and not after:
            return
        if batch.matches or batch.hazards or batch.raised:
            concerned = {*before.of_device, *after.of_device}
        else:
            concerned = {*batch.detected, *(one.device_id for one in batch.devices if one.device_id in after.of_device)}
        self._stripped |= concerned
        for ledger in self._ledgers:
            strip(ledger, concerned)

    def learn_software(self, software: Mapping[int, int]) -> None:
        """Note which software a version belongs to; the counts are made anew if it was installed nameless before."""
        known = self._software.freeze()
        fresh: dict[int, set[int]] = {}
        for version, software_id in software.items():
            if int(known.one(version)) == 0:
                self._software.set(version, software_id)
                fresh.setdefault(software_id, set()).add(version)
                self._recount = self._recount or self._installed[version] is not EMPTY
        for software_id, versions in fresh.items():
            self._versions[software_id] = tuple(sorted(versions.union(self._versions[software_id])))

    def install_many(self, devices: Int64s, versions: Int64s) -> None:
        """Add (device, version) pairs of devices that the index has nothing of; for building."""
        if len(devices) == 0:
            return
        self._recount = True
        self.view.device_extent = max(self.view.device_extent, int(devices.max()) + 1)
        pairs = (versions.astype(np.uint64) << np.uint64(32)) | devices.astype(np.uint64)
        pairs.sort()
        ids = (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        keys = (pairs >> np.uint64(32)).astype(np.int64)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = [*starts[1:].tolist(), len(keys)]
        for version, start, end in zip(keys[starts].tolist(), starts.tolist(), ends, strict=True):
            part = array.array("I")
            part.frombytes(ids[start:end].tobytes())
            self._editable(version).update(BitMap(part))
            self._pause()

    def set_installed(self, device: DeviceVersions) -> None:
        """Make the device's installed versions what the report says; everything that hangs on it moves along."""
        device_id = device.device_id
        now = set(device.versions.tolist())
        installed = self._installed
        touched = device.touched
        if touched is None:
            touched = frozenset(now.union(self._scan(device_id)))
        had = {version for version in touched if device_id in installed[version]}
        gone, come = had - now, now.intersection(touched) - had
        if not gone and not come:
            return
        self.view.device_extent = max(self.view.device_extent, device_id + 1)
        if not self._recount:
            self._move(device_id, now, gone, come)
        for version in gone:
            bitmap = self._editable(version)
            bitmap.discard(device_id)
            if not bitmap:
                installed[version] = EMPTY
        for version in come:
            self._editable(version).add(device_id)

    def set_facts(self, facts: Sequence[DeviceFacts]) -> None:
        """Move devices between groups, in and out of the counted ones, and set their values."""
        if not facts:
            return
        self.view.population, moves = self.view.population.changed(places_of(facts))
        widen(self.view)
        if self._recount:
            return
        if sum(len(move.devices) for move in moves) > self._bulk:
            self._shift_all(moves)
            return
        latest = {fact.device_id: fact for fact in facts}
        for move in moves:
            for device_id in move.devices:
                known = latest[device_id].versions
                versions = self._scan(device_id) if known is None else known.tolist()
                self._move_columns(versions, move.before, move.now)
                self._pause()

    def set_places(self, places: FleetPlaces) -> None:
        """As ``set_facts``, for many devices: what it costs does not depend on their number."""
        self.view.population, moves = self.view.population.changed(places)
        widen(self.view)
        if moves and not self._recount:
            self._shift_all(moves)

    def set_hazards(self, hazards: Mapping[int, int]) -> None:
        """Set hazards in all ledgers and move the sums of the devices concerned."""
        if not hazards:
            return
        ids = np.array(sorted(hazards), np.int64)
        values = np.array([hazards[one] for one in ids.tolist()], np.int64)
        for ledger in self._ledgers:
            if self._recount:
                ledger.set(ids, values)
            else:
                ledger.fold(ids, values, self._exposed_now, self.view.device_extent, self._pause)

    def set_matches(self, matches: Mapping[int, Iterable[int]]) -> None:
        """Make the vulnerabilities of software versions what the matching says."""
        added: dict[int, list[int]] = {}
        removed: dict[int, list[int]] = {}
        for version, vulnerabilities in matches.items():
            before, now = self._weaknesses[version], BitMap(vulnerabilities)
            if before == now:
                continue
            for vulnerability in now - before:
                added.setdefault(vulnerability, []).append(version)
            for vulnerability in before - now:
                removed.setdefault(vulnerability, []).append(version)
            self._weaknesses[version] = now if now else EMPTY
            if bool(before) != bool(now):
                self._stale_software.add(int(self._software.one(version)))
        for vulnerability in sorted(added.keys() | removed.keys()):
            self._set_carriers(vulnerability, added.get(vulnerability, ()), removed.get(vulnerability, ()))
            self._pause()

    def finish(self, seq: int | None) -> FleetView:
        """Bring counts and sums up to date and close the new view."""
        view = self.view
        view.installed = self._installed.freeze()
        view.weaknesses = self._weaknesses.freeze()
        view.carriers = self._carriers.freeze()
        view.software = self._software.freeze()
        view.versions = self._versions.freeze()
        view.slots = self._slots.freeze()
        view.slot_ids = self._slot_ids.freeze()
        view.findings = self._findings.freeze()
        if self._recount:
            recount(view, self._ledgers, self._pause)
            self._stripped = set(view.detection.of_device)
        else:
            self._patches.write(view)
            recount_software(view, self._stale_software - {0})
        for ledger in self._ledgers:
            dress(ledger, view, view.detection, self._stripped)
        view.extras = self._ledger.extras
        view.hazard = self._ledger.hazard
        view.sums = self._ledger.sums.freeze()
        view.lately = view.lately.followed(seq, self._reported)
        if seq is not None:
            view.facts_seq = seq
        return view

    def _scan(self, device_id: int) -> list[int]:
        return [
            version
            for start, page in self._installed.freeze().filled()
            for version, has in enumerate(page, start)
            if device_id in has
        ]

    def _editable(self, version: int) -> BitMap:
        bitmap = self._installed[version]
        if version not in self._owned or bitmap is EMPTY:
            # Looking for a smaller form of a large bitmap takes ten times as long as the copy.
            bitmap = BitMap(bitmap, optimize=False)
            self._installed[version] = bitmap
            self._owned.add(version)
        return bitmap

    def _vulnerabilities(self, versions: Iterable[int]) -> BitMap:
        """May be a bitmap of the index: not to be changed."""
        found = [some for some in self._weaknesses.many(versions) if some is not EMPTY]
        if len(found) > 1:
            return BitMap.union(*found)
        return found[0] if found else EMPTY

    def _slots_of(self, vulnerabilities: BitMap) -> Int64s:
        return self._slots.freeze().take(to_ids(vulnerabilities))

    def _move(self, device_id: int, now: Set[int], gone: Set[int], come: Set[int]) -> None:
        """Move counts and the device's sum; ``now``: all that is installed once ``gone`` went and ``come`` came."""
        lost, won = self._vulnerabilities(gone), self._vulnerabilities(come)
        column = int(self.view.population.column_of.one(device_id))
        if lost or won:
            # What no change names is installed as it was, so all of it but what came has been there.
            base = self._vulnerabilities(now - come)
            before, after = base | lost, base | won
            self._patches.exposed(self._slots_of(after - before), column, 1)
            self._patches.exposed(self._slots_of(before - after), column, -1)
            self._findings.set(device_id, len(after))
            for ledger in self._ledgers:
                ledger.sums.set(device_id, ledger.sum_of(after))
        self._move_software(column, now, gone, come)

    def _move_software(self, column: int, now: Set[int], gone: Set[int], come: Set[int]) -> None:
        left, new = self._softwares(gone), self._softwares(come)
        for is_exposed in (False, True):
            lost, won = self._named(left, is_exposed), self._named(new, is_exposed)
            if lost == won:
                continue
            for software, amount in ((won - lost, 1), (lost - won, -1)):
                moved = [one for one in software if not self._is_kept(one, now, come, is_exposed)]
                self._patches.software(moved, column, amount, is_exposed=is_exposed)

    def _softwares(self, versions: Iterable[int]) -> list[tuple[int, bool]]:
        """(software, whether the version is weak) of each version; without those of unknown software."""
        software, weaknesses = self._software, self._weaknesses
        found = [(int(software.one(version)), weaknesses[version] is not EMPTY) for version in versions]
        return [one for one in found if one[0]]

    def _named(self, found: Iterable[tuple[int, bool]], only_weak: bool) -> set[int]:
        return {software for software, is_weak in found if is_weak or not only_weak}

    def _is_kept(self, software_id: int, now: Set[int], come: Set[int], only_weak: bool) -> bool:
        """Whether a version of that software was installed and is still; a weak one where only those are asked for."""
        weaknesses = self._weaknesses
        return any(
            version in now and version not in come and (not only_weak or weaknesses[version] is not EMPTY)
            for version in self._versions[software_id]
        )

    def _move_columns(self, versions: Sequence[int], before: int, now: int) -> None:
        """Move one device's counts from a column to another."""
        slots = self._slots_of(self._vulnerabilities(versions))
        found = self._softwares(versions)
        for column, amount in ((before, -1), (now, 1)):
            self._patches.exposed(slots, column, amount)
            for is_exposed in (False, True):
                software = self._named(found, is_exposed)
                self._patches.software(software, column, amount, is_exposed=is_exposed)

    def _shift_all(self, moves: Sequence[Move]) -> None:
        """Move counts between columns, by sets of devices."""
        self._patches.write(self.view)
        shift(self.view, Carried(self._installed.freeze(), self._carriers.freeze(), self._versions.freeze(),
                                 self._weaknesses.freeze()), moves, self._pause)  # fmt: skip

    def _exposed_now(self, vulnerability: int) -> BitMap:
        return self._carrying(self._carriers[vulnerability])

    def _carrying(self, versions: Iterable[int]) -> BitMap:
        return BitMap.union(EMPTY, *self._installed.many(versions))

    def _set_carriers(self, vulnerability: int, added: Sequence[int], removed: Sequence[int]) -> None:
        before = self._carriers[vulnerability]
        now = tuple(sorted((set(before) | set(added)) - set(removed)))
        self._carriers[vulnerability] = now if now else self.view.carriers.default
        slot = self._slot(vulnerability)
        if not self._recount:
            had, has = self._carrying(before), self._carrying(now)
            self._shift(vulnerability, slot, to_ids(has - had), 1)
            self._shift(vulnerability, slot, to_ids(had - has), -1)
        if not now:
            # Facts of an absent vulnerability are not followed; they are read anew when it comes back.
            for ledger in self._ledgers:
                ledger.set(np.array([vulnerability]), np.array([UNKNOWN_HAZARD]))

    def _shift(self, vulnerability: int, slot: int, devices: Ids, sign: int) -> None:
        """Devices that begin (sign 1) or cease (sign -1) to carry a vulnerability."""
        if len(devices) == 0:
            return
        for ledger in self._ledgers:
            ledger.sums.add(devices, sign * ledger.of(vulnerability))
        self._findings.add(devices, sign)
        counts = count_columns(self.view.population.column_of, devices, self.view.population.width)
        self._patches.exposed_columns(slot, counts, sign)

    def _slot(self, vulnerability: int) -> int:
        slot = int(self._slots.one(vulnerability))
        if slot == NO_SLOT:
            slot = self.view.slot_count
            self.view.slot_count += 1
            self._slots.set(vulnerability, slot)
            self._slot_ids.set(slot, vulnerability)
        return slot
