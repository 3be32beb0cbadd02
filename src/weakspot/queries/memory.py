"""What the read models remember between requests: the columns of ``columns``, kept current by following ``changes``.

Purpose: a list page over 100,000 devices or vulnerabilities must not read them all. One ``Memory`` belongs to one fleet
index; it is brought up to the fleet's position when a request needs it, by reading again just what changed.

Invariants: what is remembered is of the fleet index's moment or later (or of the request's own snapshot, where that is
the older one); changes that cannot be followed (pruned, or too many) drop everything, and it is read anew.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching, recommendations
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet
from weakspot.inventory import labels, troubles
from weakspot.inventory.contracts import Software
from weakspot.queries.aging import Aging
from weakspot.queries.base import ReadContext
from weakspot.queries.certificate_columns import held
from weakspot.queries.columns import DeviceColumns, Ids, MatchColumns, SoftwareColumns, VulnerabilityColumns
from weakspot.queries.overlaid import Overlaid
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND, Micros

_FOLLOW_AT_MOST = 20_000
"""Behind by more changes than this, reading everything is cheaper than following."""

_READ_ALL_FROM = 5_000

_CONTACTS_AGE = 10 * SECOND
_ORDERING_AGE = 30 * SECOND
_ORDERING_KEPT = 2 * _ORDERING_AGE
_ORDERINGS = 200
_KNOWLEDGE = "intel.knowledge"
_NONE: Ids = np.empty(0, np.int64)


T = TypeVar("T")
K = TypeVar("K", int, str)


class Contacts(msgspec.Struct, frozen=True):
    """Last contact of every device, by ascending id."""

    ids: Ids
    last_seen_at: Ids
    last_report_at: Ids
    """0 where there never was one."""
    last_observed_at: Ids


class Ordering(msgspec.Struct, Generic[T], frozen=True):
    """What a list is sorted by, as of ``at``."""

    at: Micros
    values: T
    while_as: str = ""


class KnowledgeFacts(msgspec.Struct, frozen=True):
    """What one knowledge version holds."""

    version: int
    is_starter_only: bool
    vulnerabilities: int


class _Touched:
    """What a run of changes touched."""

    def __init__(self, followed: Iterator[changes.Change]) -> None:
        self.devices: set[int] = set()
        self.placed = BitMap()
        """Devices whose group, value or exclusion changed."""
        self.matched_versions: set[int] = set()
        self.judged_versions: set[int] = set()
        """Those of which it may be another reason, or none, why nothing can be said about them."""
        self.all_judged = False
        self.vulnerabilities: set[int] = set()
        self.all_vulnerabilities = False
        for change in followed:
            self._note(change)

    def _note(self, change: changes.Change) -> None:
        payload = change.payload
        if change.kind in (inventory.DEVICE_CHANGED, inventory.FACTS_CHANGED):
            self.devices.add(payload["device_id"])
            self.judged_versions.update(payload.get("added", ()))
        elif change.kind == labels.POPULATION_CHANGED:
            self.placed |= BitMap.deserialize(payload["devices"])
        elif change.kind == matching.MATCHES_CHANGED:
            self.matched_versions.update(payload["software_version_ids"])
            self.judged_versions.update(payload["software_version_ids"])
        elif change.kind == matching.JUDGED:
            self.judged_versions.update(payload["software_version_ids"])
            self.all_judged |= bool(payload["all"])
        elif change.kind == _KNOWLEDGE:
            self.all_vulnerabilities |= bool(payload["all"])
            self.vulnerabilities.update(payload["vulnerability_ids"])


class Memory:
    """Columns of one fleet. Safe from any thread; each part is read when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq: int | None = None
        self._vulnerabilities = VulnerabilityColumns()
        self._asked: Ids | None = _NONE
        """Vulnerabilities that were read, whether there or not; None: all."""
        self._devices: DeviceColumns | None = None
        self._matches: MatchColumns | None = None
        self._software = SoftwareColumns()
        self._reasons: Overlaid[str] | None = None
        self._contacts = Aging[Contacts](_CONTACTS_AGE)
        self._troubles = Aging[tuple[BitMap, Mapping[int, Micros]]](_CONTACTS_AGE)
        self._orderings: dict[tuple[str, frozenset[int] | None], Ordering[Any]] = {}
        self._making: dict[tuple[str, frozenset[int] | None], threading.Lock] = {}
        self._recent: dict[tuple[str, frozenset[int] | None], dict[Any, tuple[Micros, float]]] = {}
        self._knowledge: KnowledgeFacts | None = None

    def vulnerabilities(self, read: ReadContext, ids: Ids | None) -> VulnerabilityColumns:
        """Columns of at least these vulnerabilities; None: of all that are known."""
        with self._lock:
            self._refresh(read)
            if self._asked is None:  # all are known
                return self._vulnerabilities
            if ids is None:
                self._rewind(read)
                self._vulnerabilities = VulnerabilityColumns(intel.facts(read.conn, None).values())
                self._asked = None
            elif len(missing := _absent(ids, self._asked)):
                self._rewind(read)
                facts = intel.facts(read.conn, missing.tolist())
                self._vulnerabilities = self._vulnerabilities.replaced(missing, facts.values())
                self._asked = np.union1d(self._asked, missing)
            return self._vulnerabilities

    def devices(self, read: ReadContext) -> DeviceColumns:
        """Columns of all devices."""
        with self._lock:
            self._refresh(read)
            if self._devices is None:
                self._rewind(read)
                self._devices = DeviceColumns(inventory.listed_devices(read.conn, None))
            return self._devices

    def matches(self, read: ReadContext) -> MatchColumns:
        """Columns of all counted open matches."""
        with self._lock:
            self._refresh(read)
            if self._matches is None:
                self._rewind(read)
                self._matches = MatchColumns.of(matching.open_columns(read.conn, None))
            return self._matches

    def software(self, read: ReadContext, ids: Iterable[int]) -> Mapping[int, Software]:
        """At least this software, by id; rows of software never change."""
        return self.software_columns(read, np.fromiter(ids, np.int64)).listed

    def software_columns(self, read: ReadContext, ids: Ids) -> SoftwareColumns:
        """Columns of at least this software, as far as the snapshot knows it."""
        known = self._software
        if len(known.positions(ids)) < len(ids):
            missing = [one for one in ids.tolist() if one not in known.listed]
            found = inventory.software(read.conn, missing if len(missing) <= _READ_ALL_FROM else None)
            with self._lock:
                known = self._software = SoftwareColumns({**self._software.listed, **found})
        return known

    def not_assessed(self, read: ReadContext) -> Mapping[int, str]:
        """Software version id -> why nothing can be said about it."""
        with self._lock:
            self._refresh(read)
            if self._reasons is None:
                self._rewind(read)
                self._reasons = Overlaid(matching.not_assessed(read.conn, None))
            return self._reasons

    def contacts(self, read: ReadContext) -> Contacts:
        """Last contacts, some ten seconds old at the most: heartbeats are not announced one by one."""
        return self._contacts.at(read.now, lambda: _contacts(read))

    def troubles(self, read: ReadContext) -> tuple[BitMap, Mapping[int, Micros]]:
        """Devices whose last report was incomplete, and when a report of a device was refused; as old as contacts."""
        return self._troubles.at(read.now, lambda: _troubles(read.conn))

    def ordering(
        self, read: ReadContext, name: str, scope: Scope, make: Callable[[], T], *, while_as: str = ""
    ) -> Ordering[T]:
        """What to sort by where that is too costly to make for every request: at most half a minute old, and made for
        the same ``while_as``.
        """
        key = name, scope.group_ids
        known = self._orderings.get(key)
        if known is not None and known.while_as == while_as and known.at <= read.now < known.at + _ORDERING_AGE:
            return known
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        is_usable = known is not None and known.while_as == while_as and known.at <= read.now
        # One request makes it; others take what there is meanwhile, or wait where there is nothing.
        if not making.acquire(blocking=not is_usable):
            assert known is not None
            return known
        try:
            fresh = self._orderings.get(key)
            if fresh is None or fresh is known or fresh.while_as != while_as:
                fresh = Ordering(read.now, make(), while_as)
                with self._lock:
                    self._drop_orderings(until=read.now - _ORDERING_KEPT)
                    if len(self._orderings) >= _ORDERINGS:  # bounded: scopes come from callers
                        self._orderings.clear()
                        self._making.clear()
                    self._orderings[key] = fresh
            return fresh
        finally:
            making.release()

    def _drop_orderings(self, until: Micros) -> None:
        """Those that nobody may use any more: of thousands of products, one of a scope takes up to two megabytes."""
        for key in [key for key, known in self._orderings.items() if known.at <= until]:
            del self._orderings[key]
            self._making.pop(key, None)

    def recent(
        self, read: ReadContext, name: str, scope: Scope, ids: Sequence[K], make: Callable[[list[K]], Mapping[K, float]]
    ) -> dict[K, float]:
        """A number of each id that takes long to make: at most half a minute old, and made where it is not there."""
        key = name, scope.group_ids
        known = self._recent.get(key, {})
        wanted = [
            one for one in ids if one not in known or not known[one][0] <= read.now < known[one][0] + _ORDERING_AGE
        ]
        if wanted:
            made = {one: (read.now, value) for one, value in make(wanted).items()}
            known = {**known, **made}
            with self._lock:
                if len(self._recent) >= _ORDERINGS:  # bounded: scopes come from callers
                    self._recent.clear()
                self._recent[key] = known if len(known) <= _READ_ALL_FROM else made
        return {one: known[one][1] for one in ids}

    def knowledge(self, read: ReadContext, version: int) -> KnowledgeFacts:
        """Facts about a knowledge version that are too costly to count for every page."""
        with self._lock:
            if self._knowledge is None or self._knowledge.version != version:
                count = intel.count_vulnerabilities(read.conn)
                self._knowledge = KnowledgeFacts(version, intel.is_starter_only(read.conn), count)
            return self._knowledge

    def _refresh(self, read: ReadContext) -> None:
        if self._seq is not None and self._seq >= read.fleet.seq:
            return
        last = changes.last_seq(read.conn)
        if self._seq is None:
            self._seq = last
        elif last > self._seq:
            self._follow(read.conn, last)

    def _rewind(self, read: ReadContext) -> None:
        """Something is about to be read from this snapshot, which may be older than what is followed already."""
        assert self._seq is not None
        self._seq = min(self._seq, changes.last_seq(read.conn))

    def _follow(self, conn: Connection, last: int) -> None:
        assert self._seq is not None
        if last - self._seq > _FOLLOW_AT_MOST or changes.first_seq(conn) > self._seq + 1:
            self._forget()
        else:
            self._read_again(conn, _Touched(changes.since(conn, self._seq)))
        self._seq = last

    def _forget(self) -> None:
        self._devices = self._matches = self._reasons = None
        self._forget_vulnerabilities()

    def _forget_vulnerabilities(self) -> None:
        self._vulnerabilities, self._asked = VulnerabilityColumns(), _NONE

    def _read_again(self, conn: Connection, touched: _Touched) -> None:
        if len(touched.placed) > _READ_ALL_FROM:
            if self._devices is not None:
                self._devices = self._devices.relocated(inventory.whereabouts(conn))
        else:
            touched.devices.update(touched.placed)
        if len(touched.devices) > _READ_ALL_FROM:
            self._devices = None
        elif touched.devices and self._devices is not None:
            self._devices = self._devices.replaced(inventory.listed_devices(conn, sorted(touched.devices)))
        if touched.matched_versions and self._matches is not None:
            versions = sorted(touched.matched_versions)
            rows = matching.open_columns(conn, versions)
            self._matches = self._matches.replaced(np.array(versions, np.int64), rows)
        if touched.all_judged or len(touched.judged_versions) > _READ_ALL_FROM:
            self._reasons = None
        elif touched.judged_versions and self._reasons is not None:
            told = matching.not_assessed(conn, sorted(touched.judged_versions))
            self._reasons = self._reasons.without(touched.judged_versions - told.keys()).with_(told)
        if touched.all_vulnerabilities:
            self._forget_vulnerabilities()
        elif touched.vulnerabilities:
            ids = np.array(sorted(touched.vulnerabilities), np.int64)
            if self._asked is not None:
                ids = np.intersect1d(ids, self._asked)
            facts = intel.facts(conn, ids.tolist()) if len(ids) else {}
            self._vulnerabilities = self._vulnerabilities.replaced(ids, facts.values())


