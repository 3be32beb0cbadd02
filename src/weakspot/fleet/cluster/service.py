"""``ClusterFleet``: one index made of shards. Every answer is of all of them, or an error that names the missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet.cluster import questions
from weakspot.fleet.cluster.asking import Asking
from weakspot.fleet.cluster.questions import DeviceSet, Known, Page
from weakspot.fleet.contracts import DeviceValue, FleetCounts, Ids, Int64s

MAX_PAGE = 10_000


class ClusterFleet(Asking):
    """The questions of ``FleetView``, to all shards. Each answers for one moment, and two questions for two of them."""

    # devices ---------------------------------------------------------------------------------------------------------

    def scope_bitmap(self, scope: Scope) -> BitMap:
        """As ``FleetView.scope_bitmap``."""
        return self._set("scope_bitmap", scope)

    def is_in_scope(self, device_id: int, scope: Scope) -> bool:
        """As ``FleetView.is_in_scope``."""
        return bool(self._read("is_in_scope", device_id, scope))

    def devices_of_version(self, software_version_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_version``."""
        return self._set("devices_of_version", software_version_id, scope)

    def devices_of_versions(self, software_version_ids: Iterable[int], scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_versions``."""
        return self._set("devices_of_versions", list(software_version_ids), scope)

    def devices_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_vulnerability``."""
        return self._set("devices_of_vulnerability", vulnerability_id, scope)

    def devices_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.devices_of_software``."""
        return self._set("devices_of_software", software_id, scope)

    def exposed_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.exposed_of_software``."""
        return self._set("exposed_of_software", software_id, scope)

    def members(self, name: DeviceSet, *arguments: Any, after: int = -1, limit: int = 100) -> Page:
        """A page of one of the sets above, by device id: ``members("devices_of_software", 7, scope, after=1200)``.

        after: the last id of the page before; limit: at most 10,000. Only so many ids cross from each shard.
        """
        limit = max(0, min(limit, MAX_PAGE))
        return self.fold(
            lambda parts: questions.one_page(parts, limit), questions.page, name, arguments, after, limit
        ).value

    def carrying(self, software_version_ids: Iterable[int]) -> BitMap:
        """As ``FleetView.carrying``."""
        return self._set("carrying", list(software_version_ids))

    def installed(self, software_version_ids: Iterable[int]) -> BitMap:
        """Those of some software versions that any device has, counted or not."""
        return self.fold(questions.united, questions.installed, list(software_version_ids)).value

    def devices_with_settings(self, setting_value_ids: Iterable[int]) -> BitMap:
        """As ``FleetView.devices_with_settings``."""
        return self._set("devices_with_settings", list(setting_value_ids))

    def device_value(self, device_id: int) -> DeviceValue | None:
        """As ``FleetView.device_value``."""
        value: DeviceValue | None = self._read("device_value", device_id)
        return value

    def known(self) -> Known:
        """All devices by where they belong (``FleetView.population``)."""
        return self.fold(questions.all_known, questions.known).value

    def labels(self) -> Mapping[tuple[str, str], BitMap]:
        """As ``FleetView.labels``; those without devices are left out."""
        return self.fold(questions.united_by_key, questions.labels).value

    def platforms(self) -> Mapping[str, BitMap]:
        """As ``FleetView.platforms``; those without devices are left out."""
        return self.fold(questions.united_by_key, questions.platforms).value

    # facts -----------------------------------------------------------------------------------------------------------

    def versions_on(self, device_id: int) -> Ids:
        """As ``FleetView.versions_on``."""
        found: Ids = self._read("versions_on", device_id)
        return found

    def vulnerabilities_of_device(self, device_id: int) -> BitMap:
        """As ``FleetView.vulnerabilities_of_device``."""
        return self._set("vulnerabilities_of_device", device_id)

    def vulnerabilities_of_software(self, software_id: int, scope: Scope) -> BitMap:
        """As ``FleetView.vulnerabilities_of_software``."""
        return self._set("vulnerabilities_of_software", software_id, scope)

    def vulnerabilities_of_versions(self, software_version_ids: Iterable[int]) -> BitMap:
        """As ``FleetView.vulnerabilities_of_versions``."""
        found: BitMap = self._alike("vulnerabilities_of_versions", list(software_version_ids))
        return found

    def vulnerabilities_of_version(self, software_version_id: int) -> BitMap:
        """As ``FleetView.vulnerabilities_of_version``."""
        found: BitMap = self._alike("vulnerabilities_of_version", software_version_id)
        return found

    def versions_of_vulnerability(self, vulnerability_id: int) -> Ids:
        """As ``FleetView.versions_of_vulnerability``."""
        found: Ids = self._alike("versions_of_vulnerability", vulnerability_id)
        return found

    def versions_of_software(self, software_id: int) -> Ids:
        """As ``FleetView.versions_of_software``."""
        found: Ids = self._alike("versions_of_software", software_id)
        return found

    def weak_versions(self, software_id: int) -> list[int]:
        """As ``FleetView.weak_versions``."""
        return list(self._alike("weak_versions", software_id))

    def software_of_version(self, software_version_id: int) -> int:
        """As ``FleetView.software_of_version``."""
        return int(self._alike("software_of_version", software_version_id))

    def vulnerability_hazard(self, vulnerability_id: int) -> int:
        """As ``FleetView.vulnerability_hazard``."""
        return int(self._alike("vulnerability_hazard", vulnerability_id))

    def hazards_of(self, vulnerability_ids: Int64s | Ids) -> Int64s:
        """As ``FleetView.hazards_of``."""
        found: Int64s = self._alike("hazards_of", vulnerability_ids)
        return found

    def present(self) -> Int64s:
        """As ``FleetView.present``."""
        found: Int64s = self._alike("present")
        return found

    def detected(self) -> Mapping[int, BitMap]:
        """As ``FleetView.detected``."""
        return self.fold(questions.united_by_key, questions.detected).value

    def raised_by(self, vulnerability_id: int) -> int:
        """As ``FleetView.raised_by``."""
        return int(self._read("raised_by", vulnerability_id))

    # counts ----------------------------------------------------------------------------------------------------------

    def vulnerability_counts(self, scope: Scope) -> questions.Columns:
        """As ``FleetView.vulnerability_counts``."""
        found: questions.Columns = self._read("vulnerability_counts", scope)
        return found

    def count_of_vulnerability(self, vulnerability_id: int, scope: Scope) -> int:
        """As ``FleetView.count_of_vulnerability``."""
        return int(self._read("count_of_vulnerability", vulnerability_id, scope))

    def software_counts(self, scope: Scope) -> questions.Columns:
        """As ``FleetView.software_counts``."""
        found: questions.Columns = self._read("software_counts", scope)
        return found

    def counts_of_software(self, software_id: int, scope: Scope) -> tuple[int, int]:
        """As ``FleetView.counts_of_software``."""
        installed, exposed = self._read("counts_of_software", software_id, scope)
        return installed, exposed

    def device_hazards(self, ids: BitMap | Sequence[int] | Ids | None, scope: Scope) -> questions.Columns:
        """As ``FleetView.device_hazards``."""
        found: questions.Columns = self._read("device_hazards", ids, scope)
        return found

    def top_devices(self, limit: int, scope: Scope) -> questions.Columns:
        """(device ids, hazards, numbers of vulnerabilities) of the ``limit`` devices with the largest hazards."""
        return self.fold(lambda parts: questions.first(parts, limit), questions.top_devices, limit, scope).value

    def sizes(self) -> FleetCounts:
        """As ``FleetView.sizes``; bytes are those of all shards."""
        return self.fold(questions.all_sizes, questions.sizes).value

    def _read(self, name: str, *arguments: Any) -> Any:
        return self.fold(questions.READS[name], questions.read, name, *arguments).value

    def _set(self, name: str, *arguments: Any) -> BitMap:
        found: BitMap = self._read(name, *arguments)
        return found

    def _alike(self, name: str, *arguments: Any) -> Any:
        return self.any_of(questions.read, name, *arguments).value
