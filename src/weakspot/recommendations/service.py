"""Recommendations of a scope, from a catalogue that is kept current by following ``changes``."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import intel, matching, scoring
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetView
from weakspot.fleet.cluster import ClusterFleet
from weakspot.recommendations import catalogue
from weakspot.recommendations.catalogue import Catalogue
from weakspot.recommendations.contracts import Action, Product, Recommendation, RemediationType
from weakspot.recommendations.rules import advising
from weakspot.runtime import changes
from weakspot.scoring import Excepted

_FOLLOW_AT_MOST = 5_000
_KNOWLEDGE = "intel.knowledge"

EFFORT_HOURS: dict[RemediationType, float] = {"Update": 2.0, "Upgrade": 16.0, "Uninstall": 4.0, "OwningApp": 4.0}
EFFORT_HOURS_PER_DEVICE: dict[RemediationType, float] = {
    "Update": 0.02, "Upgrade": 0.25, "Uninstall": 0.05, "OwningApp": 0.02,
}  # fmt: skip
"""What an action costs unless told otherwise: preparing and testing it once, and a little for each device."""


class Memory:
    """The catalogue of one fleet. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._seq = 0

    def current(self, conn: Connection) -> Catalogue:
        """The catalogue as of this snapshot or later."""
        with self._lock:
            last = changes.last_seq(conn)
            if self._catalogue is None or last > self._seq:
                self._catalogue, self._seq = self._followed(conn, last), last
            return self._catalogue

    def _followed(self, conn: Connection, last: int) -> Catalogue:
        known = self._catalogue
        if known is None or last - self._seq > _FOLLOW_AT_MOST or changes.first_seq(conn) > self._seq + 1:
            return catalogue.read(conn, None)
        touched = _Touched(changes.since(conn, self._seq))
        if touched.is_everything or (touched.is_knowledge and intel.lifecycle(conn) != known.lifecycle):
            return catalogue.read(conn, None)
        versions = touched.versions | catalogue.speaking_of(known, BitMap(touched.vulnerabilities))
        if len(versions) > len(known.advice) // 2:
            return catalogue.read(conn, None)
        return catalogue.merged(known, catalogue.read(conn, sorted(versions)), versions) if versions else known


class _Touched:
    """What changes name of which advice is made."""

    def __init__(self, followed: Iterable[changes.Change]) -> None:
        self.versions: set[int] = set()
        """Software versions whose matches changed, or what is known of other versions of the same software."""
        self.vulnerabilities: set[int] = set()
        self.is_knowledge = False
        self.is_everything = False
        for change in followed:
            if change.kind in (matching.MATCHES_CHANGED, matching.JUDGED):
                self.versions.update(change.payload["software_version_ids"])
            if change.kind == _KNOWLEDGE:
                self.is_knowledge = True
                self.vulnerabilities.update(change.payload["vulnerability_ids"])
            if change.kind in (_KNOWLEDGE, matching.JUDGED):
                self.is_everything |= bool(change.payload["all"])


_memories: weakref.WeakKeyDictionary[Fleet | ClusterFleet, Memory] = weakref.WeakKeyDictionary()
_memories_lock = threading.Lock()


def current(conn: Connection, fleet: Fleet | ClusterFleet) -> Catalogue:
    """The catalogue that belongs to a fleet index; a first reading takes seconds in a large fleet."""
    with _memories_lock:
        memory = _memories.setdefault(fleet, Memory())
    return memory.current(conn)


def recommendations(known: Catalogue, view: FleetView, scope: Scope, today: str) -> Iterator[Recommendation]:
    """What can be done in a scope, by product; made of the versions that are installed there alone."""
    within = view.scope_bitmap(scope)
    for ident in sorted(known.products):
        made = _made(known, view, known.products[ident], within, today)
        if made is not None:
            yield made


def recommendation(known: Catalogue, view: FleetView, scope: Scope, today: str, ident: str) -> Recommendation | None:
    """One of them by its id; None where there is none in the scope."""
    product = known.products.get(ident)
    return None if product is None else _made(known, view, product, view.scope_bitmap(scope), today)


def _made(known: Catalogue, view: FleetView, product: Product, within: BitMap, today: str) -> Recommendation | None:
    """Of the versions that these devices have. What it is made of is mostly what it was made of the last time."""
    devices = view.installed.many(product.versions)  # ascending: what is left out is at the end
    here = tuple(one for one, some in zip(product.versions, devices, strict=False) if some.intersect(within))
    last = known.made.get(product.id)
    if last is None or last[:2] != (here, today):
        advice = [known.advice[one] for one in here]
        last = here, today, advising.recommend(product, advice, today) if here else None
        known.made[product.id] = last
    return last[2]


def impact(
    known: Catalogue,
    view: FleetView,
    scope: Scope,
    made: Recommendation,
    *,
    excluded: BitMap | None = None,
    excepted: Excepted | None = None,
) -> float:
    """Points by which the scope's score falls when it is carried out everywhere. Exact.

    excluded: devices under an exception, on which it is not. excepted: findings that count neither before nor after.
    """
    return scoring.replacement_impact(
        view, scope, made.replaced, hazards=known.hazards, excluded=excluded, excepted=excepted
    )


def action(made: Recommendation, devices: int, hours: float | None = None, kept: BitMap | None = None) -> Action:
    """A recommendation as a step of a plan. hours: effort; None: by type and number of devices. kept: devices on which
    it is not carried out.
    """
    if hours is None:
        kind = made.remediation_type
        hours = EFFORT_HOURS[kind] + devices * EFFORT_HOURS_PER_DEVICE[kind]
    return Action(id=made.product.id, replaced=made.replaced, hours=hours, kept=kept or None)
