"""Columns of everything that is listed, so that a list is filtered and sorted without a database.

Values are immutable: a change makes a new one. Unknown numbers are NaN. Ids are ascending, and every column is in their
order.
"""

from __future__ import annotations

import bisect
import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from sys import intern

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot import scoring
from weakspot.intel.contracts import ExploitLevel, VulnerabilityFacts
from weakspot.inventory import ListedDevice
from weakspot.inventory.contracts import Software, Whereabouts
from weakspot.queries.overlaid import Overlaid
from weakspot.runtime.clock import Micros
from weakspot.vocabulary.severity import ORDER, Severity

Ids = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

EXPLOIT_LEVELS: tuple[ExploitLevel, ...] = (
    "none", "proof_of_concept", "public", "verified", "kit", "known_exploited",
)  # fmt: skip
"""Ascending: the later, the closer to an attack."""

System = tuple[str, str, str]
"""Platform, distribution, version."""

_EXPLOIT_ORDER: dict[str, int] = {level: rank for rank, level in enumerate(EXPLOIT_LEVELS)}
_DIGITS = re.compile(r"(\d+)")
_MANY = 32
"""Of fewer than this part of all ids, positions are looked for one by one."""
_FEW = 8
"""Up to this part of all values, the leading ones are picked out before they are sorted."""


class TextColumn:
    """Many short texts, to be searched at once: one pass over one long string."""

    _END = "\x1f"

    def __init__(self, texts: Iterable[str]) -> None:
        cleaned = [text.replace(self._END, " ") for text in texts]
        self._whole = self._END.join(cleaned)
        lengths = np.fromiter((len(text) + 1 for text in cleaned), np.int64, len(cleaned))
        self._starts: Ids = np.cumsum(lengths) - lengths

    def containing(self, wanted: str) -> Mask:
        """Which texts contain ``wanted``, by position."""
        found: Mask = np.zeros(len(self._starts), np.bool_)
        if not wanted:
            found[:] = True
        elif self._END not in wanted:
            hits = np.array([hit.start() for hit in re.finditer(re.escape(wanted), self._whole)], np.int64)
            found[np.searchsorted(self._starts, hits, side="right") - 1] = True
        return found


class _Rows:
    """Something with an ascending column of ids; who makes it anew with other ids makes a new one."""

    ids: Ids

    @cached_property
    def _places(self) -> npt.NDArray[np.int32]:
        """Id -> position, -1 where there is none: ids number the rows of a table, so few are missing."""
        places = np.full(int(self.ids[-1]) + 1 if len(self.ids) else 0, -1, np.int32)
        places[self.ids] = np.arange(len(self.ids), dtype=np.int32)
        return places

    def positions(self, ids: npt.NDArray[np.integer]) -> Ids:
        """Positions of those of ``ids`` that are here, in the order asked."""
        if len(ids) * _MANY < len(self.ids):
            return positions(self.ids, ids)
        places = self._places
        wanted = ids[ids < len(places)] if len(ids) and int(ids.max()) >= len(places) else ids
        at: Ids = places[wanted].astype(np.int64)
        return at if not len(at) or int(at.min()) >= 0 else at[at >= 0]


