"""History: scores over time, how long it took to find and to fix, and what was open on any past day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot import intel, inventory, matching, scoring
from weakspot.access.contracts import Scope
from weakspot.queries import intervals
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import ScorePoint
from weakspot.queries.findings import FOREVER
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.periods import stretch
from weakspot.queries.rows import score_point
from weakspot.runtime.clock import DAY, Micros, from_iso, to_iso
from weakspot.runtime.errors import BadQuery, NotFound
from weakspot.vocabulary.severity import ORDER

Kind = Literal["organisation", "group", "device"]
KINDS: tuple[Kind, ...] = ("organisation", "group", "device")
MOST_POINTS = 2_000
SAMPLE = 2_000
"""Devices whose findings are looked through for times to remediate; of a larger scope an even part."""

Days = npt.NDArray[np.float64]


class ScoreSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Exposure score of the organisation, a group or a device; each point holds until the next."""

    kind: Kind
    subject: str
    points: list[ScorePoint]


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took, in days; null where it never happened in the period."""

    severity: str | None
    group_id: int | None
    group_name: str | None
    count: int
    median_days: float | None
    p90_days: float | None


class HistoryTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Times of a period. ``is_sampled``: from an even part of the devices.

    detect: from a vulnerability's publication (or the first load of intelligence, when that was later) to its first
    match on a device of the scope. remediate: from a finding's first detection to its end, of findings that ended.
    """

    since: str
    until: str
    is_sampled: bool
    detect: list[Times]
    remediate: list[Times]


class OpenOn(msgspec.Struct, frozen=True, kw_only=True):
    """What was open at a moment, on devices that are in the scope now."""

    as_of: str
    findings: int
    vulnerabilities: int
    devices: int
    by_severity: dict[str, int]
    """Vulnerabilities."""


def scores(
    read: ReadContext, scope: Scope, kind: Kind, subject: str, period: str, since: str | None = None,
    until: str | None = None,
) -> ScoreSeries:  # fmt: skip
    """A series of scores. subject: a group's or device's id; since and until: days, instead of a period.

    Raises NotFound for what the scope does not show, BadQuery for a wrong day.
    """
    lens = Lens(read, scope)
    number = _subject(lens, kind, subject)
    start, end = stretch(lens.now, period, since, until)
    points = scoring.history(lens.conn, kind, number, until=end, since=start, limit=MOST_POINTS)
    shown = [point for one in points if (point := score_point(one)) is not None]
    return ScoreSeries(kind=kind, subject=subject, points=shown)


def open_on(read: ReadContext, scope: Scope, as_of: str) -> OpenOn:
    """Open findings at the end of a day (or at a moment); from the intervals that are kept. Raises BadQuery."""
    lens = Lens(read, scope)
    at = _moment(as_of, lens.now)
    devices = BitMap(lens.devices_in_scope().tolist())
    found = intervals.as_of(lens.conn, devices, at, view=lens.view)
    by_vulnerability = found.by_vulnerability()
    ids = np.array(sorted(by_vulnerability), np.int64)
    columns = lens.vulnerability_columns(ids)
    return OpenOn(
        as_of=to_iso(at),
        findings=found.count(),
        vulnerabilities=len(by_vulnerability),
        devices=len(BitMap.union(BitMap(), *by_vulnerability.values())),
        by_severity=columns.severity_counts(ids),
    )


