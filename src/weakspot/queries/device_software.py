"""The tabs of a device about its software: what is installed, and how that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory import history
from weakspot.inventory.contracts import Software, SoftwareVersion
from weakspot.inventory.history import RecordedChange
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import natural
from weakspot.queries.contracts import DeviceSoftwareRow, Page, SoftwareChangeRow, SoftwareUse
from weakspot.queries.findings import FOREVER, Installation, installations_of
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.rows import reference
from weakspot.runtime.clock import Micros, to_iso

SOFTWARE_SHAPE = ListShape(
    filters={"type": None, "weak": ("yes", "no", "any")},
    sorts=("name", "vendor", "weaknesses", "first_seen_at"),
    default_sort="-weaknesses",
)
CHANGES_SHAPE = ListShape(filters={}, sorts=("at", "name"), default_sort="-at")

MAX_CHANGES = 100_000


class Change(msgspec.Struct, frozen=True):
    """One step of one software on the device; ``before`` and ``after`` are its versions."""

    at: Micros
    software_id: int
    before: SoftwareVersion | None
    after: SoftwareVersion | None

    @property
    def kind(self) -> Literal["installed", "removed", "updated"]:
        """What happened."""
        return "updated" if self.before and self.after else "installed" if self.after else "removed"

    @property
    def shown(self) -> SoftwareVersion:
        """The version that it is about: the new one where there is one."""
        found = self.after or self.before
        assert found is not None
        return found


def software(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[DeviceSoftwareRow]:
    """What is installed on a device, with evidence. Raises NotFound."""
    query = SOFTWARE_SHAPE.check(query)
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    since = inventory.installation_times(read.conn, device.id)
    versions = inventory.software_versions(read.conn, since)
    known = lens.memory.software(read, {one.software_id for one in versions.values()})
    weak = _weaknesses(lens, versions)
    items = [one for one in versions.values() if _passes(one, known, bool(weak[one.id]), query)]
    keys: dict[str, Callable[[SoftwareVersion], Any]] = {
        "name": lambda one: natural(one.name),
        "vendor": lambda one: natural(known[one.software_id].vendor),
        "weaknesses": lambda one: weak[one.id],
        "first_seen_at": lambda one: since[one.id],
    }

    def rows(chosen: Sequence[SoftwareVersion]) -> list[DeviceSoftwareRow]:
        evidence = inventory.evidence(read.conn, device.id)
        reasons = lens.memory.not_assessed(read)
        used = _used(read, device.id)
        return [
            DeviceSoftwareRow(
                software=reference(known[one.software_id]),
                type=one.type,
                version=one.version,
                architecture=one.architecture,
                source_name=one.source_name,
                source_version=one.source_version,
                first_seen_at=to_iso(since[one.id]),
                installed_at=evidence[one.id].installed_at if one.id in evidence else None,
                paths=list(evidence[one.id].paths) if one.id in evidence else [],
                weaknesses=weak[one.id],
                not_assessed_reason=reasons.get(one.id),
                use=used.get((one.type, one.name, one.version)),
            )
            for one in chosen
        ]

    return paged(
        items,
        query,
        shape=SOFTWARE_SHAPE,
        noun="Installed software",
        key=keys[query.sort.removeprefix("-")],
        tie=lambda one: (natural(one.name), one.id),
        rows=rows,
    )


def changes(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[SoftwareChangeRow]:
    """How the device's inventory changed, newest first; the first report is not a change. Raises NotFound."""
    query = CHANGES_SHAPE.check(query)
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    installations = installations_of(lens, device.id)
    versions = inventory.software_versions(read.conn, {one.software_version_id for one in installations})
    known = lens.memory.software(read, {one.software_id for one in versions.values()})
    reports = {one.observed_at: one for one in history.of_device(read.conn, device.id)}
    text = query.search.casefold().strip()
    items = [one for one in steps(installations, versions) if text in known[one.software_id].name.casefold()]
    keys: dict[str, Callable[[Change], Any]] = {
        "at": lambda one: one.at,
        "name": lambda one: natural(known[one.software_id].name),
    }
    return paged(
        items,
        query,
        shape=CHANGES_SHAPE,
        noun="Changes",
        key=keys[query.sort.removeprefix("-")],
        tie=lambda one: (natural(known[one.software_id].name), one.at),
        rows=lambda chosen: [_change_row(one, known, reports.get(one.at)) for one in chosen],
    )


def steps(installations: Sequence[Installation], versions: Mapping[int, SoftwareVersion]) -> list[Change]:
    """Changes that installations tell of. A removal and an installation of the same software and architecture at one
    moment are one update."""
    if not installations:
        return []
    first = min(one.since for one in installations)
    came: dict[tuple[Micros, int, str], list[SoftwareVersion]] = {}
    went: dict[tuple[Micros, int, str], list[SoftwareVersion]] = {}
    for one in installations:
        version = versions[one.software_version_id]
        if one.since > first:
            came.setdefault((one.since, version.software_id, version.architecture), []).append(version)
        if one.until < FOREVER:
            went.setdefault((one.until, version.software_id, version.architecture), []).append(version)
    return [step for key in came.keys() | went.keys() for step in paired(key, went.get(key, []), came.get(key, []))]


def paired(key: tuple[Micros, int, str], went: list[SoftwareVersion], came: list[SoftwareVersion]) -> list[Change]:
    """Steps of one software and architecture at one moment, from the versions that went and those that came."""
    went, came = (sorted(some, key=lambda one: (one.version_key, one.id)) for some in (went, came))
    both = min(len(went), len(came))
    at, software_id, _ = key
    return (
        [Change(at, software_id, before, after) for before, after in zip(went, came, strict=False)]
        + [Change(at, software_id, before, None) for before in went[both:]]
        + [Change(at, software_id, None, after) for after in came[both:]]
    )


def _change_row(one: Change, known: Mapping[int, Software], report: RecordedChange | None) -> SoftwareChangeRow:
    return SoftwareChangeRow(
        at=to_iso(one.at),
        change=one.kind,
        software=reference(known[one.software_id]),
        version=one.shown.version,
        previous_version=one.before.version if one.before and one.after else None,
        source=None if report is None else report.source,
        report_id=(report.report_id or None) if report is not None else None,
    )


def _used(read: ReadContext, device_id: int) -> dict[tuple[str, str, str], SoftwareUse]:
    """Use by type, name and version; what is not in it is not known to be used or unused."""
    told = inventory.device_details(read.conn, device_id)[0].usage
    rows = () if told is None else told.software
    return {
        (one.type, one.name, one.version): SoftwareUse(
            last_used_on=one.last_used_on, days_used=one.days_used, is_listening=one.is_listening
        )
        for one in rows
    }


def _weaknesses(lens: Lens, versions: Mapping[int, SoftwareVersion]) -> dict[int, int | None]:
    """Number of vulnerabilities per software version; None: nothing can be said."""
    reasons = lens.memory.not_assessed(lens.read)
    counts = {one: len(lens.view.vulnerabilities_of_version(one)) for one in versions}
    return {one: count if count or one not in reasons else None for one, count in counts.items()}


def _passes(one: SoftwareVersion, known: Mapping[int, Software], is_weak: bool, query: ListQuery) -> bool:
    types = query.filters.get("type") or ()
    weak = set(query.filters.get("weak") or ("any",))
    if types and one.type not in types:
        return False
    if "any" not in weak and ("yes" if is_weak else "no") not in weak:
        return False
    text = f"{one.name}\n{known[one.software_id].vendor}\n{one.source_name}\n{one.version}".casefold()
    return query.search.casefold().strip() in text