class VulnerabilityColumns(_Rows):
    """What lists of weaknesses are filtered and sorted by."""

    def __init__(self, facts: Iterable[VulnerabilityFacts] = ()) -> None:
        ordered = sorted(facts, key=lambda one: one.id)
        self.ids: Ids = np.array([one.id for one in ordered], np.int64)
        self.names = [one.name for one in ordered]
        self.texts = [f"{one.name}\n{one.title}".casefold() for one in ordered]
        self.severity = np.array([ORDER[one.severity] for one in ordered], np.int8)
        self.exploit = np.array([_EXPLOIT_ORDER[one.exploit_level] for one in ordered], np.int8)
        self.is_known_exploited = np.array([one.is_known_exploited for one in ordered], np.bool_)
        self.is_withdrawn = np.array([one.withdrawn_at is not None for one in ordered], np.bool_)
        self.cvss_score = _numbers(one.cvss_score for one in ordered)
        self.hazard = np.array([scoring.hazard(one) for one in ordered], np.int64)
        self.epss = _numbers(one.epss for one in ordered)
        self.published_at = _numbers(one.published_at for one in ordered)
        self.updated_at = _numbers(one.modified_at for one in ordered)

    def replaced(self, dropped: Ids, fresh: Iterable[VulnerabilityFacts]) -> VulnerabilityColumns:
        """Without ``dropped`` and with ``fresh``, which must not be there otherwise."""
        kept = np.flatnonzero(~np.isin(self.ids, dropped))
        added = VulnerabilityColumns(fresh)
        order = np.argsort(np.concatenate((self.ids[kept], added.ids)), kind="stable")
        merged = VulnerabilityColumns()
        for name in ("ids", "severity", "exploit", "is_known_exploited", "is_withdrawn", "cvss_score", "hazard",
                     "epss", "published_at", "updated_at"):  # fmt: skip
            setattr(merged, name, np.concatenate((getattr(self, name)[kept], getattr(added, name)))[order])
        for name in ("names", "texts"):
            mine, theirs = getattr(self, name), getattr(added, name)
            together = [mine[at] for at in kept.tolist()] + theirs
            setattr(merged, name, [together[at] for at in order.tolist()])
        if "name_rank" in self.__dict__ and len(added.ids) * _FEW < len(kept):
            names = [self.names[at] for at in kept.tolist()]
            merged.__dict__["name_rank"] = ranks_with(self.name_rank[kept], names, added.names)[order]
        return merged

    @cached_property
    def haystack(self) -> TextColumn:
        """What a search looks through: names and titles, in lower case."""
        return TextColumn(self.texts)

    @cached_property
    def name_rank(self) -> Ids:
        """Place of each name in natural order (CVE-2021-9999 before CVE-2021-44228)."""
        return ranks([natural(name) for name in self.names])

    def severity_counts(self, ids: npt.NDArray[np.integer]) -> dict[str, int]:
        """Number of these vulnerabilities per severity, worst first; severities without any are left out."""
        tally = np.bincount(self.severity[self.positions(ids)], minlength=len(ORDER))
        return {word: int(tally[rank]) for word, rank in ORDER.items() if tally[rank]}

    def worst(self, ids: npt.NDArray[np.integer]) -> tuple[Severity, ExploitLevel]:
        """Highest severity and exploit level among these vulnerabilities; Unknown and none when there are none."""
        at = self.positions(ids)
        if len(at) == 0:
            return "Unknown", "none"
        rank = int(self.severity[at].max())
        severity = next(word for word, order in ORDER.items() if order == rank)
        return severity, EXPLOIT_LEVELS[int(self.exploit[at].max())]


class SoftwareColumns(_Rows):
    """What lists of software are filtered and sorted by."""

    def __init__(self, software: Mapping[int, Software] | None = None) -> None:
        self.listed: Mapping[int, Software] = software or {}
        ordered = [self.listed[one] for one in sorted(self.listed)]
        self.ids: Ids = np.array([one.id for one in ordered], np.int64)
        self.types = [intern(one.type) for one in ordered]

    @cached_property
    def haystack(self) -> TextColumn:
        """What a search looks through."""
        return TextColumn(search_form(f"{one.vendor} {one.name} {one.public_id}") for one in self._ordered())

    @cached_property
    def name_rank(self) -> Ids:
        """Place of each software in natural order of names."""
        return ranks([natural(one.name) for one in self._ordered()])

    @cached_property
    def vendor_rank(self) -> Ids:
        """Place of each software by vendor, then by name."""
        return ranks([(natural(one.vendor), natural(one.name)) for one in self._ordered()])

    def _ordered(self) -> list[Software]:
        return [self.listed[one] for one in self.ids.tolist()]


