"""The follower that writes the timeline: compares what was told with what is, and tells the difference as events.

Level-triggered: a change says only that something may differ. What a device reports, what knowledge says and what
people decide come here in the order of ``changes``; the fleet index answers which devices are concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import (
    exceptions,
    intel,
    inventory,
    matching,
    posture,
    recommendations,
    remediation,
    scoring,
    threats,
)
from weakspot.fleet import Fleet
from weakspot.inventory import settings
from weakspot.runtime import changes
from weakspot.runtime.changes import Change
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.following import Reaction, Unit
from weakspot.timeline import rules, store
from weakspot.timeline.contracts import TIMELINE_CHANGED, Event, EventType, Told
from weakspot.timeline.looking import MAX_EVENTS, Here, impacts

KNOWLEDGE_CHANGED = "intel.knowledge"
WAIT_SECONDS = 30.0
_AHEAD = 5_000

_PRESENCE = frozenset(
    {KNOWLEDGE_CHANGED, matching.MATCHES_CHANGED, inventory.DEVICE_CHANGED, inventory.FACTS_CHANGED,
     inventory.DEVICES_LOADED}
)  # fmt: skip
_DECISIONS = frozenset({"approved", "cancelled", "expired", "created", "completed", "reopened", "accepted", "rejected"})
"""What of exceptions and remediation is an event; progress and tickets are not."""


class Teller:
    """Remembers what was told between looks; ``reaction`` is what follows."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._told: dict[int, Told] | None = None

    @property
    def reaction(self) -> Reaction:
        """To be run by ``Followers``."""
        kinds = _PRESENCE | {
            exceptions.CHANGED, remediation.CHANGED, threats.DETECTIONS_CHANGED, posture.CHECKS_CHANGED,
            settings.SETTINGS_CHANGED,
        }  # fmt: skip
        return Reaction(name="timeline", kinds=kinds, look=self._look, catch_up=self._catch_up, forget=self._forget)

    def _look(self, conn: Connection, rows: Sequence[Change]) -> Unit | None:
        last = rows[-1]
        if not self._fleet.wait_for(last.seq, WAIT_SECONDS, scores=False):
            raise TimeoutError("the fleet index has not come to this change yet")
        events: list[tuple[str, Event]] = []
        fresh: dict[int, Told] = {}
        known = self._known(conn)
        if any(row.kind in _PRESENCE for row in rows) or _is_feature_switched(conn, rows):
            events, fresh = self._presence(conn, known, rows)
        events += [made for row in rows if (made := _decided(conn, row)) is not None]
        events += [made for row in rows if row.kind == threats.DETECTIONS_CHANGED for made in self._detected(conn, row)]
        events += [made for row in rows if row.kind == posture.CHECKS_CHANGED for made in self._new_checks(conn, row)]
        return self._unit(events, fresh, known, last.at) if events or fresh else None

    def _catch_up(self, conn: Connection) -> Unit | None:
        """The first time, or after rows were missed: what is there now is told as one event at most."""
        seq = changes.last_seq(conn)
        if not self._fleet.wait_for(seq, WAIT_SECONDS, scores=False):
            raise TimeoutError("the fleet index has not come to this change yet")
        self._told = None
        known = self._known(conn)
        now = self._clock()
        here = Here(conn, self._fleet, now)
        fresh = here.told(known, sorted(set(here.present) | known.keys()))
        new = tuple(one for one in here.present if one not in known)
        return self._unit(here.first(conn, new), fresh, known, now) if fresh else None

    def _presence(
        self, conn: Connection, known: dict[int, Told], rows: Sequence[Change]
    ) -> tuple[list[tuple[str, Event]], dict[int, Told]]:
        last = rows[-1]
        here = Here(conn, self._fleet, last.at)
        # The index may be ahead of these rows: what it shows may be due to changes that follow them.
        ahead = [row for row in changes.since(conn, last.seq, limit=_AHEAD) if row.kind in _PRESENCE]
        knowledge = _publications(conn, [*rows, *ahead])
        moved = _moved([*rows, *ahead], here.present)
        levels = here.levels(moved) if moved else {}
        found = rules.difference(known, here.present, levels)
        changed = sorted({*found.new, *found.regressed, *found.fixed, *levels})
        fresh = here.told(known, changed, levels)
        is_first = any(knowledge.values())
        events = here.zero_day_updates() if knowledge and not is_first else []
        if not found:
            return events, fresh
        if is_first:
            return here.first(conn, found.new), fresh
        kinds: list[tuple[EventType, tuple[int, ...]]] = [
            ("new_vulnerability" if knowledge else "newly_exposed", found.new),
            ("regressed", found.regressed),
            *found.exploits.items(),
        ]
        for kind, some in kinds:
            events += here.events(kind, some, last.seq)
        events += here.gone(found.fixed, known, last.seq)
        return events, fresh

    def _detected(self, conn: Connection, row: Change) -> Iterable[tuple[str, Event]]:
        """Detections that are new with this change, on known devices."""
        view = self._fleet.view()
        found = threats.some(conn, row.payload["detection_ids"])
        fresh = [one for one in found.values() if one.created_at == row.at and one.device_id is not None]
        linked: dict[int, set[int]] = {}
        for link in threats.links_of(conn, [one.id for one in fresh]):
            if link.vulnerability_id is not None:
                linked.setdefault(link.detection_id, set()).add(link.vulnerability_id)
        for one in fresh[:MAX_EVENTS]:
            yield (
                f"detection:{one.id}",
                Event(
                    id=0,
                    at=row.at,
                    type="detection",
                    product="",
                    product_name="",
                    vulnerabilities=tuple(sorted(linked.get(one.id, ()))),
                    impacts=impacts(view, BitMap([one.device_id or 0])),
                    score_change=None,
                    subject=one.observed.title,
                    what=one.observed.severity,
                ),
            )

    def _new_checks(self, conn: Connection, row: Change) -> Iterable[tuple[str, Event]]:
        """Checks that the catalogue did not have before; those that an installation begins with are no news."""
        if row.payload["is_first"]:
            return
        view = self._fleet.view()
        states = scoring.check_states(view, posture.current(conn))
        for state in [states[one] for one in row.payload["added"] if one in states][:MAX_EVENTS]:
            event = Event(
                id=0,
                at=row.at,
                type="new_configuration_assessment",
                product=recommendations.check_recommendation_id(state.check.id),
                product_name=state.check.title,
                vulnerabilities=(),
                impacts=impacts(view, state.non_compliant),
                score_change=None,
                subject=state.check.id,
                what=state.check.category,
            )
            yield f"check:{state.check.id}", event

    def _known(self, conn: Connection) -> dict[int, Told]:
        if self._told is None:
            self._told = store.all_told(conn)
        return self._told

    def _forget(self) -> None:
        self._told = None

    def _unit(
        self, events: list[tuple[str, Event]], fresh: dict[int, Told], known: dict[int, Told], at: Micros
    ) -> Unit:
        def unit(conn: Connection) -> None:
            known.update(fresh)  # forgotten again where the unit is not committed
            store.write_told(conn, fresh)
            written = store.insert(conn, [one for one in events if one[1].type != "knowledge_loaded"])
            for key, one in events:
                if one.type == "knowledge_loaded":
                    written += _gather(conn, key, one)
            if written:
                changes.append(conn, at, TIMELINE_CHANGED, {"event_ids": written[:1_000]})

        return unit


