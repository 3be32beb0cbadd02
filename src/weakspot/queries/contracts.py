"""What the read models answer: the JSON of our own API and the types of the console.

Field names are the wire names. Times are RFC 3339 text in UTC. Counts and scores are those of the caller's scope.
``None`` is "not known" and never a default value.
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

from weakspot.queries.plan_contracts import SettingsPlan

Severity = Literal["Critical", "High", "Medium", "Low", "None", "Unknown"]
ExposureLevel = Literal["High", "Medium", "Low", "None"]
RiskLevel = Literal["None", "Informational", "Low", "Medium", "High"]
ExploitLevel = Literal["none", "proof_of_concept", "public", "verified", "kit", "known_exploited"]
MatchStatus = Literal["affected", "wont_fix", "end_of_life", "under_investigation", "unimportant", "pending_restart"]

ExceptionStatus = Literal["active", "full_exception", "partial_exception"]

CriticalityLevel = Literal["Very high", "High", "Medium", "Low", "None"]
Health = Literal["Active", "Inactive", "No sensor data", "Impaired communications", "Misconfigured"]
Onboarding = Literal["Onboarded", "Can be onboarded", "Unsupported", "Insufficient info"]

Row = TypeVar("Row")


class Page(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """One page of a list: ``total`` counts all rows that the filters let through, ``page`` starts at 1."""

    items: list[Row]
    total: int
    page: int
    page_size: int
    sort: str
    described: str
    """The filters in one sentence, for people."""


class SoftwareReference(msgspec.Struct, frozen=True, kw_only=True):
    """Enough of a software to name it and to link to it."""

    id: str
    name: str
    vendor: str


WeaknessLabel = Literal["zero_day", "no_security_update", "some_updates_available"]


class WeaknessRow(msgspec.Struct, frozen=True, kw_only=True):
    """One vulnerability in a list."""

    name: str
    title: str
    severity: Severity
    cvss_score: float | None
    epss: float | None
    epss_percentile: float | None
    exploit_level: ExploitLevel
    is_known_exploited: bool
    is_used_by_ransomware: bool
    published_at: str | None
    updated_at: str | None
    first_detected_at: str | None
    exposed_devices: int
    """Devices under an exception of this weakness are not among them."""
    detected_devices: int
    """All of them."""
    is_exposure_known: bool = True
    """False: it is named of software that is installed here and cannot be assessed; nothing is known of its devices."""
    software: list[SoftwareReference]
    software_count: int
    is_fix_available: bool
    labels: list[WeaknessLabel] = []
    """Where some or all of the software here that has it is without a fix."""
    hazard: float
    """Rate that this weakness adds to a device, the largest in the scope (docs/scoring.md)."""
    has_active_detection: bool
    """An active detection on a device in scope hangs on it (breach insight)."""


class SoftwareWeaknessRow(WeaknessRow, frozen=True, kw_only=True):
    """One vulnerability of one software."""

    confidence: int
    """Of the surest match, 0-100."""
    is_counted: bool
    """False: its confidence is below the threshold; shown on demand (``confidence=all``), part of no score or count."""
    weak_because: str
    """Why it does not count; empty where it does."""


class SourceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says about a vulnerability."""

    source: str
    record_id: str
    relation: Literal["self", "alias", "about"]
    title: str
    severity: str | None
    cvss_vector: str | None
    published_at: str | None
    modified_at: str | None
    withdrawn_at: str | None
    url: str | None


class LookedUpAs(msgspec.Struct, frozen=True, kw_only=True):
    """The identity under which advisories name a software version (``Debian:12``, ``openssl``)."""

    ecosystem: str
    name: str


class AffectedSoftware(msgspec.Struct, frozen=True, kw_only=True):
    """One affected software version that is installed somewhere in the scope. ``looked_up_as`` None: not looked up."""

    software: SoftwareReference
    version: str
    source_name: str
    looked_up_as: LookedUpAs | None
    fixed_version: str | None
    status: MatchStatus
    confidence: int
    exposed_devices: int


class WeaknessDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The weakness flyout."""

    weakness: WeaknessRow
    description: str
    cvss_vector: str | None
    cwes: list[str]
    aliases: list[str]
    references: list[str]
    known_exploited_since: str | None
    required_action: str | None
    due_on: str | None
    claims: list[SourceClaim]
    affected_software: list[AffectedSoftware]
    affected_software_total: int


SoftwareTag = Literal[
    "eos_software", "eos_versions", "upcoming_eos_software", "upcoming_eos_versions", "zero_day",
]  # fmt: skip
"""spec/features.md 6.5, 15 and 16; EOS: end of support."""


class SoftwareRow(msgspec.Struct, frozen=True, kw_only=True):
    """One software in the inventory list."""

    id: str
    name: str
    vendor: str
    type: str
    weaknesses: int | None
    """None: not assessed, because no source covers it."""
    highest_severity: Severity
    exploit_level: ExploitLevel
    exposed_devices: int
    installed_devices: int
    versions: int
    impact: float
    """Points by which the organisation's exposure score would fall were all its weaknesses gone."""
    has_active_detection: bool
    tags: list[SoftwareTag] = []
    """Of the versions that are installed in the scope."""
    exposed_trend: list[int] = []
    """Exposed devices at the end of each of the last 30 days for which they are known, oldest first, then now."""


class SoftwareVersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one software."""

    version: str
    platform: str
    architecture: str
    source_name: str
    source_version: str
    looked_up_as: LookedUpAs | None
    installed_devices: int
    weaknesses: int | None
    not_assessed_reason: str | None
    support_ends_on: str | None = None
    """Day on which the support of its line of releases ends or ended; null: no source tells."""
    tags: list[SoftwareTag] = []


class UsageInsight(msgspec.Struct, frozen=True, kw_only=True):
    """Use of a software in the last 30 days, of the ``reporting_devices``: on the others nobody looks what runs."""

    installed_devices: int
    reporting_devices: int
    using_devices: int
    """On which it was seen running; on others of them it may have run unseen."""
    median_days: float | None
    """Days of use on the using devices, at least; null: it was seen on none."""


class SoftwareDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The software flyout."""

    software: SoftwareRow
    versions: list[SoftwareVersionRow]
    versions_total: int
    usage: UsageInsight | None = None
    """null: not reported."""


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One device in a list."""

    id: str
    name: str
    domain: str
    os_platform: str
    os_distribution: str
    os_version: str
    group_id: int
    group_name: str
    device_value: Literal["Low", "Normal", "High"]
    exposure_score: float | None
    """Without what is under score-reducing exceptions; so is the level."""
    exposure_score_detected: float | None
    exposure_level: ExposureLevel
    weaknesses: int
    software: int
    health: Health
    first_seen_at: str
    last_seen_at: str
    tags: list[str]
    criticality: CriticalityLevel
    is_internet_facing: bool | None
    """None: not known."""
    is_excluded: bool
    onboarding: Onboarding
    discovery_source: str
    risk_level: RiskLevel
    """Highest severity of the active detections on it."""


class ExposedDeviceRow(DeviceRow, frozen=True, kw_only=True):
    """A device that has one vulnerability, and since when."""

    first_detected_at: str | None
    """The last time, where it had ended and came back; null where only a weak match says that the device has it."""
    reopened: int
    """How often it came back after it had ended; 0: never."""


class DeviceInterface(msgspec.Struct, frozen=True, kw_only=True):
    """One network interface as reported."""

    name: str
    mac: str
    addresses: list[str]
    state: str


class DeviceDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Head of the device page."""

    device: DeviceRow
    architecture: str
    kernel_running: str
    kernels_installed: list[str]
    is_restart_pending: bool | None
    hardware_vendor: str
    hardware_model: str
    interfaces: list[DeviceInterface]
    sensor_version: str
    discovery_source: str
    is_excluded: bool
    exclusion_reason: str | None
    last_report_at: str | None
    knowledge_version: int
    not_assessed: int
    severity_counts: dict[str, int]
    score_terms: list[ScoreTerm]


class ScoreTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One summand of a device's score; all terms of a device add up to its hazard."""

    label: str
    hazard: float
    share: float
    """0-1 of the device's whole hazard."""


class SoftwareUse(msgspec.Struct, frozen=True, kw_only=True):
    """Software that was seen running on a device. ``days_used``: of the last 30, at least."""

    last_used_on: str
    days_used: int
    is_listening: bool


