"""What must be known of an index to say what exceptions cover: of one view, or of an index that is made of shards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from pyroaring import BitMap

from weakspot.fleet import FleetView
from weakspot.fleet.cluster import ClusterFleet
from weakspot.fleet.cluster.questions import Known


class Telling(Protocol):
    """What tells of settings."""

    def devices_with_settings(self, setting_value_ids: Iterable[int], /) -> BitMap:
        """All devices, counted or not, that have any of the setting values."""
        ...


class Facts(Telling, Protocol):
    """Questions for many things at once, because each may be a way to other machines and back."""

    def carriers_of(self, vulnerability_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
        """Vulnerability -> software versions that carry it, of those that any carries."""
        ...

    def software_of(self, software_version_ids: Iterable[int]) -> Mapping[int, int]:
        """Software version -> software; 0 where it is not known."""
        ...

    def installed_of(self, software_version_ids: Iterable[int]) -> BitMap:
        """Those software versions that any device has, counted or not."""
        ...

    def members_of(self, group_ids: Iterable[int]) -> BitMap:
        """Counted devices of some device groups."""
        ...

    def all_devices(self) -> BitMap:
        """Every known device, counted or not."""
        ...


class OfView:
    """The facts of one view."""

    def __init__(self, view: FleetView) -> None:
        self._view = view

    def devices_with_settings(self, setting_value_ids: Iterable[int], /) -> BitMap:
        """As ``Telling.devices_with_settings``."""
        return self._view.devices_with_settings(setting_value_ids)

    def carriers_of(self, vulnerability_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
        """As ``Facts.carriers_of``."""
        return carriers(self._view, vulnerability_ids)

    def software_of(self, software_version_ids: Iterable[int]) -> Mapping[int, int]:
        """As ``Facts.software_of``."""
        return software(self._view, software_version_ids)

    def installed_of(self, software_version_ids: Iterable[int]) -> BitMap:
        """As ``Facts.installed_of``."""
        return BitMap([one for one in software_version_ids if self._view.installed[one]])

    def members_of(self, group_ids: Iterable[int]) -> BitMap:
        """As ``Facts.members_of``."""
        return self._view.population.members_of(group_ids)

    def all_devices(self) -> BitMap:
        """As ``Facts.all_devices``."""
        return BitMap(self._everybody)

    @cached_property
    def _everybody(self) -> BitMap:
        return self._view.population.all_devices()


class OfCluster:
    """The facts of shards; which devices there are is asked once."""

    def __init__(self, cluster: ClusterFleet) -> None:
        self._cluster = cluster

    @cached_property
    def _known(self) -> Known:
        return self._cluster.known()

    def devices_with_settings(self, setting_value_ids: Iterable[int], /) -> BitMap:
        """As ``Telling.devices_with_settings``."""
        return self._cluster.devices_with_settings(setting_value_ids)

    def carriers_of(self, vulnerability_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
        """As ``Facts.carriers_of``."""
        found: Mapping[int, Sequence[int]] = self._cluster.any_of(carriers, list(vulnerability_ids)).value
        return found

    def software_of(self, software_version_ids: Iterable[int]) -> Mapping[int, int]:
        """As ``Facts.software_of``."""
        found: Mapping[int, int] = self._cluster.any_of(software, list(software_version_ids)).value
        return found

    def installed_of(self, software_version_ids: Iterable[int]) -> BitMap:
        """As ``Facts.installed_of``."""
        return self._cluster.installed(software_version_ids)

    def members_of(self, group_ids: Iterable[int]) -> BitMap:
        """As ``Facts.members_of``."""
        counted = self._known.counted
        return BitMap.union(BitMap(), *(counted[one] for one in set(group_ids) if one in counted))

    def all_devices(self) -> BitMap:
        """As ``Facts.all_devices``."""
        return BitMap(self._known.devices)


def carriers(view: FleetView, vulnerability_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """What ``Facts.carriers_of`` says, of a view; every shard knows all of it."""
    return {one: versions for one in vulnerability_ids if (versions := view.carriers[one])}


def software(view: FleetView, software_version_ids: Iterable[int]) -> dict[int, int]:
    """What ``Facts.software_of`` says, of a view; every shard knows all of it."""
    return {one: view.software_of_version(one) for one in software_version_ids}
