"""The Recommendations page: list, flyout, and the devices and weaknesses of one recommendation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import get_args

import numpy as np
from pyroaring import BitMap

from weakspot import inventory, recommendations, remediation, timeline
from weakspot.access.contracts import Scope
from weakspot.posture import Category
from weakspot.queries import blunting, check_recommendations, insights, mitigations, usage
from weakspot.queries import devices as device_pages
from weakspot.queries import recommendation_order as order
from weakspot.queries import weaknesses as weakness_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.check_recommendations import SOFTWARE, ListedCheck
from weakspot.queries.columns import Ids
from weakspot.queries.contracts import (
    DeviceRow,
    ExceptionStatus,
    Page,
    RecommendationDetail,
    RecommendationRow,
    RecommendationTag,
    RecommendationTarget,
    RecommendationType,
    WeaknessRow,
)
from weakspot.queries.lens import Lens, cut, ids_of
from weakspot.queries.recommendation_order import Listed
from weakspot.queries.rows import SEVERITIES, reference, weakness_rows
from weakspot.recommendations import Catalogue, Recommendation
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound

SHAPE = ListShape(
    filters={
        "remediation": get_args(RecommendationType),
        "tag": get_args(RecommendationTag),
        "severity": SEVERITIES,
        "threat": ("exploit", "known_exploited", "active_detection"),
        "component": None,
        "category": (*get_args(Category), SOFTWARE),
        "exposed_devices": ("1", "10", "100", "1000", "10000"),
        "status": get_args(ExceptionStatus),
    },
    sorts=(
        "title",
        "weaknesses",
        "exposed_devices",
        "exposed_devices_after_exceptions",
        "installed_devices",
        "impact",
        "impact_detected",
        "secure_score_impact",
        "severity",
    ),
    default_sort="-impact",
)
TARGETS_SHOWN = 200


class Reader:
    """The recommendations of one scope at one moment."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.catalogue: Catalogue = recommendations.current(lens.conn, lens.read.fleet)
        self.today = to_iso(lens.now)[:10]
        self._trends: dict[str, timeline.Exposure] = {}
        self._impacts: dict[str, float] = {}
        self._impacts_detected: dict[str, float] = {}

    @cached_property
    def activities(self) -> dict[str, int]:
        """Remediation activities by recommendation."""
        return remediation.counts(self.lens.conn)

    def made(self) -> list[Recommendation]:
        """All of them, by id, without what a list shows beside them."""
        return list(recommendations.recommendations(self.catalogue, self.lens.view, self.lens.scope, self.today))

    def all(self) -> list[Listed]:
        """All of them, by id."""
        made = self.made()
        columns = self.lens.vulnerability_columns(ids_of(BitMap.union(BitMap(), *(one.weaknesses for one in made))))
        found = []
        for one in made:
            severity, exploit = columns.worst(ids_of(one.weaknesses))
            devices = self.lens.view.devices_of_versions(one.exposed, self.lens.scope)
            found.append(Listed(one, devices, severity, exploit, len(devices)))
        return found

    def again(self, known: Iterable[Listed]) -> Iterator[Listed]:
        """The same recommendations as they are now; those that are not there any more are left out."""
        some = list(known)
        self.look_up_trends([one.id for one in some])
        for each in some:
            made = recommendations.recommendation(
                self.catalogue, self.lens.view, self.lens.scope, self.today, each.made.product.id
            )
            if made is not None:
                devices = self.lens.view.devices_of_versions(made.exposed, self.lens.scope)
                yield Listed(made, devices, each.worst, each.exploit, len(devices))

    def one(self, ident: str) -> Listed:
        """One by its id. Raises NotFound."""
        wanted = "_".join(ident[:2_100].lower().split())
        made = recommendations.recommendation(self.catalogue, self.lens.view, self.lens.scope, self.today, wanted)
        if made is None:
            raise NotFound("There is no such recommendation for what you may see; its id is va-_-vendor-_-product.")
        severity, exploit = self.lens.vulnerability_columns(ids_of(made.weaknesses)).worst(ids_of(made.weaknesses))
        devices = self.lens.view.devices_of_versions(made.exposed, self.lens.scope)
        return Listed(made, devices, severity, exploit, len(devices))

    def impact(self, listed: Listed) -> float:
        """Points by which the active score falls: excepted devices and findings do not count. Exact, now; made once a
        view, scope and decision.
        """
        if listed.id in self._impacts:
            return self._impacts[listed.id]
        found = self.lens.exceptions
        if not found.reducing:
            return self.impact_detected(listed)
        view, scope = self.lens.view, self.lens.scope
        known: dict[str, float] = view.memo(("recommendations.impact", found.reducing, scope.group_ids), dict)
        if listed.id not in known:
            known[listed.id] = recommendations.impact_after(found, self.catalogue, view, scope, listed.made)
        return known[listed.id]

    def impact_detected(self, listed: Listed) -> float:
        """The same as if there were no exceptions; made once a view and scope."""
        if listed.id in self._impacts_detected:
            return self._impacts_detected[listed.id]
        known: dict[str, float] = self.lens.view.memo(("recommendations.impact", self.lens.scope.group_ids), dict)
        if listed.id not in known:
            known[listed.id] = recommendations.impact(self.catalogue, self.lens.view, self.lens.scope, listed.made)
        return known[listed.id]

    def impacts(self, some: Sequence[Listed]) -> dict[str, float]:
        """``impact`` of some; in a large fleet at most half a minute old where it is known already."""
        if not self.lens.exceptions.reducing:
            return self.impacts_detected(some)
        return self._recent("recommendations.impact", some, self.impact)

    def impacts_detected(self, some: Sequence[Listed]) -> dict[str, float]:
        """``impact_detected`` of some; as old as ``impacts``."""
        return self._recent("recommendations.impact_detected", some, self.impact_detected)

    def look_up_impacts(self, some: Sequence[Listed]) -> None:
        """Take both impacts of some as they are remembered, for the rows of a list."""
        if order.is_large(self.lens):
            self._impacts = self.impacts(some)
            self._impacts_detected = self.impacts_detected(some)

    def _recent(self, name: str, some: Sequence[Listed], exactly: Callable[[Listed], float]) -> dict[str, float]:
        listed = {one.id: one for one in some}
        if not order.is_large(self.lens):
            return {ident: exactly(one) for ident, one in listed.items()}
        return self.lens.memory.recent(
            self.lens.read,
            f"{name}.{order.decided(self.lens)}",
            self.lens.scope,
            list(listed),
            lambda wanted: {ident: exactly(listed[ident]) for ident in wanted},
        )

    def status(self, listed: Listed) -> ExceptionStatus:
        """Active, or under an exception in all or in a part of the scope."""
        return recommendations.status(self.lens.exceptions, self.lens.view, self.lens.scope, listed.made)

    def exposed_after(self, listed: Listed) -> BitMap:
        """Exposed devices without those under score-reducing exceptions."""
        if not self.lens.exceptions.reducing:
            return listed.devices
        view, scope = self.lens.view, self.lens.scope
        return recommendations.exposed_after(self.lens.exceptions, self.catalogue, view, scope, listed.made)

    def is_detected(self, listed: Listed) -> bool:
        """Whether an active detection in scope hangs on one of its weaknesses or on its software."""
        return insights.is_any_detected(self.lens, listed.made.weaknesses, listed.made.product.software_ids)

    def look_up_trends(self, idents: Sequence[str]) -> None:
        """Read the trends of some recommendations at once."""
        self._trends |= timeline.exposures(self.lens.conn, idents, self.lens.scope, self.lens.now)

    def trend(self, ident: str) -> Sequence[int]:
        """Exposed devices at the end of the last days, oldest first; empty while nothing was recorded."""
        if ident not in self._trends:
            self.look_up_trends([ident])
        return self._trends[ident].days

    def installed(self, listed: Listed) -> BitMap:
        """Devices in scope that have the product, exposed or not."""
        software = listed.made.product.software_ids
        versions = {one for each in software for one in self.lens.view.versions_of_software(each).tolist()}
        return self.lens.view.devices_of_versions(versions, self.lens.scope)


