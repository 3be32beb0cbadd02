"""One version of the fleet index: everything a reader can ask, of one moment, without a lock.

A view never changes; the writer makes the next one and swaps it in. A reader that asks several questions about the same
moment (a page with rows, counts and a total) takes one view and asks it all of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.contracts import UNKNOWN_HAZARD, DeviceValue, FleetCounts, Ids, Int64s, Labels
from weakspot.fleet.lately import Lately
from weakspot.fleet.paging import PagedArray, PagedList
from weakspot.fleet.population import Population
from weakspot.fleet.raising import Detected

T = TypeVar("T")

EMPTY = BitMap()
"""The one absent bitmap; compared by identity and never changed."""

NO_VERSIONS: tuple[int, ...] = ()
NO_SLOT = -1


class FleetView:
    """The index at one moment (see the module). All bitmaps handed out are the caller's own."""

    def __init__(self) -> None:
        self.seq = 0
        """Last ``changes.seq`` that is wholly in force."""
        self.facts_seq = 0
        """Last one whose devices and matches are in force; ahead of ``seq`` while new hazards are being folded."""
        self.population = Population()
        self.installed: PagedList[BitMap] = PagedList(EMPTY)
        """Software version -> devices that have it, counted or not."""
        self.weaknesses: PagedList[BitMap] = PagedList(EMPTY)
        """Software version -> vulnerabilities."""
        self.carriers: PagedList[tuple[int, ...]] = PagedList(NO_VERSIONS)
        """Vulnerability -> software versions, ascending."""
        self.software: PagedArray = PagedArray(np.int32)
        """Software version -> software; 0 where not known."""
        self.versions: PagedList[tuple[int, ...]] = PagedList(NO_VERSIONS)
        """Software -> software versions, ascending."""
        self.hazard: PagedArray = PagedArray(np.int64, fill=UNKNOWN_HAZARD)
        """Vulnerability -> hazard."""
        self.sums: PagedArray = PagedArray(np.int64)
        """Device -> sum of the hazards of its vulnerabilities."""
        self.findings: PagedArray = PagedArray(np.int32)
        """Device -> number of its vulnerabilities."""
        self.slots: PagedArray = PagedArray(np.int32, fill=NO_SLOT)
        """Vulnerability -> row in ``exposed_rows``; rows are never given back."""
        self.slot_ids: PagedArray = PagedArray(np.int64, fill=NO_SLOT)
        self.slot_count = 0
        self.exposed_rows: PagedArray = PagedArray(np.int32, width=8)
        """Row of a vulnerability -> devices that carry it, per column of the population."""
        self.software_installed_rows: PagedArray = PagedArray(np.int32, width=8)
        """Software -> devices that have it, per column."""
        self.software_exposed_rows: PagedArray = PagedArray(np.int32, width=8)
        """Software -> devices with a version that has a vulnerability, per column."""
        self.detection = Detected()
        """Where detections raise hazards."""
        self.extras: Mapping[int, int] = {}
        """Device -> part of its sum that is there because of detections."""
        self.labels: Labels = {}
        """Sets of devices by label; never changed, only replaced."""
        self.settings: PagedList[BitMap] = PagedList(EMPTY)
        """Setting value -> devices that have it, counted or not."""
        self.platforms: Mapping[str, BitMap] = {}
        """Kind of system (``linux``, ``windows``, ``macos``) -> devices, counted or not."""
        self.lately = Lately()
        """Whose installed software the last batches changed."""
        self.device_extent = 0
        """One more than the largest device id that ever had an installation."""
        self._memo: dict[Any, Any] = {}

    # devices ---------------------------------------------------------------------------------------------------------

    def scope_bitmap(self, scope: Scope) -> BitMap:
        """Counted devices in the scope."""
        return BitMap(self.population.devices(scope))

    def is_in_scope(self, device_id: int, scope: Scope) -> bool:
        """Whether the device is counted and in one of the scope's groups."""
        return device_id in self.population.devices(scope)

    def devices_of_version(self, software_version_id: int, scope: Scope) -> BitMap:
        """Devices in scope that have the software version."""
        return self.installed[software_version_id] & self.population.devices(scope)

    def devices_of_versions(self, software_version_ids: Iterable[int], scope: Scope) -> BitMap:
        """Devices in scope that have any of the software versions."""
        return self.carrying(software_version_ids) & self.population.devices(scope)

    def devices_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> BitMap:
        """Devices in scope with a software version that has the vulnerability."""
        return self.devices_of_versions(self.carriers[vulnerability_id], scope)

    def devices_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """Devices in scope that have any version of the software."""
        return self.devices_of_versions(self.versions[software_id], scope)

    def exposed_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """Devices in scope that have a version of the software with any vulnerability."""
        return self.devices_of_versions(self.weak_versions(software_id), scope)

    def device_value(self, device_id: int) -> DeviceValue | None:
        """The device's value; None when the device is not known."""
        return self.population.value_of(device_id)

    def carrying(self, software_version_ids: Iterable[int]) -> BitMap:
        """All devices, counted or not, that have any of the software versions."""
        return BitMap.union(EMPTY, *self.installed.many(software_version_ids))

    def devices_with_settings(self, setting_value_ids: Iterable[int]) -> BitMap:
        """All devices, counted or not, that have any of the setting values."""
        return BitMap.union(EMPTY, *self.settings.many(setting_value_ids))

    # facts -----------------------------------------------------------------------------------------------------------

    def versions_on(self, device_id: int) -> Ids:
        """All software versions on a device, ascending: a look through the whole index, some milliseconds."""
        return np.array(
            [
                version
                for start, page in self.installed.filled()
                for version, devices in enumerate(page, start)
                if device_id in devices
            ],
            np.uint32,
        )

    def vulnerabilities_of_device(self, device_id: int) -> BitMap:
        """Vulnerabilities of what is installed on the device, counted or not; some milliseconds, see ``versions_on``.

        Who has the device's installed versions at hand asks ``vulnerabilities_of_versions`` for them instead.
        """
        return self.vulnerabilities_of_versions(self.versions_on(device_id).tolist())

    def vulnerabilities_of_versions(self, software_version_ids: Iterable[int]) -> BitMap:
        """Vulnerabilities of any of the software versions, installed or not."""
        return BitMap.union(EMPTY, *self.weaknesses.many(software_version_ids))

    def vulnerabilities_of_version(self, software_version_id: int) -> BitMap:
        """Vulnerabilities of a software version, installed or not."""
        return BitMap(self.weaknesses[software_version_id])

    def versions_of_vulnerability(self, vulnerability_id: int) -> Ids:
        """Software versions that have the vulnerability, ascending; also those installed nowhere."""
        return np.array(self.carriers[vulnerability_id], np.uint32)

    def versions_of_software(self, software_id: int) -> Ids:
        """Known versions of the software, ascending by id; also those installed nowhere."""
        return np.array(self.versions[software_id], np.uint32)

    def weak_versions(self, software_id: int) -> list[int]:
        """Versions of the software with any vulnerability, ascending by id."""
        return [version for version in self.versions[software_id] if self.weaknesses[version] is not EMPTY]

    def software_of_version(self, software_version_id: int) -> int:
        """Software of a version; 0 when the version is not known."""
        return int(self.software.one(software_version_id))

    def vulnerabilities_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """Vulnerabilities of those versions of the software that are installed in the scope."""
        devices = self.population.devices(scope)
        return BitMap.union(
            EMPTY,
            *(
                self.weaknesses[version]
                for version in self.weak_versions(software_id)
                if self.installed[version].intersect(devices)
            ),
        )

    def vulnerability_hazard(self, vulnerability_id: int) -> int:
        """Hazard of a vulnerability (int64 fixed point 2**-32); 0 while its facts are not known."""
        return max(0, int(self.hazard.one(vulnerability_id)))

    def hazards_of(self, vulnerability_ids: Int64s | Ids) -> Int64s:
        """Hazards of many vulnerabilities, in the order asked; 0 where not known."""
        return np.maximum(self.hazard.take(vulnerability_ids), 0)

    @property
    def detected(self) -> Mapping[int, BitMap]:
        """Vulnerability -> devices on which its hazard is raised, where they have it. Shared: do not change."""
        return self.detection.devices

    def raised_by(self, vulnerability_id: int) -> int:
        """What a detection adds to the hazard of a vulnerability, on the devices of ``detected``."""
        whole = self.detection.hazards.get(vulnerability_id, 0)
        return max(0, whole - self.vulnerability_hazard(vulnerability_id))

    def present(self) -> Int64s:
        """Vulnerabilities that any known software version has, ascending, installed or not."""
        return self.memo("present", lambda: _shared(np.fromiter((one for one, _ in self.carriers.items()), np.int64)))

    # counts ----------------------------------------------------------------------------------------------------------

    def vulnerability_counts(self, scope: Scope) -> tuple[Int64s, Int64s]:
        """(vulnerability ids ascending, exposed devices in scope), only where there is at least one device."""

        def count() -> tuple[Int64s, Int64s]:
            counts = self._row_sums(self.exposed_rows, scope)[: self.slot_count]
            slots = np.flatnonzero(counts)
            ids = self.slot_ids.whole()[slots]
            order = np.argsort(ids)
            return _shared(ids[order]), _shared(counts[slots][order])

        return self.memo(("vulnerabilities", scope.group_ids), count)

    def count_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> int:
        """Exposed devices in scope of one vulnerability."""
        slot = int(self.slots.one(vulnerability_id))
        if slot == NO_SLOT:
            return 0
        return int(self.exposed_rows.one(slot)[list(self.population.columns(scope))].sum(dtype=np.int64))

    def software_counts(self, scope: Scope) -> tuple[Int64s, Int64s, Int64s]:
        """(software ids ascending, devices that have it, devices exposed by it), where installed in the scope."""

        def count() -> tuple[Int64s, Int64s, Int64s]:
            installed = self._row_sums(self.software_installed_rows, scope)
            exposed = self._row_sums(self.software_exposed_rows, scope)
            ids = np.flatnonzero(installed)
            padded = np.zeros(len(installed), np.int64)
            padded[: len(exposed)] = exposed[: len(padded)]
            return _shared(ids), _shared(installed[ids]), _shared(padded[ids])

        return self.memo(("software", scope.group_ids), count)

    def counts_of_software(self, software_id: int, scope: Scope) -> tuple[int, int]:
        """As ``software_counts``, of one software: devices in scope that have it, and those exposed by it."""
        columns = list(self.population.columns(scope))
        rows = self.software_installed_rows, self.software_exposed_rows
        installed, exposed = (int(one.one(software_id)[columns].sum(dtype=np.int64)) for one in rows)
        return installed, exposed

    def device_hazards(self, ids: BitMap | Sequence[int] | Ids | None, scope: Scope) -> tuple[Int64s, Int64s, Int64s]:
        """(device ids ascending, hazards, numbers of vulnerabilities) of the counted devices in scope among ``ids``."""
        if ids is None:

            def everything() -> tuple[Int64s, Int64s, Int64s]:
                ids, sums, findings = self._device_columns(to_ids(self.population.devices(scope)))
                return _shared(ids), _shared(sums), _shared(findings)

            return self.memo(("devices", scope.group_ids), everything)
        wanted = ids if isinstance(ids, BitMap) else BitMap([int(one) for one in ids])
        return self._device_columns(to_ids(wanted & self.population.devices(scope)))

    def sizes(self) -> FleetCounts:
        """How big the index is; walks all bitmaps (for people and benchmarks, not for pages)."""
        bitmaps = [bitmap for _, bitmap in self.installed.items()]
        return FleetCounts(
            seq=self.seq,
            devices=len(self.population.all_devices()),
            software_versions=len(bitmaps),
            vulnerabilities=len(self.present()),
            findings=int(self.findings.whole().sum(dtype=np.int64)),
            bitmap_bytes=sum(bitmap.get_statistics()["n_bytes_array_containers"]
                             + bitmap.get_statistics()["n_bytes_run_containers"]
                             + bitmap.get_statistics()["n_bytes_bitset_containers"] for bitmap in bitmaps),
        )  # fmt: skip

    # for the layers above --------------------------------------------------------------------------------------------

    def memo(self, key: Any, make: Callable[[], T]) -> T:
        """``make()``, remembered as long as this view lives. Keys of other contexts start with their name."""
        found = self._memo.get(key)
        if found is None:
            found = make()
            if len(self._memo) > 512:  # bounded: scopes come from callers
                self._memo.clear()
            self._memo[key] = found
        return found

    def successor(self) -> FleetView:
        """A shallow copy with an empty memo, for the writer to fill."""
        following = copy.copy(self)
        following._memo = {}
        return following

    def _row_sums(self, rows: PagedArray, scope: Scope) -> Int64s:
        return rows.sums(slice(1, None) if scope.group_ids is None else list(self.population.columns(scope)))

    def _device_columns(self, ids: Ids) -> tuple[Int64s, Int64s, Int64s]:
        return ids.astype(np.int64), self.sums.take(ids), self.findings.take(ids).astype(np.int64)


def to_ids(bitmap: BitMap) -> Ids:
    """Members of a bitmap, ascending, as a numpy array (no copy)."""
    return np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)


def _shared(values: Int64s) -> Int64s:
    """Arrays that several readers get are read-only."""
    values.flags.writeable = False
    return values