def _decided(conn: Connection, row: Change) -> tuple[str, Event] | None:
    """What people decided about exceptions and remediation."""
    payload = row.payload
    if row.kind not in (exceptions.CHANGED, remediation.CHANGED) or payload["what"] not in _DECISIONS:
        return None
    is_exception = row.kind == exceptions.CHANGED
    subject = str(payload["subject"] if is_exception else payload["recommendation_id"])
    vulnerability = intel.find(conn, subject) if payload.get("subject_kind") == "vulnerability" else None
    event = Event(
        id=0,
        at=row.at,
        type="exception" if is_exception else "remediation",
        product=subject if subject.startswith("va-_-") else "",
        product_name=subject.rpartition("-_-")[2] if subject.startswith("va-_-") else "",
        vulnerabilities=() if vulnerability is None else (vulnerability,),
        impacts=(),
        score_change=None,
        subject=subject,
        what=payload["what"],
    )
    return f"{row.kind}:{row.seq}", event


def _moved(rows: Sequence[Change], present: Sequence[int]) -> set[int]:
    """Vulnerabilities of devices whose facts may not be what they were."""
    knowledge = [row.payload for row in rows if row.kind == KNOWLEDGE_CHANGED]
    if any(payload.get("all") for payload in knowledge):
        return set(present)
    return {one for payload in knowledge for one in payload["vulnerability_ids"]}.intersection(present)


def _is_feature_switched(conn: Connection, rows: Sequence[Change]) -> bool:
    """Whether a part of the system that vulnerabilities need is off now where it was not, or the other way round."""
    told = [row.payload for row in rows if row.kind == settings.SETTINGS_CHANGED]
    moved = {value for payload in told for value in (*payload["added"], *payload["removed"])}
    return bool(moved) and not moved.isdisjoint(posture.values_off(conn))


def _publications(conn: Connection, rows: Sequence[Change]) -> dict[int, bool]:
    """Knowledge versions that these changes come from -> whether it was the first of its source.

    A publication and the matches that follow from it are one unit of work, and carry the same time. What a source says
    the first time it is loaded is all new, and yet nothing happened.
    """
    moments = {row.at for row in rows if row.kind in (KNOWLEDGE_CHANGED, matching.MATCHES_CHANGED)}
    return intel.publications_at(conn, moments) if moments else {}


def _gather(conn: Connection, key: str, one: Event) -> list[int]:
    known = store.keyed(conn, key)
    if known is None:
        return store.insert(conn, [(key, one)])
    whole = tuple(sorted({*known.vulnerabilities, *one.vulnerabilities}))
    store.replace(conn, known.id, msgspec.structs.replace(one, id=known.id, at=known.at, vulnerabilities=whole))
    return [known.id]
