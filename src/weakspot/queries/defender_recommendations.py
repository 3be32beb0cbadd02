"""Recommendations in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator

from weakspot import scoring
from weakspot.posture import Category
from weakspot.queries import defender
from weakspot.queries.checks import CheckReader
from weakspot.queries.columns import EXPLOIT_LEVELS
from weakspot.queries.defender import Entity, MachineReference, Score, SoftwareEntity, Vulnerability
from weakspot.queries.lens import Lens, ids_of
from weakspot.queries.recommendation_order import Listed
from weakspot.queries.recommendations import Reader, rows
from weakspot.recommendations import check_of
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import NotFound
from weakspot.scoring import CheckState

_CATEGORIES: dict[Category, str] = {
    "application": "Application", "os": "OS", "network": "Network", "accounts": "Accounts",
    "security_controls": "SecurityControls",
}  # fmt: skip


class RecommendationEntity(Entity, frozen=True, kw_only=True):
    """What to do about one product or setting."""

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
    """All of the scope, by id: settings (``sca``), then products (``va``)."""
    checks = CheckReader(lens)
    yield from (_check_entity(checks, state) for state in _failing(checks))
    reader = Reader(lens)
    for one in reader.all():
        yield _entity(reader, one)


def recommendation(lens: Lens, asked: str) -> RecommendationEntity:
    """One by its id. Raises NotFound."""
    if check_of(asked) is not None:
        checks = CheckReader(lens)
        return _check_entity(checks, _check(checks, asked))
    reader = Reader(lens)
    return _entity(reader, _one(reader, asked))


def software(lens: Lens, asked: str) -> SoftwareEntity:
    """The software of a product that exposes most devices. Raises NotFound."""
    listed = _one(Reader(lens), asked)
    ids = [one for one in listed.made.product.software_ids if lens.view.devices_of_software(one, lens.scope)]
    most = max(ids, key=lambda one: (lens.view.counts_of_software(one, lens.scope)[1], -one))
    return next(iter(defender.software_of(lens, [most])))


def machines(lens: Lens, asked: str) -> Iterator[MachineReference]:
    """Exposed devices. Raises NotFound."""
    if check_of(asked) is not None:
        checks = CheckReader(lens)
        yield from defender.references(lens, checks.exposed(_check(checks, asked)))
        return
    yield from defender.references(lens, _one(Reader(lens), asked).devices)


def vulnerabilities(lens: Lens, asked: str) -> Iterator[Vulnerability]:
    """Vulnerabilities that it takes away; none where it is about a setting. Raises NotFound."""
    if check_of(asked) is not None:
        _check(CheckReader(lens), asked)
        return
    yield from defender.vulnerabilities_of(lens, ids_of(_one(Reader(lens), asked).made.weaknesses).tolist())


def configuration_score(lens: Lens) -> Score:
    """Points of the secure score of the scope; 0 when nothing is assessed, as the contract has no null here."""
    checks = CheckReader(lens)
    found = scoring.secure_total(scoring.secure_score(checks.states, lens.counted, checks.excepted))
    return Score(time=to_iso(lens.now), score=found.points)


def _failing(checks: CheckReader) -> Iterator[CheckState]:
    for state in checks.states.values():
        if state.is_enabled and checks.exposed(state):
            yield state


def _check(checks: CheckReader, asked: str) -> CheckState:
    for state in _failing(checks):
        if state.check.id == check_of(asked):
            return state
    raise NotFound(f"Recommendation {asked[:100]} was not found")


def _check_entity(checks: CheckReader, state: CheckState) -> RecommendationEntity:
    row = checks.row(state)
    return RecommendationEntity(
        id=row.recommendation_id,
        product_name="_".join(row.platforms),
        recommendation_name=row.title,
        weaknesses=0,
        vendor="",
        recommended_version="",
        recommended_program="",
        recommended_vendor="",
        recommendation_category=_CATEGORIES[row.category],
        sub_category=row.subcategory,
        severity_score=float(row.impact),
        public_exploit=False,
        active_alert=False,
        associated_threats=[],
        remediation_type="ConfigurationChange",
        status="Exception" if row.status == "full_exception" else "Active",
        config_score_impact=row.secure_score_impact,
        exposure_impact=0.0,
        total_machine_count=row.applicable_devices,
        exposed_machines_count=row.exposed_devices,
        non_productivity_impacted_assets=0 if row.has_user_impact else row.exposed_devices,
        related_component=row.related_component,
        exposed_critical_devices=row.exposed_critical_devices,
        has_unpatchable_cve=False,
    )


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
        # The contract has no word for the update of what ships a component.
        remediation_type="Update" if row.remediation_type == "OwningApp" else row.remediation_type,
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
