"""The Devices page and the head of one device. The tabs are ``software``, ``weaknesses`` and ``changes``."""

from __future__ import annotations

from typing import get_args

import numpy as np
from pyroaring import BitMap

from weakspot import intel, inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import Interface
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import Ids, Mask, Numbers, System, arranged
from weakspot.queries.contracts import (
    DeviceDetail,
    DeviceInterface,
    DeviceRow,
    ExposureLevel,
    Page,
    ScoreTerm,
)
from weakspot.queries.device_software import changes, software
from weakspot.queries.device_weaknesses import weaknesses
from weakspot.queries.lens import Lens, cut, find_device, ids_of
from weakspot.queries.rows import INACTIVE_AFTER, device_row, device_rows, iso

__all__ = ["SHAPE", "changes", "detail", "page", "page_of", "software", "weaknesses"]

LEVELS: tuple[ExposureLevel, ...] = get_args(ExposureLevel)

SHAPE = ListShape(
    filters={"level": LEVELS, "os": None, "health": ("Active", "Inactive")},
    sorts=("name", "exposure_score", "weaknesses", "software", "last_seen_at", "first_seen_at"),
    default_sort="-exposure_score",
)
TERMS_SHOWN = 10
"""Weaknesses named in the explanation of a score; the rest is one term."""


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[DeviceRow]:
    """All devices of the scope's groups, also those that do not count now; most exposed first."""
    lens = Lens(read, scope)
    return page_of(lens, lens.devices_in_scope(), query)


def page_of(lens: Lens, ids: Ids, query: ListQuery) -> Page[DeviceRow]:
    """A page of the given devices, which must be in the scope already; ids ascending."""
    query = SHAPE.check(query)
    columns = lens.device_columns()
    ids = columns.ids[columns.positions(ids)]
    ids = ids[_passing(lens, ids, query)]
    values = _sort_values(lens, ids, query.sort.removeprefix("-"))
    ordered = ids[arranged(values, descending=query.sort.startswith("-"))]
    return cut(ordered, query, shape=SHAPE, noun="Devices", rows=lambda chosen: device_rows(lens, chosen))


def detail(read: ReadContext, scope: Scope, public_id: str) -> DeviceDetail:
    """Head of the device page. Raises NotFound."""
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    described = device.described
    installed = inventory.installation_times(read.conn, device.id)
    found = ids_of(BitMap.union(BitMap(), *(lens.view.weaknesses[version] for version in installed)))
    reasons = lens.memory.not_assessed(read)
    return DeviceDetail(
        device=device_row(lens, device),
        architecture=device.architecture,
        kernel_running=described.os.kernel,
        kernels_installed=list(described.os.kernels_installed),
        is_restart_pending=described.os.pending_restart,
        hardware_vendor=described.hardware.vendor,
        hardware_model=described.hardware.model,
        interfaces=[_interface(one) for one in described.interfaces],
        sensor_version=device.sensor_version,
        discovery_source=device.discovery_source,
        is_excluded=device.is_excluded,
        exclusion_reason=device.exclusion_reason,
        last_report_at=iso(device.last_report_at),
        knowledge_version=intel.current_version(read.conn),
        not_assessed=sum(version in reasons for version in installed),
        severity_counts=lens.vulnerability_columns(found).severity_counts(found),
        score_terms=_score_terms(lens, found),
    )


def _passing(lens: Lens, ids: Ids, query: ListQuery) -> Mask:
    columns = lens.device_columns()
    kept = np.ones(len(ids), np.bool_)
    if levels := set(query.filters.get("level") or ()):
        kept &= _level_mask(lens, ids, levels)
    health = set(query.filters.get("health") or ())
    if len(health) == 1:
        is_active = lens.now - _last_seen(lens, ids) < INACTIVE_AFTER
        kept &= is_active if health == {"Active"} else ~is_active
    if systems := {word.casefold().strip() for word in query.filters.get("os") or ()}:
        passing = np.array([not systems.isdisjoint(_system_words(one)) for one in columns.systems], np.bool_)
        kept &= passing[columns.system[columns.positions(ids)]]
    if text := query.search.casefold().strip():
        kept &= columns.haystack.containing(text)[columns.positions(ids)]
    return kept


def _system_words(system: System) -> set[str]:
    """What an ``os`` filter may say: ``linux``, ``debian`` or ``debian 12``."""
    platform, distribution, version = (part.casefold() for part in system)
    return {platform, distribution, f"{distribution} {version}"}


def _hazards(lens: Lens, ids: Ids) -> Numbers:
    """Hazards of devices; NaN for those that do not count."""
    at = np.isin(ids, ids_of(lens.counted), assume_unique=True)
    hazards = np.full(len(ids), np.nan)
    hazards[at] = lens.view.sums.take(ids[at])
    return hazards


def _level_mask(lens: Lens, ids: Ids, levels: set[str]) -> Mask:
    hazards = _hazards(lens, ids)
    medium, high = scoring.hazard_at(scoring.LOW_BELOW), scoring.hazard_at(scoring.HIGH_FROM)
    in_level: dict[str, Mask] = {
        "High": hazards >= high,
        "Medium": (hazards >= medium) & (hazards < high),
        "Low": hazards < medium,
        "None": np.isnan(hazards),
    }
    passing: Mask = np.logical_or.reduce([in_level[level] for level in sorted(levels)])
    return passing


def _last_seen(lens: Lens, ids: Ids) -> Ids:
    contacts = lens.memory.contacts(lens.read)
    latest = np.zeros(len(ids), np.int64)
    known = np.isin(ids, contacts.ids, assume_unique=True)
    latest[known] = contacts.last_seen_at[np.searchsorted(contacts.ids, ids[known])]
    return latest


def _sort_values(lens: Lens, ids: Ids, sort: str) -> Ids | Numbers:
    columns = lens.device_columns()
    at = columns.positions(ids)
    match sort:
        case "name":
            return columns.name_rank[at]
        case "weaknesses":
            return lens.view.findings.take(ids).astype(np.int64)
        case "software":
            return columns.software[at]
        case "first_seen_at":
            return columns.first_seen_at[at]
        case "last_seen_at":
            return _last_seen(lens, ids)
        case _:
            return _hazards(lens, ids)


def _interface(one: Interface) -> DeviceInterface:
    return DeviceInterface(name=one.name, mac=one.mac, addresses=list(one.addresses), state=one.state)


def _score_terms(lens: Lens, vulnerability_ids: Ids) -> list[ScoreTerm]:
    terms = scoring.device_terms(intel.facts(lens.conn, vulnerability_ids.tolist()), limit=TERMS_SHOWN)
    whole = sum(term.hazard for term in terms)
    return [
        ScoreTerm(
            label=term.label,
            hazard=term.hazard / scoring.HAZARD_UNIT,
            share=term.hazard / whole if whole else 0.0,
        )
        for term in terms
        if term.hazard
    ]
