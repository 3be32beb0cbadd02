"""The Baselines page: profiles, one with its checks and devices, those of one device (spec/features.md 17.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np
from pyroaring import BitMap

from weakspot import inventory, posture
from weakspot.access.contracts import Scope
from weakspot.inventory import settings
from weakspot.posture import Check, Platform
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.baseline_contracts import (
    BaselineConfigurationRow,
    BaselineDetail,
    BaselineDeviceRow,
    BaselineOverview,
    BaselineRow,
    Compliance,
    DeviceBaseline,
    DeviceConfigurationRow,
    FailingConfiguration,
    FailingDevice,
)
from weakspot.queries.baseline_reader import Assessed, BaselineReader, Standing
from weakspot.queries.columns import Ids, arranged
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens, cut, find_device, ids_of
from weakspot.runtime.clock import to_iso

DEVICES = ListShape(
    filters={"compliance": get_args(Compliance), "configuration": None},
    sorts=("name", "failing_settings", "unknown_settings", "compliant_settings"),
    default_sort="-failing_settings",
)
TOP = 5


def listed(read: ReadContext, scope: Scope) -> list[BaselineRow]:
    """All profiles by name, with the devices of the scope."""
    reader = BaselineReader(Lens(read, scope))
    return [_row(reader.lens, reader.standing(one)) for one in reader.all]


def overview(read: ReadContext, scope: Scope) -> BaselineOverview:
    """All enabled profiles together, and what fails most."""
    lens = Lens(read, scope)
    standings = BaselineReader(lens).enabled()
    devices, failing, unknown = (
        BitMap.union(BitMap(), *(getattr(one, name) for one in standings)) for name in ("devices", "failing", "unknown")
    )
    worst = _failing_counts(item for one in standings for item in one.assessed.values())
    named = {one.id: one for one in inventory.devices(lens.conn, [one for one, _ in worst])}
    return BaselineOverview(
        devices=len(devices),
        compliant_devices=len(devices - failing - unknown),
        non_compliant_devices=len(failing),
        unknown_devices=len(unknown - failing),
        profiles=[_row(lens, one) for one in standings],
        top_failing_devices=[
            FailingDevice(id=named[one].public_id, name=named[one].name, failing_settings=count) for one, count in worst
        ],
        top_failing_configurations=_worst_configurations(standings),
    )


def detail(read: ReadContext, scope: Scope, baseline_id: str) -> BaselineDetail:
    """One profile. Raises NotFound."""
    reader = BaselineReader(Lens(read, scope))
    found = reader.one(baseline_id)
    rows = [_configuration(reader, one, found) for one in found.assessed.values()]
    return BaselineDetail(
        baseline=_row(reader.lens, found),
        configurations=sorted(rows, key=lambda one: (-one.non_compliant_devices, -one.unknown_devices, one.check_id)),
        missing_checks=list(found.missing),
    )


def devices(read: ReadContext, scope: Scope, baseline_id: str, query: ListQuery) -> Page[BaselineDeviceRow]:
    """Devices of a profile; of one ``configuration``: by how they stand to that alone. Raises NotFound."""
    query = DEVICES.check(query)
    lens = Lens(read, scope)
    found = BaselineReader(lens).one(baseline_id)
    columns = lens.device_columns()
    ids = columns.ids[columns.positions(ids_of(_chosen(found, query)))]
    if text := query.search.casefold().strip():
        ids = ids[columns.haystack.containing(text)[columns.positions(ids)]]
    items = list(found.assessed.values())
    column = query.sort.removeprefix("-").removesuffix("_settings")
    if column == "name":
        values = columns.name_rank[columns.positions(ids)]
    else:
        values = _counts(ids, [getattr(one, column) for one in items])
    ordered = ids[arranged(values, descending=query.sort.startswith("-"), upto=query.end)]
    return cut(ordered, query, shape=DEVICES, noun="Devices", rows=lambda page: _device_rows(lens, found, page))


def of_device(read: ReadContext, scope: Scope, public_id: str) -> list[DeviceBaseline]:
    """The enabled profiles that are for a device, with what they ask of it. Raises NotFound."""
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    present = settings.present(read.conn, device.id)
    told = settings.values(read.conn, () if present is None else present[0].tolist())
    by_name = {one.name: one.value for one in told.values()}
    found = []
    for standing in BaselineReader(lens).enabled():
        if device.id in standing.devices:
            rows = [
                _of_device(one, standing, device.id, by_name.get(one.check.setting))
                for one in standing.assessed.values()
            ]
            found.append(
                DeviceBaseline(
                    id=standing.baseline.id,
                    name=standing.baseline.profile.name,
                    compliance=standing.of_device(device.id),
                    configurations=sorted(rows, key=lambda one: (_ORDER[one.result], one.is_exempt, one.check_id)),
                )
            )
    return found


_ORDER = {"non_compliant": 0, "unknown": 1, "compliant": 2, "not_applicable": 3}


def source_of(check: Check, platform: Platform) -> str:
    """Where a device of a platform has the setting."""
    return check.provided.get(platform) or check.provided.get("osquery") or check.setting


def _row(lens: Lens, standing: Standing) -> BaselineRow:
    one, profile = standing.baseline, standing.baseline.profile
    return BaselineRow(
        id=one.id,
        name=profile.name,
        description=profile.description,
        benchmark=profile.benchmark,
        version=profile.version,
        level=profile.level,
        platform=profile.platform,
        distribution=profile.distribution,
        os_version=profile.os_version,
        is_enabled=profile.is_enabled,
        settings=len(standing.assessed),
        groups=None if profile.groups is None else [one for one in profile.groups if lens.scope.includes(one)],
        tags=list(profile.tags),
        devices=len(standing.devices),
        compliant_devices=len(standing.compliant),
        non_compliant_devices=len(standing.failing),
        unknown_devices=len(standing.unknown),
        created_by=one.created_by.split(":", 2)[-1],
        created_at=to_iso(one.created_at),
        changed_by=None if one.changed_by is None else one.changed_by.split(":", 2)[-1],
        changed_at=None if one.changed_at is None else to_iso(one.changed_at),
    )


def _configuration(reader: BaselineReader, one: Assessed, standing: Standing) -> BaselineConfigurationRow:
    check = one.check
    return BaselineConfigurationRow(
        check_id=check.id,
        title=check.title,
        category=check.category,
        subcategory=check.subcategory,
        setting=check.setting,
        expected=posture.expected_text(check.compliant),
        check_expected=posture.expected_text(reader.checks.states[check.id].check.compliant),
        is_customised=one.is_customised,
        own_expected=check.compliant if one.is_customised else None,
        source=source_of(check, standing.baseline.profile.platform),
        applicable_devices=len(one.applicable),
        compliant_devices=len(one.compliant),
        non_compliant_devices=len(one.failing),
        unknown_devices=len(one.unknown),
        exempt_devices=len(one.exempt),
    )


def _chosen(standing: Standing, query: ListQuery) -> BitMap:
    wanted = query.filters.get("compliance") or get_args(Compliance)
    named = query.filters.get("configuration") or ()
    of: Iterable[Standing | Assessed] = [standing]
    if named:
        of = [standing.assessed[one] for one in named if one in standing.assessed]
    names = {"compliant": "compliant", "non_compliant": "failing", "unknown": "unknown"}
    return BitMap.union(BitMap(), *(getattr(one, names[word]) for one in of for word in wanted))


def _counts(ids: Ids, some: list[BitMap]) -> Ids:
    """In how many bitmaps each of the ids is."""
    size = int(ids[-1]) + 1 if len(ids) else 1
    total = np.zeros(size, np.int64)
    for one in some:
        here = ids_of(one)
        total[here[: np.searchsorted(here, size)]] += 1
    return total[ids]


def _device_rows(lens: Lens, standing: Standing, page: Sequence[int]) -> list[BaselineDeviceRow]:
    known = {one.id: one for one in inventory.devices(lens.conn, sorted(page))}
    items = list(standing.assessed.values())
    return [
        BaselineDeviceRow(
            id=known[one].public_id,
            name=known[one].name,
            group_id=known[one].group_id,
            group_name=lens.group_names.get(known[one].group_id, ""),
            compliance=standing.of_device(one),
            compliant_settings=sum(one in item.compliant for item in items),
            failing_settings=sum(one in item.failing for item in items),
            unknown_settings=sum(one in item.unknown for item in items),
        )
        for one in page
    ]


def _of_device(one: Assessed, standing: Standing, device_id: int, value: str | None) -> DeviceConfigurationRow:
    return DeviceConfigurationRow(
        check_id=one.check.id,
        title=one.check.title,
        result=posture.evaluate(one.check, value),
        is_exempt=device_id in one.exempt,
        setting=one.check.setting,
        expected=posture.expected_text(one.check.compliant),
        value=value,
        source=source_of(one.check, standing.baseline.profile.platform),
    )


def _failing_counts(items: Iterable[Assessed]) -> list[tuple[int, int]]:
    """(device, failing settings) of the worst devices."""
    failing = [one.failing for one in items]
    ids = ids_of(BitMap.union(BitMap(), *failing))
    counts = Counter(dict(zip(ids.tolist(), _counts(ids, failing).tolist(), strict=True)))
    return sorted(counts.most_common(TOP), key=lambda one: (-one[1], one[0]))


def _worst_configurations(standings: list[Standing]) -> list[FailingConfiguration]:
    found = [
        FailingConfiguration(
            baseline_id=standing.baseline.id,
            baseline_name=standing.baseline.profile.name,
            check_id=one.check.id,
            title=one.check.title,
            devices=len(one.failing),
        )
        for standing in standings
        for one in standing.assessed.values()
        if one.failing
    ]
    return sorted(found, key=lambda one: (-one.devices, one.baseline_name, one.check_id))[:TOP]
