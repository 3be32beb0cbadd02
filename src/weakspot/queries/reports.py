"""Reports: the vulnerable devices report and the executive report, as data that ``report_files`` makes files of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from weakspot import inventory, scoring
from weakspot.access.contracts import Scope
from weakspot.queries import history, periods, timeline, vulnerable_past
from weakspot.queries import recommendations as recommendation_pages
from weakspot.queries.base import ListQuery, ReadContext
from weakspot.queries.insights import insights
from weakspot.queries.lens import Lens
from weakspot.queries.recommendation_order import is_large
from weakspot.queries.vulnerable_devices import AGES, MOST_SYSTEMS, Bars, VulnerableDevices
from weakspot.queries.vulnerable_past import PastDay
from weakspot.runtime.clock import to_iso
from weakspot.scoring import SubjectKind

ReportName = Literal["vulnerable_devices", "executive"]
NAMES: tuple[ReportName, ...] = ("vulnerable_devices", "executive")
MOST_DAYS = 366
PAST_POINTS = 7
TOP = 10
_CHARTS = (
    ("By most severe weakness", "severity"),
    ("By highest exploit level", "exploit"),
    ("By age of the oldest weakness", "age"),
    ("By operating system", "os"),
    ("By version of Windows", "os_version"),
)
"""Title of each chart of the vulnerable devices report, and the filter that shows the devices behind its bars."""
_PAST = (
    "Devices that count now, with their weaknesses of that day as they are rated today. A weakness that needs a part "
    "of the system is none on a device that had told by that day that the part is off."
)
_LABELS: Mapping[str, Callable[[str], str]] = {
    "exploit": lambda word: word.replace("_", " "),
    "age": {word: name for word, name, _ in AGES}.__getitem__,
}
_SPANS = {"7d": "7 days", "30d": "30 days", "3m": "3 months", "6m": "6 months", "12m": "12 months"}


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with sentences and a table; numbers in the last column are drawn as bars where ``is_chart``.

    filter, values: what the list of vulnerable devices is asked for to show the devices behind each row, where it can.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    is_chart: bool = False
    filter: str = ""
    values: tuple[str, ...] = ()


class ReportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A report as data."""

    name: ReportName
    title: str
    subtitle: str
    sections: tuple[Section, ...]


class AskedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is asked for. period, since, until: of the trend, as in ``periods.stretch``; filters: of the
    vulnerable devices report, names and values as in ``vulnerable_devices.FILTERS``.
    """

    period: str = "30d"
    since: str | None = None
    until: str | None = None
    filters: dict[str, tuple[str, ...]] = {}


def make(
    read: ReadContext, scope: Scope, name: ReportName, organisation: str = "", asked: AskedReport | None = None
) -> ReportDocument:
    """A report about the devices of the scope, as of now. Raises BadQuery for a wrong day."""
    lens = Lens(read, scope)
    asked = AskedReport() if asked is None else asked
    makers: Mapping[ReportName, Callable[[Lens, AskedReport], tuple[Section, ...]]] = {
        "vulnerable_devices": _vulnerable_devices,
        "executive": _executive,
    }
    moment = to_iso(lens.now)[:16].replace("T", " ")
    groups = "all device groups" if scope.group_ids is None else _groups(lens)
    return ReportDocument(
        name=name,
        title={"vulnerable_devices": "Vulnerable devices", "executive": "Security exposure: summary"}[name],
        subtitle=f"{organisation + ', ' if organisation else ''}{groups}, {moment} UTC",
        sections=makers[name](lens, asked),
    )


def _vulnerable_devices(lens: Lens, asked: AskedReport) -> tuple[Section, ...]:
    """Each device once: by its most severe vulnerability, highest exploit level, oldest publication (spec 18)."""
    found = VulnerableDevices(lens, asked.filters)
    weak = (
        f"{len(found.devices):,} of {len(found.counted):,} devices have at least one of {len(found.weaknesses):,} "
        "weaknesses."
    )
    charts = {
        "severity": _sizes(found.by_severity()),
        "exploit": _sizes(found.by_exploit()),
        "age": _sizes(found.by_age()),
        "os": found.by_system(windows=False),
        "os_version": found.by_system(windows=True),
    }
    filtered = [f"{name.replace('_', ' ')}: {', '.join(values)}" for name, values in asked.filters.items() if values]
    only = (f"Only {'; '.join(filtered)}.",) if filtered else ()
    return (
        Section(title="Now", paragraphs=(weak, *only)),
        *(_chart(title, name, charts[name]) for title, name in _CHARTS),
        *_past(lens, asked),
        _trend(lens, asked),
    )


def _past(lens: Lens, asked: AskedReport) -> tuple[Section, ...]:
    """The charts over time; in a large fleet at most half a minute old, as they take seconds there."""
    since, until = periods.stretch(lens.now, asked.period, asked.since, asked.until)
    end = min(until - 1, lens.now)
    moments = [since + (end - since) * one // (PAST_POINTS - 1) for one in range(PAST_POINTS)]

    def make_days() -> list[PastDay]:
        return vulnerable_past.past(lens, asked.filters, moments)

    if is_large(lens):
        key = msgspec.json.encode(asked, order="sorted").decode()
        days = lens.memory.ordering(lens.read, f"vulnerable_devices.{key}", lens.scope, make_days).values
    else:
        days = make_days()
    return tuple(_over_time(f"{title} over time", name, days) for title, name in _CHARTS)


def _over_time(title: str, name: str, days: Sequence[PastDay]) -> Section:
    """A line a day, a column for each value; values that no device stood under on any day are left out."""
    label = _LABELS.get(name, str)
    totals: dict[str, int] = {}
    for day in days:
        for value, count in day.charts[name].items():
            totals[value] = totals.get(value, 0) + count
    shown = [value for value, total in totals.items() if total][:MOST_SYSTEMS]
    return Section(
        title=title,
        paragraphs=(_PAST,) if shown else ("No device.",),
        columns=("Day", *(label(value) for value in shown)) if shown else (),
        rows=tuple(
            (to_iso(day.at)[:10], *(f"{day.charts[name].get(value, 0):,}" for value in shown)) for day in days if shown
        ),
    )


def _executive(lens: Lens, asked: AskedReport) -> tuple[Section, ...]:
    score = scoring.organisation_score(lens.view, lens.scope, excepted=lens.excepted)
    detected = scoring.organisation_score(lens.view, lens.scope)
    exposed = lens.weaknesses
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
        _trend(lens, asked),
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


def _trend(lens: Lens, asked: AskedReport) -> Section:
    """The score of the organisation, or of the group where the scope is one."""
    groups = lens.scope.group_ids
    if groups is not None and len(groups) != 1:
        return Section(title="Trend", paragraphs=("Several groups together have no history of one score.",))
    kind: SubjectKind = "organisation" if groups is None else "group"
    subject = 0 if groups is None else next(iter(groups))
    since, until = periods.stretch(lens.now, asked.period, asked.since, asked.until)
    points = scoring.history(lens.conn, kind, subject, until=until, since=since)
    is_own = asked.since is not None or asked.until is not None
    span = f"from {to_iso(since)[:10]} to {to_iso(until - 1)[:10]}" if is_own else f"of the last {_SPANS[asked.period]}"
    last_of_day = {to_iso(one.at)[:10]: one.score for one in points if one.score is not None}
    days = sorted(last_of_day)[-MOST_DAYS:]
    return Section(
        title=f"Exposure score {span}",
        paragraphs=() if days else ("No score was recorded yet.",),
        columns=("Day", "Score") if days else (),
        rows=tuple((day, f"{last_of_day[day]:.1f}") for day in days),
        is_chart=True,
    )


def _sizes(bars: Bars) -> list[tuple[str, int]]:
    return [(word, len(devices)) for word, devices in bars]


def _chart(title: str, name: str, bars: Sequence[tuple[str, int]]) -> Section:
    """Devices by a filter of the list of vulnerable devices; values that no device stands under are left out."""
    label = _LABELS.get(name, str)
    shown = tuple((label(value), f"{count:,}") for value, count in bars if count)
    return Section(
        title=title,
        paragraphs=() if shown else ("No device.",),
        columns=("", "Devices") if shown else (),
        rows=shown,
        is_chart=True,
        filter=name,
        values=tuple(value for value, count in bars if count),
    )


def _groups(lens: Lens) -> str:
    names = [name for group, name in sorted(lens.group_names.items()) if lens.scope.includes(group)]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _rank(level: str) -> int:
    return ("None", "Informational", "Low", "Medium", "High").index(level)