class DeviceSoftwareRow(msgspec.Struct, frozen=True, kw_only=True):
    """One installation on one device."""

    software: SoftwareReference
    type: str
    version: str
    architecture: str
    source_name: str
    source_version: str
    first_seen_at: str
    installed_at: str | None
    paths: list[str]
    weaknesses: int | None
    not_assessed_reason: str | None
    use: SoftwareUse | None = None
    """None: not known, which is not the same as unused."""


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One weakness on one device, with the installed software that carries it."""

    weakness: WeaknessRow
    software: SoftwareReference
    version: str
    source_name: str
    looked_up_as: LookedUpAs | None
    fixed_version: str | None
    status: MatchStatus
    source: str
    method: str
    confidence: int
    first_detected_at: str
    """The last time, where it had ended and came back."""
    reopened: int
    """How often it came back after it had ended; 0: never."""
    fixed_at: str | None
    """Set for closed findings (``state=closed``)."""
    is_counted: bool = True
    """False: its confidence is below the threshold (shown on demand, ``confidence=all``), or it does not apply,
    as a part of the system that it needs is off; in no score."""
    weak_because: str = ""
    """Why it is not counted, in a sentence; empty for what is."""


class ExplanationStep(msgspec.Struct, frozen=True, kw_only=True):
    """One module's part in a finding: ``facts`` are label and value, in reading order."""

    module: Literal["report", "software", "advisory", "range", "match", "threat", "score"]
    title: str
    text: str
    facts: list[tuple[str, str]]
    url: str | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """ "Why am I seeing this?": a finding followed through every module."""

    device_id: str
    device_name: str
    vulnerability: str
    is_present: bool
    conclusion: str
    steps: list[ExplanationStep]


class SoftwareChangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a device's inventory."""

    at: str
    change: Literal["installed", "removed", "updated"]
    software: SoftwareReference
    version: str
    previous_version: str | None
    source: str | None
    """Which sensor or agent reported it; None where that is no longer kept."""
    report_id: str | None


class ScorePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One point of a score's history."""

    at: str
    score: float
    """Without what is under score-reducing exceptions."""
    score_detected: float | None
    """With it."""


class ExposureDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """Devices per exposure level."""

    high: int
    medium: int
    low: int
    none: int


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One intelligence source and how it is."""

    source: str
    title: str
    status: Literal["never", "succeeded", "partly", "failed"]
    reason: str
    last_run_at: str | None
    last_success_at: str | None
    data_at: str | None
    records: int
    quarantined: int
    is_stalled: bool
    """No success for longer than the source's own limit."""
    licence: str
    attribution: str
    url: str


class KnowledgeState(msgspec.Struct, frozen=True, kw_only=True):
    """Which knowledge is in force; shown wherever a verdict is."""

    version: int
    at: str | None
    is_starter_only: bool
    starter_date: str
    vulnerabilities: int
    feeds: list[FeedRow]


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """The first page."""

    exposure_score: float | None
    exposure_score_detected: float | None
    """Where findings under score-reducing exceptions count too."""
    exposure_level: ExposureLevel
    trend: list[ScorePoint]
    distribution: ExposureDistribution
    devices: int
    weaknesses: int
    critical_weaknesses: int
    known_exploited_weaknesses: int
    top_weaknesses: list[WeaknessRow]
    top_software: list[SoftwareRow]
    top_devices: list[DeviceRow]
    knowledge: KnowledgeState


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device group the caller may see."""

    id: int
    name: str
    devices: int


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """One hit of the global search."""

    kind: Literal["device", "software", "weakness"]
    id: str
    label: str
    detail: str


RecommendationType = Literal["Update", "Upgrade", "Uninstall", "ConfigurationChange", "OwningApp", "AttentionRequired"]
RecommendationTag = Literal[
    "eos_software", "eos_versions", "upcoming_eos_software", "upcoming_eos_versions", "zero_day", "zero_day_update",
    "pending_restart",
]  # fmt: skip


class RecommendationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One recommendation in a list. ``exposed_critical_devices``: those of high value."""

    id: str
    title: str
    product: str
    vendor: str
    software_type: str
    remediation_type: RecommendationType
    recommended_version: str
    """What most exposed devices should have; empty where nothing can be installed."""
    platforms: list[str]
    weaknesses: int
    highest_severity: Severity
    exploit_level: ExploitLevel
    exposed_devices: int
    installed_devices: int
    exposed_critical_devices: int
    impact: float
    """Points by which the exposure score falls when it is carried out everywhere; exact."""
    tags: list[RecommendationTag]
    has_active_detection: bool
    status: ExceptionStatus = "active"
    activities: int = 0
    """Remediation activities, completed ones included."""
    exposed_devices_after_exceptions: int
    exposed_trend: list[int] = []
    """Exposed devices at the end of each of the last 30 days for which they are known, oldest first, then now."""
    exposed_change: int | None = None
    """Exposed devices now less those of the first day of the trend; null while nothing was recorded."""
    impact_detected: float
    """As ``impact``, where devices and findings under score-reducing exceptions count before and after."""
    related_component: str = ""
    """The product, or where a setting belongs: ``Accounts > SSH``."""
    secure_score_impact: float = 0.0
    """Points by which the secure score rises when it is carried out everywhere; exact. 0 for products."""


class RecommendationTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One installed version and what to move it to. ``weaknesses_after``: those of the target; None: no target."""

    software: str
    version: str
    platform: str
    owner: str = ""
    """Package of the program that ships it as a component; empty: it is installed by itself."""
    target_version: str | None
    devices: int
    weaknesses: int
    weaknesses_after: int | None


class MitigationStatement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says that a mitigation is applied in a device group. ``devices``: exposed ones that it holds for now."""

    id: int
    group_id: int
    group_name: str
    devices: int
    evidence: str
    stated_by: str
    stated_at: str


class AlternateMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """Something else that can be done about one weakness, and where it is said to be done."""

    id: str
    weakness: str
    kind: Literal["workaround", "mitigation", "required_action"]
    text: str
    url: str | None
    due_on: str | None
    risk_share: float
    """0-1 of the recommendation's whole hazard that it takes away while there is no fix."""
    hazard: float
    applied_devices: int
    applied: list[MitigationStatement]


class BluntingCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check that makes attacks harder which use these weaknesses. Devices are those exposed to the weaknesses."""

    id: str
    title: str
    techniques: list[str]
    """ATT&CK techniques of the weaknesses that it makes harder."""
    weaknesses: int
    """Weaknesses that are known to be used with one of them."""
    failing_devices: int
    compliant_devices: int
    unknown_devices: int
    risk_share: float = 0.0
    """0-1 of the weaknesses' risk on all their devices of the scope that changing it on the failing ones is taken to
    take away. In no score."""


class RecommendationDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The recommendation flyout."""

    recommendation: RecommendationRow
    software: list[SoftwareReference]
    targets: list[RecommendationTarget]
    targets_total: int
    mitigations: list[AlternateMitigation]
    check_id: str | None = None
    """The check that it is about; null: it is about a product."""
    mitigated_devices: int
    """Exposed devices on which one of them is said to be applied."""
    mitigated_risk_share: float
    """0-1 of the recommendation's risk on all its devices that this takes away. No score falls by it."""
    blunting_checks: list[BluntingCheck] = []
    """Checks that make attacks harder which use its weaknesses; those that most devices fail first. In no score."""
    usage: UsageInsight | None = None
    """Of its product; null: not reported, or it is about a setting."""


class PlanStepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a plan. ``gain``: points that it takes off the score after all steps before it; exact."""

    number: int
    id: str
    title: str
    remediation_type: RecommendationType
    weaknesses: int
    hours: float
    devices: int
    gain: float
    score_after: float


class PlanPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The score after some steps and the hours that they took."""

    step: int
    hours: float
    score: float


class PlanPage(msgspec.Struct, frozen=True, kw_only=True):
    """A plan. No plan for the same goal can end below ``best_possible`` or need fewer than ``least_actions``."""

    score_before: float | None
    score_after: float | None
    """Both, and all gains, without what is under score-reducing exceptions."""
    score_before_detected: float | None
    score_after_detected: float | None
    """The same with it."""
    best_possible: float | None
    is_reached: bool
    """True where no score was asked for."""
    least_actions: int | None
    """None where no score was asked for, or none can reach it."""
    devices: int
    hours: float
    actions_considered: int
    steps: list[PlanStepRow]
    curve: list[PlanPoint]
    settings: SettingsPlan | None = None
    """Beside it: settings to change for the secure score, which no figure above knows of."""
