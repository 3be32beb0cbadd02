"""Recommendations in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator

from weakspot.queries import defender
from weakspot.queries.columns import EXPLOIT_LEVELS
from weakspot.queries.defender import Entity, MachineReference, SoftwareEntity, Vulnerability
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.recommendations import Listed, Reader, rows
from weakspot.runtime.errors import NotFound


class RecommendationEntity(Entity, frozen=True, kw_only=True):
    """What to do about one product."""

    id: str
    product_name: str
    recommendation_name: str
    weaknesses: int
    vendor: str
    recommended_version: str
    recommended_program: str
    recommended_vendor: str
    recommendation_category: str
    sub_category: str
    severity_score: float
    public_exploit: bool
    active_alert: bool
    associated_threats: list[str]
    remediation_type: str
    status: str
    config_score_impact: float
    exposure_impact: float
    total_machine_count: int
    exposed_machines_count: int
    non_productivity_impacted_assets: int
    related_component: str
    exposed_critical_devices: int
    has_unpatchable_cve: bool


def recommendations(lens: Lens) -> Iterator[RecommendationEntity]:
    """All of the scope, by id."""
    reader = Reader(lens)
    for one in reader.all():
        yield _entity(reader, one)


def recommendation(lens: Lens, asked: str) -> RecommendationEntity:
    """One by its id. Raises NotFound."""
    reader = Reader(lens)
    return _entity(reader, _one(reader, asked))


def software(lens: Lens, asked: str) -> SoftwareEntity:
    """The software of a product that exposes most devices. Raises NotFound."""
    listed = _one(Reader(lens), asked)
    ids = [one for one in listed.made.product.software_ids if lens.view.devices_of_software(one, lens.scope)]
    most = max(ids, key=lambda one: (len(lens.view.exposed_of_software(one, lens.scope)), -one))
    return next(iter(defender.software_of(lens, [most])))


def machines(lens: Lens, asked: str) -> Iterator[MachineReference]:
    """Exposed devices. Raises NotFound."""
    yield from defender.references(lens, _one(Reader(lens), asked).devices)


def vulnerabilities(lens: Lens, asked: str) -> Iterator[Vulnerability]:
    """Vulnerabilities that it takes away. Raises NotFound."""
    yield from defender.vulnerabilities_of(lens, ids_of(_one(Reader(lens), asked).made.weaknesses).tolist())


def _one(reader: Reader, asked: str) -> Listed:
    try:
        return reader.one(asked)
    except NotFound:
        raise NotFound(f"Recommendation {asked[:100]} was not found") from None


def _entity(reader: Reader, listed: Listed) -> RecommendationEntity:
    row = rows(reader, [listed])[0]
    advice = reader.catalogue.advice
    return RecommendationEntity(
        id=row.id,
        product_name="_".join(row.product.lower().split()),
        recommendation_name=row.title,
        weaknesses=row.weaknesses,
        vendor="_".join(row.vendor.lower().split()),
        recommended_version=row.recommended_version,
        recommended_program="",
        recommended_vendor="",
        recommendation_category="Application",
        sub_category="",
        severity_score=0.0,
        public_exploit=EXPLOIT_LEVELS.index(row.exploit_level) >= EXPLOIT_LEVELS.index("public"),
        active_alert=row.has_active_detection,
        associated_threats=[],
        remediation_type=row.remediation_type,
        status="Exception" if row.status == "full_exception" else "Active",
        config_score_impact=0.0,
        exposure_impact=row.impact,
        total_machine_count=row.installed_devices,
        exposed_machines_count=row.exposed_devices,
        non_productivity_impacted_assets=0,
        related_component=row.product,
        exposed_critical_devices=row.exposed_critical_devices,
        has_unpatchable_cve=any(advice[one].open - advice[one].fixed for one in listed.made.exposed),
    )
