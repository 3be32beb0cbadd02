"""From rows of ``changes`` to what one scope may know of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import islice

import msgspec
from pyroaring import BitMap

from weakspot import access, exceptions, inventory, posture, remediation, threats, timeline
from weakspot.access import Scope
from weakspot.fleet import Fleet
from weakspot.inventory import labels, settings
from weakspot.posture import baselines
from weakspot.queries.base import ReadContext
from weakspot.runtime import changes

MATCHES_CHANGED = "matching.matches"
KNOWLEDGE_CHANGED = "intel.knowledge"

_DEVICE_TOPICS = frozenset({"devices", "software", "weaknesses", "dashboard"})
_KNOWLEDGE_TOPICS = _DEVICE_TOPICS | {"knowledge"}
_KEPT_DEVICES = 200


class View(msgspec.Struct, frozen=True):
    """What one scope is told: topics, and public ids of changed and of removed devices."""

    topics: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.topics

    def merged(self, later: View) -> View:
        """Both in one; a device that came back is not removed. Bounded: only some devices are named."""
        devices = (self.devices - later.removed) | later.devices
        return View(
            self.topics | later.topics,
            frozenset(islice(devices, _KEPT_DEVICES)),
            (self.removed - later.devices) | later.removed,
        )


class ChangedDevice(msgspec.Struct, frozen=True):
    """One device of a batch; a group of 0 is none: not enrolled before, or gone now."""

    public_id: str
    group_before: int
    group_now: int


class Batch(msgspec.Struct, frozen=True):
    """Changes up to ``seq``. ``is_cut``: there are more."""

    seq: int
    is_cut: bool
    is_access_changed: bool
    is_knowledge_changed: bool
    devices: tuple[ChangedDevice, ...]
    devices_with_facts: int
    software_versions: frozenset[int]
    is_detection_changed: bool = False
    is_event_told: bool = False
    """The timeline has something new."""
    is_exception_changed: bool = False
    is_activity_changed: bool = False
    is_check_changed: bool = False
    """People decided about a check or a baseline profile, or there are new ones."""
    is_setting_changed: bool = False


class GroupMemory:
    """Device id -> group id as last told, four bytes a device (ids are dense)."""

    def __init__(self, groups: Iterable[tuple[int, int]] = ()) -> None:
        self._groups = array("i")
        for device, group in groups:
            self.set(device, group)

    def get(self, device: int) -> int:
        """0 when the device was not known."""
        return self._groups[device] if device < len(self._groups) else 0

    def set(self, device: int, group: int) -> None:
        """Remember where a device is."""
        if device >= len(self._groups):
            self._groups.extend([0] * (device + 1024 - len(self._groups)))
        self._groups[device] = group

    def copy(self) -> GroupMemory:
        """An independent copy."""
        copied = GroupMemory()
        copied._groups = self._groups[:]
        return copied


def read_batch(read: ReadContext, seq: int, groups: GroupMemory, limit: int, *, is_heard: bool = True) -> Batch:
    """The next changes after ``seq``; brings ``groups`` up to date.

    is_heard: False where nothing is told of it, and only those devices are looked up that may have come or moved.
    """
    rows = list(changes.since(read.conn, seq, limit=limit))
    touched: set[int] = set()
    with_facts: set[int] = set()
    versions: set[int] = set()
    kinds: set[str] = set()
    for row in rows:
        kinds.add(row.kind)
        if row.kind in (inventory.DEVICE_CHANGED, inventory.FACTS_CHANGED):
            touched.add(row.payload["device_id"])
            if row.kind == inventory.FACTS_CHANGED:
                with_facts.add(row.payload["device_id"])
        elif row.kind == labels.POPULATION_CHANGED:
            moved = BitMap.deserialize(row.payload["devices"])
            touched.update(moved)
            with_facts.update(moved)
        elif row.kind == labels.LABELS_CHANGED:
            touched.update(BitMap.deserialize(row.payload["devices"]))
        elif row.kind == threats.DETECTIONS_CHANGED:
            touched.update(row.payload["device_ids"])
        elif row.kind == settings.SETTINGS_CHANGED:
            touched.add(row.payload["device_id"])
        elif row.kind == MATCHES_CHANGED:
            versions.update(row.payload["software_version_ids"])
    return Batch(
        seq=rows[-1].seq if rows else seq,
        is_cut=len(rows) == limit,
        is_access_changed=access.CHANGED in kinds,
        is_knowledge_changed=KNOWLEDGE_CHANGED in kinds,
        devices=_changed_devices(read, touched if is_heard else with_facts, groups),
        devices_with_facts=len(with_facts),
        software_versions=frozenset(versions),
        is_detection_changed=threats.DETECTIONS_CHANGED in kinds,
        is_event_told=timeline.TIMELINE_CHANGED in kinds,
        is_exception_changed=exceptions.CHANGED in kinds,
        is_activity_changed=remediation.CHANGED in kinds,
        is_check_changed=not kinds.isdisjoint({posture.CHECKS_CHANGED, baselines.BASELINES_CHANGED}),
        is_setting_changed=settings.SETTINGS_CHANGED in kinds,
    )


def view_for(batch: Batch, scope: Scope, fleet: Fleet) -> View:
    """What of a batch concerns a scope. No counts, and nothing of devices that never were inside."""
    now = frozenset(one.public_id for one in batch.devices if one.group_now and scope.includes(one.group_now))
    before = frozenset(one.public_id for one in batch.devices if one.group_before and scope.includes(one.group_before))
    topics: frozenset[str] = frozenset()
    if now or before or _is_installed(batch.software_versions, scope, fleet):
        topics = _DEVICE_TOPICS
    if batch.is_check_changed or batch.is_exception_changed or (topics and batch.is_setting_changed):
        topics |= {"checks"}
    if batch.is_knowledge_changed:
        topics |= _KNOWLEDGE_TOPICS
    sees_all = scope.group_ids is None  # detections without a device, and whose events they are, are for these alone
    if batch.is_detection_changed and (topics or sees_all):
        topics |= {"detections"}
    if batch.is_event_told and sees_all:
        topics |= {"timeline"}
    # That something was decided somewhere is told to everybody; what it was, only those read who may.
    if batch.is_exception_changed:
        topics |= _DEVICE_TOPICS | {"exceptions"}
    if batch.is_activity_changed:
        topics |= {"remediation"}
    return View(topics, now, before - now)


def _is_installed(versions: frozenset[int], scope: Scope, fleet: Fleet) -> bool:
    view = fleet.view()
    return any(len(view.devices_of_version(version, scope)) for version in versions)


def _changed_devices(read: ReadContext, ids: set[int], groups: GroupMemory) -> tuple[ChangedDevice, ...]:
    if not ids:
        return ()
    changed = []
    for device in inventory.fleet_device(read.conn, sorted(ids), read.now):
        changed.append(ChangedDevice(device.public_id, groups.get(device.id), device.group_id))
        groups.set(device.id, device.group_id)
    return tuple(changed)
