"""Reports: the vulnerable devices report and the executive report, as data that ``report_files`` makes files of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot import inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.queries import history, timeline
from weakspot.queries import recommendations as recommendation_pages
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.columns import EXPLOIT_LEVELS, Ids, VulnerabilityColumns
from weakspot.queries.insights import insights
from weakspot.queries.lens import Lens, ids_of
from weakspot.runtime.clock import DAY, to_iso
from weakspot.scoring import SubjectKind
from weakspot.vocabulary.severity import ORDER

ReportName = Literal["vulnerable_devices", "executive"]
NAMES: tuple[ReportName, ...] = ("vulnerable_devices", "executive")
TREND_DAYS = 30
TOP = 10
AGES: tuple[tuple[str, int], ...] = (
    ("up to 30 days", 30), ("31 to 90 days", 90), ("91 to 180 days", 180), ("181 to 365 days", 365),
)  # fmt: skip


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with sentences and a table; numbers in the last column are drawn as bars where ``is_chart``."""

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    is_chart: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as data."""

    name: ReportName
    title: str
    subtitle: str
    sections: tuple[Section, ...]


def make(read: ReadContext, scope: Scope, name: ReportName, organisation: str = "") -> Report:
    """A report about the devices of the scope, as of now."""
    lens = Lens(read, scope)
    makers: Mapping[ReportName, Callable[[Lens], tuple[Section, ...]]] = {
        "vulnerable_devices": _vulnerable_devices,
        "executive": _executive,
    }
    moment = to_iso(lens.now)[:16].replace("T", " ")
    groups = "all device groups" if scope.group_ids is None else _groups(lens)
    return Report(
        name=name,
        title={"vulnerable_devices": "Vulnerable devices", "executive": "Security exposure: summary"}[name],
        subtitle=f"{organisation + ', ' if organisation else ''}{groups}, {moment} UTC",
        sections=makers[name](lens),
    )


def _vulnerable_devices(lens: Lens) -> tuple[Section, ...]:
    """Each device once: by its most severe vulnerability, highest exploit level, oldest publication (spec 18)."""
    exposed, _ = lens.view.vulnerability_counts(lens.scope)
    columns = lens.vulnerability_columns(exposed)
    versions = {one: ids_of(lens.view.weaknesses[one]) for one in _weak_versions(lens)}
    all_exposed = lens.view.devices_of_versions(versions, lens.scope)
    severities = sorted((rank, word) for word, rank in ORDER.items())
    levels = list(enumerate(EXPLOIT_LEVELS))
    weak = f"{len(all_exposed):,} of {len(lens.counted):,} devices have at least one of {len(exposed):,} weaknesses."
    return (
        Section(title="Now", paragraphs=(weak,)),
        _chart("By most severe weakness", _ranked(lens, versions, columns, columns.severity, severities)),
        _chart("By highest exploit level", _ranked(lens, versions, columns, columns.exploit, levels)),
        _chart("By age of the oldest weakness", _aged(lens, versions, columns)),
        _chart("By operating system", _systems(lens, all_exposed, windows=False)),
        _chart("By version of Windows", _systems(lens, all_exposed, windows=True)),
        _trend(lens),
    )


def _executive(lens: Lens) -> tuple[Section, ...]:
    score = scoring.organisation_score(lens.view, lens.scope, excepted=lens.excepted)
    detected = scoring.organisation_score(lens.view, lens.scope)
    exposed, _ = lens.view.vulnerability_counts(lens.scope)
    columns = lens.vulnerability_columns(exposed)
    at = columns.positions(exposed)
    level = scoring.exposure_level(score)
    active = sum(one in lens.counted for one in insights(lens).risk_levels)
    said = "There is no exposure score: no device counts." if score is None else (
        f"The exposure score is {score:.0f} of 100 ({level}; lower is better)"
        + (f"; {detected:.0f} as detected, without exceptions." if lens.excepted and detected is not None else ".")
    )  # fmt: skip
    times = history.times(lens.read, lens.scope, "30d").remediate[0]
    fixed = "No finding was remediated in the last 30 days." if times.median_days is None else (
        f"In the last 30 days {times.count:,} findings ended, half of them within {times.median_days:.1f} days, "
        f"nine in ten within {times.p90_days:.1f} days."
    )  # fmt: skip
    known = int(np.count_nonzero(columns.is_known_exploited[at]))
    weak = (
        f"{len(lens.counted):,} devices have {len(exposed):,} different weaknesses, {known:,} of which are known to be "
        f"exploited; {active:,} devices have an active detection."
    )
    return (
        Section(title="Where we stand", paragraphs=(said, weak, fixed)),
        _trend(lens),
        _top_actions(lens),
        _events(lens),
        _risky(lens),
    )


def _top_actions(lens: Lens) -> Section:
    page = recommendation_pages.page(lens.read, lens.scope, ListQuery(page_size=TOP))
    return Section(
        title="What to do first",
        paragraphs=() if page.items else ("There is nothing to recommend.",),
        columns=("Action", "Devices", "Weaknesses", "Score falls by"),
        rows=tuple(
            (one.title, f"{one.exposed_devices:,}", f"{one.weaknesses:,}", f"{one.impact:.2f}") for one in page.items
        ),
    )


def _events(lens: Lens) -> Section:
    found = timeline.page(lens.read, lens.scope, ListQuery(sort="-originally_impacted", page_size=TOP)).items
    return Section(
        title="What changed in the last 30 days",
        paragraphs=() if found else ("Nothing was told on the timeline.",),
        columns=("Day", "Event", "Devices then", "Devices now"),
        rows=tuple(
            (one.at[:10], one.text, f"{one.originally_impacted.devices:,}", f"{one.currently_impacted.devices:,}")
            for one in found
        ),
    )


def _risky(lens: Lens) -> Section:
    levels = insights(lens).risk_levels
    ranked = sorted((one for one in levels if one in lens.counted), key=lambda one: (-_rank(levels[one]), one))[:TOP]
    names = {one.id: one.name for one in inventory.devices(lens.conn, ranked)}
    return Section(
        title="Devices with active detections",
        paragraphs=() if ranked else ("There are none.",),
        columns=("Device", "Risk level"),
        rows=tuple((names.get(one, ""), levels[one]) for one in ranked),
    )


def _trend(lens: Lens) -> Section:
    """The score of the organisation, or of the group where the scope is one."""
    groups = lens.scope.group_ids
    if groups is not None and len(groups) != 1:
        return Section(title="Trend", paragraphs=("Several groups together have no history of one score.",))
    kind: SubjectKind = "organisation" if groups is None else "group"
    subject = 0 if groups is None else next(iter(groups))
    since = lens.now - TREND_DAYS * DAY
    points = scoring.history(lens.conn, kind, subject, until=lens.now + 1, since=since)
    last_of_day = {to_iso(one.at)[:10]: one.score for one in points if one.score is not None}
    days = sorted(last_of_day)[-TREND_DAYS:]
    return Section(
        title=f"Exposure score of the last {TREND_DAYS} days",
        paragraphs=() if days else ("No score was recorded yet.",),
        columns=("Day", "Score") if days else (),
        rows=tuple((day, f"{last_of_day[day]:.1f}") for day in days),
        is_chart=True,
    )


def _weak_versions(lens: Lens) -> list[int]:
    return [version for version, _ in lens.view.weaknesses.items() if lens.is_version_here(version)]


def _ranked(
    lens: Lens,
    versions: Mapping[int, Ids],
    columns: VulnerabilityColumns,
    ranks: np.ndarray[tuple[int], np.dtype[np.int8]],
    words: Sequence[tuple[int, str]],
) -> list[tuple[str, int]]:
    """Devices by the highest rank among their vulnerabilities, highest first."""
    by_rank: dict[int, list[int]] = {}
    for version, found in versions.items():
        at = columns.positions(found)
        if len(at):
            by_rank.setdefault(int(ranks[at].max()), []).append(version)
    seen, rows = BitMap(), []
    for rank, word in sorted(words, reverse=True):
        devices = lens.view.devices_of_versions(by_rank.get(rank, ()), lens.scope) - seen
        seen |= devices
        rows.append((word.replace("_", " "), len(devices)))
    return rows


def _aged(lens: Lens, versions: Mapping[int, Ids], columns: VulnerabilityColumns) -> list[tuple[str, int]]:
    """Devices by the age of their oldest published vulnerability, oldest first."""
    by_age: dict[str, list[int]] = {}
    for version, found in versions.items():
        published = columns.published_at[columns.positions(found)]
        known = published[~np.isnan(published)]
        if len(known):
            days = (lens.now - float(known.min())) / DAY
            age = next((name for name, most in AGES if days <= most), "over a year")
            by_age.setdefault(age, []).append(version)
    seen, rows = BitMap(), []
    for age in ("over a year", *(name for name, _ in reversed(AGES))):
        devices = lens.view.devices_of_versions(by_age.get(age, ()), lens.scope) - seen
        seen |= devices
        rows.append((age, len(devices)))
    return rows


def _systems(lens: Lens, exposed: BitMap, *, windows: bool) -> list[tuple[str, int]]:
    columns = lens.device_columns()
    at = columns.positions(ids_of(exposed))
    counts = np.bincount(columns.system[at], minlength=len(columns.systems)).tolist() if len(at) else []
    found: dict[str, int] = {}
    for (platform, distribution, version), count in zip(columns.systems, counts, strict=False):
        is_windows = platform.lower().startswith("windows")
        name = f"{distribution or platform} {version}".strip() if windows else distribution or platform
        if count and is_windows >= windows:
            found[name] = found.get(name, 0) + count
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:20]


def _chart(title: str, rows: Sequence[tuple[str, int]]) -> Section:
    shown = tuple((name, f"{count:,}") for name, count in rows if count)
    return Section(
        title=title,
        paragraphs=() if shown else ("No device.",),
        columns=("", "Devices") if shown else (),
        rows=shown,
        is_chart=True,
    )


def _groups(lens: Lens) -> str:
    names = [name for group, name in sorted(lens.group_names.items()) if lens.scope.includes(group)]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _rank(level: str) -> int:
    return ("None", "Informational", "Low", "Medium", "High").index(level)