class DeviceColumns(_Rows):
    """What lists of devices are filtered and sorted by."""

    def __init__(self, devices: Iterable[ListedDevice] = ()) -> None:
        ordered = sorted(devices, key=lambda one: one.id)
        self.listed: Overlaid[ListedDevice] = Overlaid({one.id: one for one in ordered})
        self.ids: Ids = np.array([one.id for one in ordered], np.int64)
        self.group = np.array([one.group_id for one in ordered], np.int64)
        self.systems, self.system = _categories(ordered)
        """Distinct operating systems, and which of them each device has."""
        self.first_seen_at = np.array([one.first_seen_at for one in ordered], np.int64)
        self.software = np.array([one.software for one in ordered], np.int64)
        self.is_ended = np.array([one.is_ended for one in ordered], np.bool_)
        self.is_excluded = np.array([one.is_excluded for one in ordered], np.bool_)

    def replaced(self, fresh: Iterable[ListedDevice]) -> DeviceColumns:
        """With the rows of some devices made new; one that ended keeps its row."""
        changed = {one.id: one for one in fresh}
        if changed.keys() <= self.listed.keys():
            return self._patched(changed)
        return DeviceColumns({**self.listed, **changed}.values())

    def relocated(self, found: Whereabouts) -> DeviceColumns:
        """With the groups, exclusions and ends of all devices made new; all else is shared with this one."""
        group = self.group.copy()
        for number, devices in found.groups.items():
            group[self.positions(np.array(devices.to_array(), np.int64))] = number
        excluded, ended = self._among(found.excluded), self._among(found.ended)
        changed = (self.group != group) | (self.is_excluded != excluded) | (self.is_ended != ended)
        listed = dict(self.listed)
        for at in np.flatnonzero(changed).tolist():
            one = int(self.ids[at])
            listed[one] = msgspec.structs.replace(
                listed[one], group_id=int(group[at]), is_excluded=bool(excluded[at]), is_ended=bool(ended[at])
            )
        relocated = copy.copy(self)
        relocated.listed = Overlaid(listed)
        relocated.group, relocated.is_excluded, relocated.is_ended = group, excluded, ended
        return relocated

    def _among(self, devices: BitMap) -> Mask:
        mask: Mask = np.zeros(len(self.ids), np.bool_)
        mask[self.positions(np.array(devices.to_array(), np.int64))] = True
        return mask

    def _patched(self, changed: dict[int, ListedDevice]) -> DeviceColumns:
        patched = copy.copy(self)  # with what was worked out of it
        patched.listed = self.listed.with_(changed)
        at = positions(self.ids, np.fromiter(changed, np.int64, len(changed)))
        patched.group, patched.software = self.group.copy(), self.software.copy()
        patched.group[at] = [one.group_id for one in changed.values()]
        patched.software[at] = [one.software for one in changed.values()]
        patched.is_ended, patched.is_excluded = self.is_ended.copy(), self.is_excluded.copy()
        patched.is_excluded[at] = [one.is_excluded for one in changed.values()]
        patched.is_ended[at] = [one.is_ended for one in changed.values()]
        if any(_system(self.listed[i]) != _system(one) for i, one in changed.items()):
            patched.systems, patched.system = _categories(patched.listed.values())
            patched.__dict__.pop("_by_system", None)
        if any(_named(self.listed[i]) != _named(one) for i, one in changed.items()):
            patched.__dict__.pop("name_rank", None)
            patched.__dict__.pop("haystack", None)
        return patched

    @cached_property
    def haystack(self) -> TextColumn:
        """What a search looks through: names and domains, in lower case."""
        return TextColumn(f"{one.name}\n{one.domain}".casefold() for one in self.listed.values())

    @cached_property
    def name_rank(self) -> Ids:
        """Place of each device in natural order of names."""
        return ranks([natural(one.name) for one in self.listed.values()])

    @cached_property
    def _by_system(self) -> Sequence[tuple[str, BitMap]]:
        """Distributions, or platforms where there is none, by name, each with its devices."""
        found: dict[str, BitMap] = {}
        for code, (platform, distribution, _) in enumerate(self.systems):
            devices = BitMap(self.ids[self.system == code].tolist())
            name = distribution or platform
            found[name] = found[name] | devices if name in found else devices
        return sorted(found.items(), key=lambda pair: natural(pair[0]))

    def system_names(self, devices: BitMap) -> list[str]:
        """Distributions, or platforms where there is none, of some devices: by name, each once."""
        return [name for name, having in self._by_system if having.intersect(devices)]


class MatchColumns(msgspec.Struct, frozen=True):
    """Counted open matches, by vulnerability and then by ``since``."""

    vulnerability: Ids
    version: Ids
    since: npt.NDArray[np.int64]
    has_fix: Mask

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, Micros, bool]]) -> MatchColumns:
        """rows: (software version, vulnerability, since, has fix)."""
        table = np.array([(v, s, at, fix) for s, v, at, fix in rows], np.int64).reshape(-1, 4)
        return _sorted_matches(table)

    def replaced(
        self, versions: npt.NDArray[np.integer], rows: Iterable[tuple[int, int, Micros, bool]]
    ) -> MatchColumns:
        """With all matches of some software versions made new."""
        kept = ~np.isin(self.version, versions)
        mine = np.stack((self.vulnerability, self.version, self.since, self.has_fix.astype(np.int64)), axis=1)[kept]
        fresh = np.array([(v, s, at, fix) for s, v, at, fix in rows], np.int64).reshape(-1, 4)
        return _sorted_matches(np.concatenate((mine, fresh)))

    def of_vulnerability(self, vulnerability_id: int) -> slice:
        """Where the matches of a vulnerability are."""
        low, high = np.searchsorted(self.vulnerability, [vulnerability_id, vulnerability_id + 1])
        return slice(int(low), int(high))


