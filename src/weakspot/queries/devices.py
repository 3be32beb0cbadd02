"""The Devices page and the head of one device. The tabs are ``software``, ``weaknesses`` and ``changes``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np
from pyroaring import BitMap

from weakspot import intel, inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.fleet import DEVICE_VALUES
from weakspot.inventory.contracts import Interface
from weakspot.inventory.rules.context import CRITICALITIES
from weakspot.inventory.rules.health import HEALTHS, INACTIVE_AFTER, LATE_AFTER, ONBOARDINGS, onboarding
from weakspot.queries import insights
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
from weakspot.queries.rows import device_row, device_rows, is_excepted, iso

__all__ = ["SHAPE", "changes", "detail", "page", "page_of", "software", "weaknesses"]

LEVELS: tuple[ExposureLevel, ...] = get_args(ExposureLevel)

SHAPE = ListShape(
    filters={
        "level": LEVELS,
        "os": None,
        "health": HEALTHS,
        "device_tag": None,
        "criticality": (*CRITICALITIES, "None"),
        "value": DEVICE_VALUES,
        "internet_facing": ("yes", "no", "unknown"),
        "onboarding": ONBOARDINGS,
        "excluded": ("yes", "no"),
    },
    verbatim=frozenset({"device_tag"}),
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
    ordered = ids[arranged(values, descending=query.sort.startswith("-"), upto=query.end)]
    return cut(ordered, query, shape=SHAPE, noun="Devices", rows=lambda chosen: device_rows(lens, chosen))


def detail(read: ReadContext, scope: Scope, public_id: str) -> DeviceDetail:
    """Head of the device page. Raises NotFound."""
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    described = device.described
    installed = inventory.installation_times(read.conn, device.id)
    carried = BitMap.union(BitMap(), *(lens.view.weaknesses[version] for version in installed))
    found = ids_of(carried - lens.exceptions.inapplicable_on(device.id))
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
        score_terms=_score_terms(lens, device.id, found),
    )


def _passing(lens: Lens, ids: Ids, query: ListQuery) -> Mask:
    columns = lens.device_columns()
    kept = np.ones(len(ids), np.bool_)
    if levels := set(query.filters.get("level") or ()):
        kept &= _level_mask(lens, ids, levels)
    for name, mask in _MARKED.items():
        if wanted := set(query.filters.get(name) or ()):
            kept &= mask(lens, ids, wanted)
    if systems := {word.casefold().strip() for word in query.filters.get("os") or ()}:
        passing = np.array([not systems.isdisjoint(_system_words(one)) for one in columns.systems], np.bool_)
        kept &= passing[columns.system[columns.positions(ids)]]
    if text := query.search.casefold().strip():
        kept &= columns.haystack.containing(text)[columns.positions(ids)]
    return kept


def _in_health(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    seen, reported, observed = _contacts(lens, ids)
    is_inactive = lens.now - seen >= INACTIVE_AFTER
    incomplete, refused = lens.memory.troubles(lens.read)
    lately = BitMap(one for one, at in refused.items() if lens.now - at < INACTIVE_AFTER)
    is_refused = ~is_inactive & _inside(ids, lately)
    is_mute = ~is_inactive & ~is_refused & (lens.now - reported >= INACTIVE_AFTER)
    is_wrong = is_refused | (~is_inactive & ~is_mute & _inside(ids, incomplete))
    is_late = ~is_inactive & ~is_mute & ~is_wrong & (reported - observed > LATE_AFTER)
    states = (~(is_inactive | is_mute | is_wrong | is_late), is_inactive, is_mute, is_late, is_wrong)
    return _any(ids, [mask for name, mask in zip(HEALTHS, states, strict=True) if name in wanted])


def _in_onboarding(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    _, reported, _ = _contacts(lens, ids)
    listed = lens.device_columns().listed
    states = (
        onboarding(listed[one].discovery_source, listed[one].os_platform, has_reported=bool(at))
        for one, at in zip(ids.tolist(), reported.tolist(), strict=True)
    )
    return np.fromiter((state in wanted for state in states), np.bool_, len(ids))


def _with_tag(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    return _any(ids, [_inside(ids, lens.view.labels.get(("tag", name), BitMap())) for name in wanted])


def _with_criticality(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    return _with_label(lens, ids, "criticality", CRITICALITIES, wanted, "None")


def _facing(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    return _with_label(lens, ids, "internet_facing", ("yes", "no"), wanted, "unknown")


def _with_label(lens: Lens, ids: Ids, kind: str, names: Sequence[str], wanted: set[str], rest: str) -> Mask:
    """Devices with one of the wanted labels of a kind; ``rest`` is the word for having none."""
    masks = {name: _inside(ids, lens.view.labels.get((kind, name), BitMap())) for name in names}
    found = [mask for name, mask in masks.items() if name in wanted]
    if rest in wanted:
        found.append(~_any(ids, list(masks.values())))
    return _any(ids, found)


def _valued(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    by_value = dict(zip(DEVICE_VALUES, lens.view.population.values, strict=True))
    return _any(ids, [_inside(ids, by_value[value]) for value in DEVICE_VALUES if value in wanted])


def _excluded(lens: Lens, ids: Ids, wanted: set[str]) -> Mask:
    listed = lens.device_columns().listed
    return np.fromiter((("yes" if listed[one].is_excluded else "no") in wanted for one in ids.tolist()), np.bool_)


def _inside(ids: Ids, devices: BitMap) -> Mask:
    """Which of the ids are among the devices."""
    inside = np.zeros(int(ids.max(initial=0)) + 1, np.bool_)
    members = ids_of(devices)
    inside[members[members < len(inside)]] = True
    found: Mask = inside[ids]
    return found


def _any(ids: Ids, masks: Sequence[Mask]) -> Mask:
    found: Mask = np.zeros(len(ids), np.bool_)
    for mask in masks:
        found |= mask
    return found


_MARKED: dict[str, Callable[[Lens, Ids, set[str]], Mask]] = {
    "health": _in_health,
    "device_tag": _with_tag,
    "criticality": _with_criticality,
    "value": _valued,
    "internet_facing": _facing,
    "onboarding": _in_onboarding,
    "excluded": _excluded,
}


def _system_words(system: System) -> set[str]:
    """What an ``os`` filter may say: ``linux``, ``debian`` or ``debian 12``."""
    platform, distribution, version = (part.casefold() for part in system)
    return {platform, distribution, f"{distribution} {version}"}


def _hazards(lens: Lens, ids: Ids) -> Numbers:
    """Hazards of devices without what is excepted; NaN for those that do not count."""
    at = _inside(ids, lens.counted)
    hazards = np.full(len(ids), np.nan)
    hazards[at] = lens.active_hazards(ids[at])
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


def _contacts(lens: Lens, ids: Ids) -> tuple[Ids, Ids, Ids]:
    """Last contact, last report and when that was made; a device of the last seconds has just been seen."""
    contacts = lens.memory.contacts(lens.read)
    known = np.isin(ids, contacts.ids, assume_unique=True)
    at = np.searchsorted(contacts.ids, ids[known])
    seen, reported, observed = np.full(len(ids), lens.now), np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    seen[known] = contacts.last_seen_at[at]
    reported[known], observed[known] = contacts.last_report_at[at], contacts.last_observed_at[at]
    return seen, reported, observed


def _sort_values(lens: Lens, ids: Ids, sort: str) -> Ids | Numbers:
    columns = lens.device_columns()
    at = columns.positions(ids)
    match sort:
        case "name":
            return columns.name_rank[at]
        case "weaknesses":
            return lens.weaknesses_on(ids)
        case "software":
            return columns.software[at]
        case "first_seen_at":
            return columns.first_seen_at[at]
        case "last_seen_at":
            return _contacts(lens, ids)[0]
        case _:
            return _hazards(lens, ids)


def _interface(one: Interface) -> DeviceInterface:
    return DeviceInterface(name=one.name, mac=one.mac, addresses=list(one.addresses), state=one.state)


def _score_terms(lens: Lens, device_id: int, vulnerability_ids: Ids) -> list[ScoreTerm]:
    columns = lens.vulnerability_columns(vulnerability_ids)
    at = columns.positions(vulnerability_ids)
    ids = columns.ids[at]
    raised = insights.raised_on(lens, device_id)
    sizes = zip(lens.view.hazards_of(ids).tolist(), at.tolist(), ids.tolist(), strict=True)
    hazards = [
        (size + (lens.view.raised_by(one) if one in raised else 0), columns.names[place], one)
        for size, place, one in sizes
        if not is_excepted(lens, device_id, one)
    ]
    terms = scoring.device_terms(hazards, limit=TERMS_SHOWN)
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
