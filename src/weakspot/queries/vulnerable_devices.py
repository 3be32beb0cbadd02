"""The vulnerable devices report: each device once, by its worst weakness (spec/features.md 18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.queries import devices as device_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.columns import EXPLOIT_LEVELS, Ids, System, VulnerabilityColumns
from weakspot.queries.contracts import DeviceRow, Page
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.rows import SEVERITIES
from weakspot.runtime.clock import DAY, Micros
from weakspot.vocabulary.severity import ORDER

AGES: tuple[tuple[str, str, float], ...] = (
    ("30d", "up to 30 days", 30), ("90d", "31 to 90 days", 90), ("180d", "91 to 180 days", 180),
    ("365d", "181 to 365 days", 365), ("older", "over a year", float("inf")),
)  # fmt: skip
"""Word of the filter, name of the bar, most days since the publication."""
FILTERS: dict[str, tuple[str, ...] | None] = {
    "severity": SEVERITIES,
    "exploit": EXPLOIT_LEVELS,
    "age": tuple(word for word, _, _ in AGES),
    "os": None,
    "os_version": None,
}
"""Of the report: severity, exploit and age leave out other weaknesses, os and os_version other devices."""
MOST_SYSTEMS = 20
DEVICES_SHAPE: ListShape = msgspec.structs.replace(
    device_pages.SHAPE, filters={**device_pages.SHAPE.filters, **FILTERS}
)

Ranks = np.ndarray[tuple[int], np.dtype[np.int8]]
Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
Bars = list[tuple[str, BitMap]]
Filters = Mapping[str, Sequence[str]]


class VulnerableDevices:
    """Devices of the scope with weaknesses that apply to them, as some filters leave them."""

    def __init__(self, lens: Lens, filters: Filters) -> None:
        self.lens = lens
        exposed = lens.weaknesses
        self.columns: VulnerabilityColumns = lens.vulnerability_columns(exposed)
        self.weaknesses: Ids = exposed[kept(self.columns, exposed, filters, lens.now)]
        self.counted = of_systems(lens, filters)
        self._is_filtered = len(self.weaknesses) < len(exposed)
        self._by_version, self._where_on = self._plain(), self._conditional()

    @cached_property
    def devices(self) -> BitMap:
        """All of them."""
        return BitMap.union(self._carrying(list(self._by_version)), *(devices for _, devices in self._where_on))

    def by_severity(self) -> Bars:
        """By the most severe weakness, the worst first."""
        return self._ranked(self.columns.severity, [(rank, word) for word, rank in ORDER.items()])

    def by_exploit(self) -> Bars:
        """By the highest exploit level, the highest first."""
        return self._ranked(self.columns.exploit, list(enumerate(EXPLOIT_LEVELS)))

    def by_age(self) -> Bars:
        """By the publication of the oldest weakness, the oldest first; where none has a day, in no bar."""
        return self._ranked(
            ages(self.columns, self.columns.ids, self.lens.now),
            [(rank, word) for rank, (word, _, _) in enumerate(AGES)],
        )

    def by_system(self, *, windows: bool) -> list[tuple[str, int]]:
        """Devices for each operating system, or for each version of Windows; most first."""
        return systems_of(self.lens, self.devices, windows=windows)

    def _plain(self) -> dict[int, Ids]:
        """Software version -> its weaknesses that apply to every device that has it."""
        conditional = self._subject_to()
        found: dict[int, Ids] = {}
        for version, bitmap in self.lens.view.weaknesses.items():
            if self.lens.view.installed[version].intersect(self.counted):
                ids = ids_of(bitmap - conditional[version] if version in conditional else bitmap)
                ids = ids[np.isin(ids, self.weaknesses)] if self._is_filtered else ids
                if len(ids):
                    found[version] = ids
        return found

    def _conditional(self) -> list[tuple[Ids, BitMap]]:
        """Weaknesses that need a part of the system, as far as systems carry them, with the devices to which they apply
        (spec/features.md 11.5).
        """
        view, shown = self.lens.view, BitMap(self.weaknesses.tolist())
        found: list[tuple[Ids, BitMap]] = []
        for one in self.lens.exceptions.unmet:
            subject = one.cover.vulnerabilities & shown
            for version in sorted(one.cover.versions) if subject else ():
                devices = (view.installed[version] & self.counted) - one.cover.devices
                ids = ids_of(view.weaknesses[version] & subject)
                if devices and len(ids):
                    found.append((ids, devices))
        return found

    def _subject_to(self) -> dict[int, BitMap]:
        """Software version -> vulnerabilities that apply to some of its devices alone."""
        found: dict[int, BitMap] = {}
        for one in self.lens.exceptions.unmet:
            for version in one.cover.versions:
                found[version] = found.get(version, BitMap()) | one.cover.vulnerabilities
        return found

    def _carrying(self, versions: Sequence[int]) -> BitMap:
        return self.lens.view.devices_of_versions(versions, self.lens.scope) & self.counted

    def _ranked(self, ranks: Ranks, words: Sequence[tuple[int, str]]) -> Bars:
        """Devices by the highest rank among their vulnerabilities, highest first; each device once."""
        by_rank: dict[int, list[int]] = {}
        for version, found in self._by_version.items():
            at = self.columns.positions(found)
            if len(at):
                by_rank.setdefault(int(ranks[at].max()), []).append(version)
        where_on: dict[int, BitMap] = {}
        for found, devices in self._where_on:
            at = self.columns.positions(found)
            if len(at):
                rank = int(ranks[at].max())
                where_on[rank] = where_on.get(rank, BitMap()) | devices
        seen, bars = BitMap(), []
        for rank, word in sorted(words, reverse=True):
            devices = (self._carrying(by_rank.get(rank, [])) | where_on.get(rank, BitMap())) - seen
            seen |= devices
            bars.append((word, devices))
        return bars


def kept(columns: VulnerabilityColumns, ids: Ids, filters: Filters, at: Micros) -> Bools:
    """Which of some vulnerabilities, all in the columns, the filters leave at a moment."""
    places = columns.positions(ids)
    left = np.ones(len(ids), np.bool_)
    if severities := filters.get("severity"):
        left &= np.isin(columns.severity[places], [rank for word, rank in ORDER.items() if word in severities])
    if exploits := filters.get("exploit"):
        left &= np.isin(columns.exploit[places], [EXPLOIT_LEVELS.index(word) for word in exploits])
    if asked := filters.get("age"):
        left &= np.isin(ages(columns, ids, at), [rank for rank, (word, _, _) in enumerate(AGES) if word in asked])
    return left


def ages(columns: VulnerabilityColumns, ids: Ids, at: Micros) -> Ranks:
    """Rank of each vulnerability in AGES at a moment; -1: its publication is not known."""
    published = columns.published_at[columns.positions(ids)]
    days = (at - published) / DAY
    ranks = np.searchsorted([most for _, _, most in AGES], np.nan_to_num(days), side="left")
    return np.where(np.isnan(published), -1, ranks).astype(np.int8)


def of_systems(lens: Lens, filters: Filters) -> BitMap:
    """Counted devices in scope with the operating systems that are asked for."""
    systems = {word.casefold().strip() for word in filters.get("os") or ()}
    versions = {word.casefold().strip() for word in filters.get("os_version") or ()}
    if not systems and not versions:
        return lens.counted
    columns = lens.device_columns()
    passing = np.array([_is_of(one, systems, versions) for one in columns.systems], np.bool_)
    here = columns.ids[passing[columns.system]] if len(passing) else columns.ids
    return lens.counted & BitMap(here.tolist())


def systems_of(lens: Lens, devices: BitMap, *, windows: bool) -> list[tuple[str, int]]:
    """Number of some devices for each operating system, or for each version of Windows; most first."""
    columns = lens.device_columns()
    at = columns.positions(ids_of(devices))
    counts = np.bincount(columns.system[at], minlength=len(columns.systems)).tolist() if len(at) else []
    found: dict[str, int] = {}
    for (platform, distribution, version), count in zip(columns.systems, counts, strict=False):
        is_windows = platform.lower().startswith("windows")
        name = f"{distribution or platform} {version}".strip() if windows else distribution or platform
        if count and is_windows >= windows:
            found[name] = found.get(name, 0) + count
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_SYSTEMS]


def devices(read: ReadContext, scope: Scope, query: ListQuery) -> Page[DeviceRow]:
    """The devices behind bars: severity, exploit and age are those that the device stands under in its chart."""
    query = DEVICES_SHAPE.check(query)
    lens = Lens(read, scope)
    found = VulnerableDevices(lens, {name: query.filters.get(name, ()) for name in ("os", "os_version")})
    charts: dict[str, Callable[[], Bars]] = {
        "severity": found.by_severity, "exploit": found.by_exploit, "age": found.by_age,
    }  # fmt: skip
    shown = found.devices
    for name, chart in charts.items():
        if asked := query.filters.get(name):
            shown = shown & BitMap.union(BitMap(), *(bar for word, bar in chart() if word in asked))
    left = {name: values for name, values in query.filters.items() if name not in FILTERS}
    page = device_pages.page_of(lens, ids_of(shown), msgspec.structs.replace(query, filters=left))
    return msgspec.structs.replace(page, described=DEVICES_SHAPE.describe("Vulnerable devices", query))


def _is_of(system: System, systems: set[str], versions: set[str]) -> bool:
    platform, distribution, version = (part.casefold() for part in system)
    names = {version, f"{distribution or platform} {version}".strip()}
    return (not systems or not systems.isdisjoint({platform, distribution} - {""})) and (
        not versions or not versions.isdisjoint(names)
    )