def positions(column: Ids, ids: npt.NDArray[np.integer]) -> Ids:
    """Positions in an ascending column of those of ``ids`` that are in it, in the order asked."""
    if len(column) == 0 or len(ids) == 0:
        return np.empty(0, np.int64)
    wanted = ids.astype(np.int64, copy=False)
    at = np.minimum(np.searchsorted(column, wanted), len(column) - 1)
    found: Ids = at[column[at] == wanted]
    return found


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which numbers inside a name count as numbers; case does not matter."""
    parts = _DIGITS.split(text.casefold())
    return tuple((0, int(part[:300]), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def search_form(text: str) -> str:
    """Case does not matter in a search for software, and blanks are underscores, as they are in its id."""
    return "_".join(text.casefold().split())


def ranks(keys: Sequence[object]) -> Ids:
    """Place of each key in ascending order; equal keys share one place."""
    order = sorted(range(len(keys)), key=lambda at: keys[at])  # type: ignore[arg-type,return-value]
    places = np.empty(len(keys), np.int64)
    place, previous = -1, None
    for at in order:
        if place < 0 or keys[at] != previous:
            place, previous = place + 1, keys[at]
        places[at] = place
    return places


def ranks_with(known: Ids, names: Sequence[str], more: Sequence[str]) -> Ids:
    """``ranks`` of the natural keys of ``names`` and then ``more``, in their order; ``known`` are those of ``names``,
    gaps do not matter. Only what is added is looked for, so most names are not looked at.
    """
    order = np.argsort(known, kind="stable")
    step = len(more) + 1  # between two that are known there is room for all that are added
    placed: Ids = np.concatenate((known * step, np.zeros(len(more), np.int64)))

    def key_at(place: int) -> tuple[tuple[int, int, str], ...]:
        return natural(names[order[place]])

    last, place = None, 0
    for number, (key, at) in enumerate(sorted((natural(name), at) for at, name in enumerate(more)), 1):
        if key != last:
            after = bisect.bisect_left(range(len(names)), key, key=key_at)
            if after < len(names) and key_at(after) == key:
                place = int(known[order[after]]) * step
            else:
                place = (int(known[order[after - 1]]) if after else -1) * step + number
        placed[len(names) + at], last = place, key
    dense: Ids = np.unique(placed, return_inverse=True)[1]
    return dense


def arranged(values: Ids | Numbers, *, descending: bool, upto: int | None = None) -> Ids:
    """Positions in sorted order; ties stay in their order, NaN comes last in either direction.

    upto: only the first so many are wanted in order; the others follow in any.
    """
    keys = -values if descending else values
    if upto is None or upto * _FEW > len(keys):
        return np.argsort(keys, kind="stable")
    is_leading = keys <= np.partition(keys, upto - 1)[upto - 1]
    leading = np.flatnonzero(is_leading)
    if len(leading) < upto:  # there are not so many numbers
        return np.argsort(keys, kind="stable")
    return np.concatenate((leading[np.argsort(keys[leading], kind="stable")], np.flatnonzero(~is_leading)))


def _system(device: ListedDevice) -> System:
    return device.os_platform, device.os_distribution, device.os_version


def _categories(devices: Iterable[ListedDevice]) -> tuple[list[System], Ids]:
    codes: dict[System, int] = {}
    code_of = [codes.setdefault(_system(one), len(codes)) for one in devices]
    return list(codes), np.array(code_of, np.int64)


def _named(device: ListedDevice) -> tuple[str, str]:
    return device.name, device.domain


def _numbers(values: Iterable[float | None]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _sorted_matches(table: npt.NDArray[np.int64]) -> MatchColumns:
    ordered = table[np.lexsort((table[:, 1], table[:, 2], table[:, 0]))]
    vulnerability, version, since, fix = (np.ascontiguousarray(column) for column in ordered.T)
    return MatchColumns(vulnerability, version, since, fix.astype(np.bool_))