def _absent(ids: Ids, known: Ids) -> Ids:
    """Those of ``ids`` that are not known, ascending. known: ascending, and too many to sort for every page."""
    if not len(known):
        return np.unique(ids)
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.unique(ids[known[at] != ids])


_memories: weakref.WeakKeyDictionary[Fleet, Memory] = weakref.WeakKeyDictionary()
_memories_lock = threading.Lock()


def memory_of(fleet: Fleet) -> Memory:
    """The memory that belongs to a fleet index; it goes away with it."""
    with _memories_lock:
        found = _memories.get(fleet)
        if found is None:
            found = _memories[fleet] = Memory()
        return found


def warm(read: ReadContext) -> None:
    """Read all columns now, so that the first page does not wait for them; some seconds for 100,000 devices."""
    memory = memory_of(read.fleet)
    present, _ = read.fleet.vulnerability_counts(Scope(None))
    software, _, _ = read.fleet.software_counts(Scope(None))
    memory.vulnerabilities(read, present)
    memory.software_columns(read, software)
    memory.devices(read)
    memory.matches(read)
    memory.not_assessed(read)
    recommendations.current(read.conn, read.fleet)
    recommendations.supports(read.conn, read.fleet)
    held(read)


def _contacts(read: ReadContext) -> Contacts:
    seen = _by_id(inventory.last_contacts(read.conn), 2)
    told = _by_id(inventory.last_reports(read.conn), 3)
    ids = np.union1d(seen[:, 0], told[:, 0])
    last_seen, reported, observed = (np.zeros(len(ids), np.int64) for _ in range(3))
    last_seen[np.searchsorted(ids, seen[:, 0])] = seen[:, 1]
    reporting = np.searchsorted(ids, told[:, 0])
    reported[reporting], observed[reporting] = told[:, 1], told[:, 2]
    return Contacts(ids, np.maximum(last_seen, reported), reported, observed)


def _by_id(rows: Sequence[Sequence[int]], columns: int) -> npt.NDArray[np.int64]:
    return np.fromiter(itertools.chain.from_iterable(rows), np.int64, len(rows) * columns).reshape(-1, columns)


def _troubles(conn: Connection) -> tuple[BitMap, Mapping[int, Micros]]:
    incomplete, refused = troubles.all_troubles(conn)
    return BitMap(incomplete), refused
