"""What is there now, by one view of the fleet, and the events that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot import intel, recommendations, scoring
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet, FleetView
from weakspot.runtime.clock import Micros, to_iso
from weakspot.scoring import Cover
from weakspot.timeline import rules, store
from weakspot.timeline.contracts import Event, EventType, GroupImpact, Told

MAX_EVENTS = 200
"""Events of one type from one look; what is over is one event without a product."""
MAX_SCORED = 30
"""Events of one look whose change of the score is worked out."""
EVERYTHING = Scope(None)


class Here:
    """What is there now, by one view of the fleet."""

    def __init__(self, conn: Connection, fleet: Fleet, at: Micros) -> None:
        self._conn = conn
        self._at = at
        self.view: FleetView = fleet.view()
        self._catalogue = recommendations.current(conn, fleet)
        self._decided = recommendations.in_force(conn, fleet, self.view, at)
        self._excepted = self._decided.reducing
        self._scored = 0
        self.present = self._present()

    def _present(self) -> list[int]:
        """Vulnerabilities that apply to some counted device."""
        found: list[int] = self.view.vulnerability_counts(EVERYTHING)[0].tolist()
        counted, conditional = self.view.population.devices(EVERYTHING), self._decided.conditional
        return [
            one
            for one in found
            if one not in conditional or self._decided.carrying(self.view, [one]).intersect(counted)
        ]

    def levels(self, ids: Iterable[int]) -> dict[int, int]:
        """Rank of the exploit evidence of some vulnerabilities."""
        return {one: rules.LEVELS.index(f.exploit_level) for one, f in intel.facts(self._conn, sorted(ids)).items()}

    def told(self, known: dict[int, Told], ids: Iterable[int], levels: dict[int, int] | None = None) -> dict[int, Told]:
        """What is to be noted of some vulnerabilities, where it differs from what was."""
        wanted = sorted(ids)
        ranks = dict(levels or {})
        ranks |= self.levels(one for one in wanted if one not in ranks)
        here = set(self.present)
        fresh: dict[int, Told] = {}
        for one in wanted:
            before = known.get(one)
            if before is None and one not in here:
                continue
            products = tuple(sorted(self.products_of(one))) if one in here else before.products if before else ()
            state = Told(one in here, ranks.get(one, 0), products)
            if state != before:
                fresh[one] = state
        return fresh

    def products_of(self, vulnerability_id: int) -> set[str]:
        """Products whose installed versions carry it."""
        product_of = self._catalogue.product_of
        return {
            product_of[version]
            for version in self.view.carriers[vulnerability_id]
            if version in product_of and self.view.installed[version]
        }

    def events(self, kind: EventType, ids: Iterable[int], seq: int) -> list[tuple[str, Event]]:
        """One event a product, the most impacting first; what is over the limit is one more without a product."""
        by_product: dict[str, list[int]] = {}
        for one in ids:
            for product in sorted(self.products_of(one)) or [""]:
                by_product.setdefault(product, []).append(one)
        reach = {product: self._devices(product, some) for product, some in by_product.items()}
        ordered = sorted(by_product, key=lambda one: (-len(reach[one]), one))
        made = [
            self._event(kind, product, by_product[product], reach[product], seq) for product in ordered[:MAX_EVENTS]
        ]
        if rest := ordered[MAX_EVENTS:]:
            some = sorted({one for product in rest for one in by_product[product]})
            made.append(self._event(kind, "", some, BitMap.union(*(reach[one] for one in rest)), seq))
        return made

    def gone(self, ids: Iterable[int], known: dict[int, Told], seq: int) -> list[tuple[str, Event]]:
        """Vulnerabilities that no device has any more, by the products that had them."""
        by_product: dict[str, list[int]] = {}
        for one in ids:
            for product in known[one].products or ("",):
                by_product.setdefault(product, []).append(one)
        return [
            self._event("fixed", product, some, BitMap(), seq)
            for product, some in sorted(by_product.items())[:MAX_EVENTS]
        ]

    def zero_day_updates(self) -> list[tuple[str, Event]]:
        """Vulnerabilities that were exploited before there was a fix and have one now: each told once a product."""
        answered: dict[str, set[int]] = {}
        for version, advice in self._catalogue.advice.items():
            if advice.answered_zero_days and self.view.installed[version]:
                answered.setdefault(self._catalogue.product_of[version], set()).update(advice.answered_zero_days)
        found = []
        for product, ids in sorted(answered.items()):
            for one in sorted(ids):
                event = self._plain("new_vulnerability", product, [one], self._devices(product, [one]))
                event = msgspec.structs.replace(event, what=rules.ZERO_DAY_UPDATE)
                found.append((f"{rules.ZERO_DAY_UPDATE}:{product}:{one}", event))
        return found[:MAX_EVENTS]

    def first(self, conn: Connection, new: Sequence[int]) -> list[tuple[str, Event]]:
        """The one event of the day on which intelligence is loaded for the first time."""
        if not new:
            return []
        devices = self._devices("", new)
        key = f"knowledge_loaded:{to_iso(self._at)[:10]}"
        before = store.keyed(conn, key)
        whole = sorted({*new, *(() if before is None else before.vulnerabilities)})
        event = self._plain("knowledge_loaded", "", whole, devices)
        return [(key, event)]

    def _event(self, kind: EventType, product: str, ids: Sequence[int], devices: BitMap, seq: int) -> tuple[str, Event]:
        event = self._plain(kind, product, ids, devices)
        if kind in ("new_vulnerability", "newly_exposed", "regressed") and self._scored < MAX_SCORED:
            self._scored += 1
            event = msgspec.structs.replace(event, score_change=self._score_change(product, ids))
        return f"{kind}:{seq}:{product}", event

    def _plain(self, kind: EventType, product: str, ids: Sequence[int], devices: BitMap) -> Event:
        known = self._catalogue.products.get(product)
        return Event(
            id=0,
            at=self._at,
            type=kind,
            product=product,
            product_name=known.name if known is not None else product.rpartition("-_-")[2],
            vulnerabilities=tuple(sorted(ids)),
            impacts=impacts(self.view, devices),
            score_change=None,
        )

    def _devices(self, product: str, ids: Iterable[int]) -> BitMap:
        return self._decided.carrying(self.view, ids, self._versions(product))

    def _versions(self, product: str) -> frozenset[int] | None:
        known = self._catalogue.products.get(product)
        return None if known is None else frozenset(known.versions)

    def _score_change(self, product: str, ids: Sequence[int]) -> float | None:
        """Points of the organisation's active score that hang on these vulnerabilities in this product."""
        score = scoring.organisation_score(self.view, EVERYTHING, excepted=self._excepted)
        versions = self._versions(product)
        if score is None or versions is None:
            return None
        cover = Cover(versions=versions, vulnerabilities=BitMap(ids), devices=self.view.population.all_devices())
        without = self._excepted.score_covering(cover, EVERYTHING)
        return None if without is None else score - without


def impacts(view: FleetView, devices: BitMap) -> tuple[GroupImpact, ...]:
    """How many of each device group's counted devices are among some devices."""
    found = []
    for group, members in zip(view.population.group_ids, view.population.members[1:], strict=True):
        found.append(GroupImpact(group, members.intersection_cardinality(devices), len(members)))
    return tuple(found)