def page(read: ReadContext, scope: Scope, query: ListQuery) -> Page[RecommendationRow]:
    """What can be done in the scope; what takes most off its score first. Settings to change are among it."""
    query = SHAPE.check(query)
    lens = Lens(read, scope)
    reader = Reader(lens)
    products = order.passing(reader, order.ordered(reader, query.sort), query)
    checked = check_recommendations.listed(lens, query)
    start = (query.page - 1) * query.page_size
    chosen = islice(order.merged(products, checked, query.sort), start, start + query.page_size)
    return Page(
        items=_mixed(reader, [one for _, one in chosen]),
        total=len(products) + len(checked),
        page=query.page,
        page_size=query.page_size,
        sort=query.sort,
        described=SHAPE.describe("Recommendations", query),
    )


def _mixed(reader: Reader, chosen: Sequence[Listed | ListedCheck]) -> list[RecommendationRow]:
    """Rows in the order given; products that nothing is recommended for any more are left out."""
    products = {one.id: one for one in reader.again(one for one in chosen if isinstance(one, Listed))}
    reader.look_up_impacts(list(products.values()))
    found = (one if isinstance(one, ListedCheck) else products.get(one.id) for one in chosen)
    return [one.row if isinstance(one, ListedCheck) else _row(reader, one) for one in found if one is not None]