def times(
    read: ReadContext, scope: Scope, period: str, first: str | None = None, last: str | None = None
) -> HistoryTimes:
    """Medians and ninetieth percentiles by severity and by group. first and last: days, instead of a period. Raises
    BadQuery for a wrong day."""
    lens = Lens(read, scope)
    since, until = stretch(lens.now, period, first, last)
    devices = lens.devices_in_scope()
    stride = max(1, -(-len(devices) // SAMPLE))
    vulnerability, device, took = _remediated(lens, devices[::stride].tolist(), since, until)
    return HistoryTimes(
        since=to_iso(since),
        until=to_iso(min(until, lens.now)),
        is_sampled=stride > 1,
        detect=_detect(lens, since, until),
        remediate=[*_by_severity(lens, vulnerability, took), *_by_group(lens, device, took)],
    )


def _remediated(
    lens: Lens, devices: Sequence[int], since: Micros, until: Micros
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Days]:
    """(vulnerability, device, days) of the episodes of findings that ended in the period."""
    parts: list[npt.NDArray[np.int64]] = [np.empty((4, 0), np.int64)]
    known = intervals.knowledge(lens.conn)
    for some in intervals.episodes_of(lens.conn, devices, known):
        ended = some.where((some.until != FOREVER) & (some.until >= since) & (some.until < until))
        parts.append(np.stack([ended.vulnerability, ended.device, ended.since, ended.until]))
    vulnerability, device, begun, ended_at = np.concatenate(parts, axis=1)
    return vulnerability, device, (ended_at - begun) / DAY


def _detect(lens: Lens, since: Micros, until: Micros) -> list[Times]:
    """Of vulnerabilities that the scope has and that were first found in the period."""
    here, _ = lens.view.vulnerability_counts(lens.scope)
    begun = intel.first_knowledge_at(lens.conn)
    found = {one: at for one, at in matching.first_since(lens.conn).items() if since <= at < until}
    ids = [one for one in here.tolist() if one in found]
    facts = intel.facts(lens.conn, ids) if ids else {}
    known, took = [], []
    for one in ids:
        published = facts[one].published_at if one in facts else None
        if published is not None and begun is not None and published >= begun:
            known.append(one)
            took.append(max(0, found[one] - published) / DAY)
    vulnerability, days = np.array(known, np.int64), np.array(took, np.float64)
    groups = [(group, members) for group, members in _groups(lens) if members]
    by_group = []
    for group, members in groups:
        inside = np.array(
            [bool(lens.view.devices_of_vulnerability(one, lens.scope).intersect(members)) for one in known], np.bool_
        )
        by_group.append(_times(days[inside], group=(group, lens.group_names.get(group, ""))))
    return [*_by_severity(lens, vulnerability, days), *by_group]


def _by_severity(lens: Lens, vulnerability: npt.NDArray[np.int64], took: Days) -> list[Times]:
    columns = lens.vulnerability_columns(np.unique(vulnerability))
    rank = np.full(len(vulnerability), -1)
    place = np.searchsorted(columns.ids, vulnerability)
    place = np.minimum(place, max(0, len(columns.ids) - 1))
    if len(columns.ids):
        is_known = columns.ids[place] == vulnerability
        rank[is_known] = columns.severity[place[is_known]]
    rows = [_times(took)]
    return rows + [_times(took[rank == order], severity=word) for word, order in ORDER.items() if (rank == order).any()]


def _by_group(lens: Lens, device: npt.NDArray[np.int64], took: Days) -> list[Times]:
    columns = lens.device_columns()
    groups = columns.group[np.searchsorted(columns.ids, device)] if len(device) else np.empty(0, np.int64)
    return [
        _times(took[groups == group], group=(group, lens.group_names.get(group, "")))
        for group in np.unique(groups).tolist()
    ]


def _times(took: Days, *, severity: str | None = None, group: tuple[int, str] | None = None) -> Times:
    return Times(
        severity=severity,
        group_id=None if group is None else group[0],
        group_name=None if group is None else group[1],
        count=len(took),
        median_days=float(np.median(took)) if len(took) else None,
        p90_days=float(np.percentile(took, 90)) if len(took) else None,
    )


def _groups(lens: Lens) -> Iterable[tuple[int, BitMap]]:
    population = lens.view.population
    for group, members in zip(population.group_ids, population.members[1:], strict=True):
        if lens.scope.includes(group):
            yield group, members


def _subject(lens: Lens, kind: Kind, subject: str) -> int:
    if kind == "device":
        return find_device(lens, subject).id
    if kind == "group":
        group = int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 16 else -1
        if group not in {one.id for one in inventory.groups(lens.conn)} or not lens.scope.includes(group):
            raise NotFound("There is no such device group among those that you may see.")
        return group
    if lens.scope.group_ids is not None:
        raise NotFound("The organisation's history is for who sees all device groups; ask for one of yours.")
    return 0


def _moment(text: str, now: Micros) -> Micros:
    """A day means its end, today's the present moment."""
    try:
        at = from_iso(text) + (DAY - 1 if len(text.strip()) == 10 else 0)
    except ValueError:
        raise BadQuery("'as_of' is a day as 2026-01-31 or a time with a zone.", field="as_of") from None
    if at > now + DAY:
        raise BadQuery("'as_of' lies in the future; give a past day.", field="as_of")
    return min(at, now)
