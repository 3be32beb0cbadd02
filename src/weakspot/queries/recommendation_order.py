"""The list of recommendations, filtered and in order: what it is sorted by is made once in a while, for all requests.

Thousands of products are weighed for an order by impact or by devices; rows are made of the page alone, and of the
present. So the order may be half a minute old in a large fleet, and what stands in a row is not.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from pyroaring import BitMap

from weakspot import exceptions, recommendations
from weakspot.queries.base import ListQuery
from weakspot.queries.check_recommendations import SOFTWARE, ListedCheck, fewest_devices
from weakspot.queries.columns import natural, search_form
from weakspot.queries.lens import Lens
from weakspot.recommendations import Recommendation
from weakspot.scoring import Excepted
from weakspot.vocabulary.severity import ORDER

if TYPE_CHECKING:
    from weakspot.queries.recommendations import Reader

EXACT_IMPACTS = 150
"""Up to so many recommendations in a fleet, the impacts to sort by are those of the moment."""
SMALL_FLEET = 5_000
SMALL_SCOPE = 500_000
"""Devices of a scope times products of the fleet."""
TOGETHER = ("title", "weaknesses", "exposed_devices", "severity", "secure_score_impact")
"""Sorts that cost little once the recommendations are there: made for all of them at once."""


class Listed(msgspec.Struct, frozen=True):
    """A recommendation with what the list is filtered and sorted by."""

    made: Recommendation
    devices: BitMap
    """Exposed, in scope."""
    worst: str
    exploit: str
    exposed: int
    """Number of the devices, also where they are not kept."""

    @property
    def id(self) -> str:
        """Of the recommendation."""
        return self.made.product.id


Pair = tuple[Any, Listed]
"""What a recommendation is sorted by, and the recommendation."""
Test = Callable[[Listed], bool]


class Ordered:
    """All recommendations of a scope in the order of one sort. Never changed; shared between requests."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = pairs

    @cached_property
    def texts(self) -> list[str]:
        """What a search looks through, in the order of ``pairs``."""
        return [search_form(f"{one.made.title} {one.made.product.vendor} {one.id}") for _, one in self.pairs]


def is_large(lens: Lens) -> bool:
    """Whether orders and impacts are remembered from one request to the next.

    In a large fleet they are for a small part of it too: as many products are weighed for it, and it is the number of
    those that takes its time.
    """
    if lens.view.population.counted() > SMALL_FLEET:
        return True
    known = recommendations.current(lens.conn, lens.read.fleet)
    return len(lens.counted) * len(known.products) > SMALL_SCOPE


def decided(lens: Lens) -> str:
    """Another text whenever exceptions or detections have changed: what was remembered before does not hold then."""
    return f"{exceptions.stamp(lens.conn)}.{id(lens.view.detection)}"


def ordered(reader: Reader, sort: str) -> Ordered:
    """All recommendations by a sort of the list, ``-`` in front for descending. In a large fleet at most half a minute
    old, unless detections or exceptions have changed since.
    """
    lens, name = reader.lens, sort.removeprefix("-")
    if not is_large(lens):
        items = reader.all()
        return _arranged(items, _sort_values(reader, items, name), sort)

    together = TOGETHER if name in TOGETHER else (name,)

    def rank() -> tuple[list[Listed], Mapping[str, Mapping[str, Any]]]:
        items = reader.all()
        values = {one: _sort_values(reader, items, one) for one in together}
        # Without the devices: what is kept must not grow with the fleet.
        return [msgspec.structs.replace(one, devices=BitMap()) for one in items], values

    remember, stamp = lens.memory.ordering, decided(lens)
    ranked = remember(lens.read, f"recommendations.{together[0]}", lens.scope, rank, while_as=stamp)
    items, values = ranked.values
    return remember(
        lens.read,
        f"recommendations.in_order.{sort}",
        lens.scope,
        lambda: _arranged(items, values[name], sort),
        while_as=f"{stamp}.{ranked.at}",
    ).values


def passing(reader: Reader, found: Ordered, query: ListQuery) -> list[Pair]:
    """Those that the search and the filters let through, in their order."""
    pairs: Iterable[Pair] = found.pairs
    text = search_form(query.search)
    if text:
        pairs = (pair for pair, words in zip(found.pairs, found.texts, strict=True) if text in words)
    tests = _tests(reader, query)
    return [pair for pair in pairs if all(test(pair[1]) for test in tests)] if tests else list(pairs)