def detail(read: ReadContext, scope: Scope, ident: str) -> RecommendationDetail:
    """The flyout of one recommendation. Raises NotFound."""
    if check_recommendations.is_about_check(ident):
        return check_recommendations.detail(read, scope, ident)
    lens = Lens(read, scope)
    reader = Reader(lens)
    listed = reader.one(ident)
    software = lens.memory.software(read, listed.made.product.software_ids)
    here = [one for one in listed.made.product.software_ids if lens.view.devices_of_software(one, scope)]
    mitigated = mitigations.of(lens, listed.id, listed.made.weaknesses, listed.devices)
    return RecommendationDetail(
        recommendation=rows(reader, [listed])[0],
        software=[reference(software[one]) for one in here if one in software],
        targets=_targets(reader, listed),
        targets_total=len(_here(reader, listed)),
        mitigations=mitigated.known,
        mitigated_devices=mitigated.devices,
        mitigated_risk_share=mitigated.risk_share,
        blunting_checks=blunting.of(lens, listed.made.weaknesses, listed.devices),
        usage=usage.insight(lens, listed.made.product.software_ids),
    )


def devices(read: ReadContext, scope: Scope, ident: str, query: ListQuery) -> Page[DeviceRow]:
    """Devices in scope that the recommendation is for. Raises NotFound."""
    if check_recommendations.is_about_check(ident):
        return check_recommendations.devices(read, scope, ident, query)
    lens = Lens(read, scope)
    return device_pages.page_of(lens, ids_of(Reader(lens).one(ident).devices), query)


def weaknesses(read: ReadContext, scope: Scope, ident: str, query: ListQuery) -> Page[WeaknessRow]:
    """Weaknesses that the recommendation takes away. Raises NotFound."""
    query = weakness_pages.SHAPE.check(query)
    lens = Lens(read, scope)
    is_about_check = check_recommendations.is_about_check(ident)
    wanted = ids_of(BitMap() if is_about_check else Reader(lens).one(ident).made.weaknesses)
    chosen = weakness_pages.select(lens, query)
    ordered: Ids = chosen[np.isin(chosen, wanted)]
    return cut(ordered, query, shape=weakness_pages.SHAPE, noun="Weaknesses", rows=lambda ids: weakness_rows(lens, ids))


def rows(reader: Reader, items: Sequence[Listed]) -> list[RecommendationRow]:
    """Rows in the order asked."""
    return [_row(reader, one) for one in items]


def _row(reader: Reader, listed: Listed) -> RecommendationRow:
    view, made, days = reader.lens.view, listed.made, reader.trend(listed.id)
    counts = {one: len(view.devices_of_version(one, reader.lens.scope)) for one in made.targets}
    return RecommendationRow(
        id=listed.id,
        title=made.title,
        product=made.product.name,
        vendor=made.product.vendor,
        software_type=made.product.type,
        remediation_type=made.remediation_type,
        recommended_version=recommendations.headline(made, counts),
        platforms=_platforms(reader, listed),
        weaknesses=len(made.weaknesses),
        highest_severity=listed.worst,  # type: ignore[arg-type]
        exploit_level=listed.exploit,  # type: ignore[arg-type]
        exposed_devices=len(listed.devices),
        installed_devices=len(reader.installed(listed)),
        exposed_critical_devices=len(listed.devices & view.population.values[-1]),
        impact=reader.impact(listed),
        tags=list(made.tags),
        has_active_detection=reader.is_detected(listed),
        status=reader.status(listed),
        activities=reader.activities.get(listed.id, 0),
        exposed_trend=[*days, len(listed.devices)] if days else [],
        exposed_change=len(listed.devices) - days[0] if days else None,
        exposed_devices_after_exceptions=len(reader.exposed_after(listed)),
        impact_detected=reader.impact_detected(listed),
        related_component=made.product.name,
    )


def _platforms(reader: Reader, listed: Listed) -> list[str]:
    """Operating systems of the exposed devices, by name."""
    return reader.lens.device_columns().system_names(listed.devices)


def _here(reader: Reader, listed: Listed) -> list[int]:
    return [one for one in listed.made.exposed if reader.lens.is_version_here(one)]


def _targets(reader: Reader, listed: Listed) -> list[RecommendationTarget]:
    """Installed versions with what to move to, the most installed first."""
    lens, made = reader.lens, listed.made
    counts = {one: len(lens.view.devices_of_version(one, lens.scope)) for one in _here(reader, listed)}
    shown = sorted(counts, key=lambda one: (-counts[one], one))[:TARGETS_SHOWN]
    versions = inventory.software_versions(lens.conn, shown)
    return [
        RecommendationTarget(
            software=versions[one].name,
            version=versions[one].version,
            platform=versions[one].platform,
            owner=reader.catalogue.advice[one].owner,
            target_version=made.targets.get(one),
            devices=counts[one],
            weaknesses=len(reader.catalogue.advice[one].open),
            weaknesses_after=len(made.replaced[one]) if one in made.replaced else None,
        )
        for one in shown
        if one in versions
    ]