def merged(
    products: Sequence[Pair], checks: Iterable[ListedCheck], sort: str
) -> Iterator[tuple[Any, Listed | ListedCheck]]:
    """Products, in order already, with settings between them. Of equals settings come first, then by id."""
    is_descending, name = sort.startswith("-"), sort.removeprefix("-")
    of_checks = [(one.sort_value(name), one) for one in sorted(checks, key=lambda one: one.id)]
    of_checks.sort(key=lambda pair: pair[0], reverse=is_descending)  # type: ignore[arg-type,return-value]
    return heapq.merge(of_checks, products, key=lambda pair: pair[0], reverse=is_descending)


def _arranged(items: Iterable[Listed], values: Mapping[str, Any], sort: str) -> Ordered:
    by_id = sorted(items, key=lambda one: one.id)
    pairs = [(values[one.id], one) for one in by_id]
    pairs.sort(key=lambda pair: pair[0], reverse=sort.startswith("-"))
    return Ordered(pairs)


def _tests(reader: Reader, query: ListQuery) -> list[Test]:
    """One for each filter that was asked for."""
    fewest = fewest_devices(query)
    of_filter: dict[str, Callable[[frozenset[str]], Test]] = {
        "remediation": lambda asked: lambda one: one.made.remediation_type in asked,
        "tag": lambda asked: lambda one: not asked.isdisjoint(one.made.tags),
        "severity": lambda asked: lambda one: one.worst in asked,
        "threat": lambda asked: lambda one: _is_threatened(reader, one, asked),
        "component": lambda asked: lambda one: one.made.product.name in asked,
        "category": lambda asked: lambda _: SOFTWARE in asked,
        "exposed_devices": lambda _: lambda one: one.exposed >= fewest,
        "status": lambda asked: lambda one: reader.status(one) in asked,
    }
    return [of_filter[name](frozenset(asked)) for name, asked in query.filters.items() if asked]


def _is_threatened(reader: Reader, listed: Listed, asked: frozenset[str]) -> bool:
    return (
        ("exploit" in asked and listed.exploit not in ("none", "proof_of_concept"))
        or ("known_exploited" in asked and listed.exploit == "known_exploited")
        or ("active_detection" in asked and reader.is_detected(listed))
    )


def _sort_values(reader: Reader, items: Sequence[Listed], sort: str) -> dict[str, Any]:
    match sort:
        case "title":
            return {one.id: natural(one.made.title) for one in items}
        case "secure_score_impact":
            return {one.id: 0.0 for one in items}
        case "weaknesses":
            return {one.id: len(one.made.weaknesses) for one in items}
        case "exposed_devices":
            return {one.id: len(one.devices) for one in items}
        case "installed_devices":
            return {one.id: len(reader.installed(one)) for one in items}
        case "severity":
            return {one.id: ORDER[one.worst] for one in items}  # type: ignore[index]
        case "exposed_devices_after_exceptions":
            return {one.id: len(reader.exposed_after(one)) for one in items}
        case "impact_detected":
            return dict(_impacts(reader, items, None, reader.impacts_detected))
        case _:
            return dict(_impacts(reader, items, reader.lens.excepted, reader.impacts))


def _impacts(
    reader: Reader,
    items: Sequence[Listed],
    excepted: Excepted | None,
    exactly: Callable[[Sequence[Listed]], Mapping[str, float]],
) -> Mapping[str, float]:
    """Impacts: exact where that is quick; else the order of the others is by what each can be worth at most."""
    lens = reader.lens
    if len(items) <= EXACT_IMPACTS or not is_large(lens):
        return exactly(items)
    actions = [
        recommendations.Action(id=one.id, replaced=one.made.replaced, hours=1.0) for one in items if one.made.replaced
    ]
    each = recommendations.worths(lens.view, lens.scope, actions, excepted=excepted).each
    limits = {one.id: float(limit) for one, limit in zip(actions, each, strict=True)}
    worthiest = set(sorted(limits, key=lambda one: -limits[one])[:EXACT_IMPACTS])
    exact = exactly([one for one in items if one.id in worthiest])
    floor = min(exact.values(), default=0.0)
    return {one.id: exact.get(one.id, min(limits.get(one.id, 0.0), floor)) for one in items}
