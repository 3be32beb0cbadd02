"""What an explanation says, in words: pure functions from facts to steps."""

from __future__ import annotations

from collections.abc import Sequence

from weakspot.intel.contracts import SourceClaim, VulnerabilityDetail, VulnerabilityFacts
from weakspot.inventory.contracts import Device, DeviceState, Evidence, SoftwareVersion
from weakspot.matching.contracts import ClaimOutcome, Match
from weakspot.posture import FeatureCondition
from weakspot.queries.contracts import ExplanationStep
from weakspot.runtime.clock import Micros, to_iso
from weakspot.vocabulary import ecosystems, versions

Facts = list[tuple[str, str]]

_METHODS = {
    "source_package": "by the source package that it was built from",
    "binary_package": "by the name of the package",
    "binary_package_name": "by the name of the package, as its source package is not known",
    "signed_kernel": "as the kernel that its signed image was built from",
    "purl": "by the name in its package registry",
    "cpe": "by vendor and product",
}
_OUTCOMES = {
    "affected": "covers this version",
    "outside_range": "does not cover this version",
    "not_affected": "says that this version is not affected",
    "not_comparable": "names a range that cannot be compared with this version",
    "superseded": "is outranked by a more specific record",
}
_STATUSES = {
    "affected": "affected",
    "wont_fix": "affected, and the publisher does not plan a fix",
    "end_of_life": "affected, and no longer supported",
    "under_investigation": "under investigation",
    "unimportant": "affected, but without security impact according to the distribution",
    "pending_restart": "affected until a restart: the fix is installed, but not in effect",
}
_RELATIONS = {
    "self": "its own record",
    "alias": "a record of the same flaw under another name",
    "about": "a notice that covers it among others",
}
_EXPLOITS = {
    "none": "no public exploit is known",
    "proof_of_concept": "a proof of concept is public",
    "public": "an exploit is public",
    "verified": "a verified exploit is public",
    "kit": "it is part of an exploit kit",
    "known_exploited": "it is known to be exploited",
}
OTHER_CLAIMS_SHOWN = 20
PATHS_SHOWN = 5


def report(device: Device, state: DeviceState | None) -> ExplanationStep:
    """Which report the inventory comes from."""
    facts: Facts = [("Device", device.name), ("Sensor", device.sensor_version or device.discovery_source)]
    if state is None:
        return ExplanationStep(
            module="report", title="Report", text=f"{device.name} has not sent an inventory yet.", facts=facts
        )
    facts += [
        ("Received", to_iso(state.reported_at)),
        ("Report", f"{state.report_id}, number {state.sequence}"),
        ("Digest", state.digest),
        ("Assessed against knowledge", str(state.knowledge_version)),
    ]
    text = f"{device.name} sent its inventory, the last time on {to_iso(state.reported_at)}."
    return ExplanationStep(module="report", title="Report", text=text, facts=facts)


def software(version: SoftwareVersion, seen_at: Micros, evidence: Evidence | None) -> ExplanationStep:
    """The installed software."""
    facts: Facts = [("Name", version.name), ("Version", version.version), ("Type", version.type)]
    if version.architecture:
        facts.append(("Architecture", version.architecture))
    if version.source_name:
        facts.append(("Source package", f"{version.source_name} {version.source_version}".strip()))
    if version.platform:
        facts.append(("Platform", version.platform))
    facts.append(("First seen", to_iso(seen_at)))
    if evidence is not None:
        if evidence.installed_at:
            facts.append(("Installed", evidence.installed_at))
        facts += [("Found at", path) for path in evidence.paths[:PATHS_SHOWN]]
    text = f"{version.name} {version.version} is installed."
    return ExplanationStep(module="software", title="Software", text=text, facts=facts)


def advisory(outcome: ClaimOutcome, evidence: Sequence[ClaimOutcome], claims: Sequence[SourceClaim]) -> ExplanationStep:
    """Which record decided, and what every other one says."""
    by_record = {(one.source, one.record_id): one for one in claims}
    decided_by = by_record.get((outcome.source, outcome.record_id))
    facts: Facts = [
        ("Source", outcome.source),
        ("Record", outcome.record_id),
        ("Kind", _RELATIONS.get(outcome.relation, outcome.relation)),
    ]
    if decided_by is not None and decided_by.published_at is not None:
        facts.append(("Published", to_iso(decided_by.published_at)))
    if decided_by is not None and decided_by.title:
        facts.append(("Title", decided_by.title))
    others = [one for one in evidence if one is not outcome]
    facts += [(f"{one.source} {one.record_id}", _OUTCOMES[one.outcome]) for one in others[:OTHER_CLAIMS_SHOWN]]
    heard = {(one.source, one.record_id) for one in evidence}
    silent = [one for one in claims if (one.source, one.record_id) not in heard]
    facts += [
        (f"{one.source} {one.record_id}", "speaks of the weakness, but not of this software")
        for one in silent[: max(0, OTHER_CLAIMS_SHOWN - len(others))]
    ]
    return ExplanationStep(
        module="advisory",
        title="Advisory",
        text=f"{outcome.record_id} of {outcome.source} is {_RELATIONS.get(outcome.relation, outcome.relation)}.",
        facts=facts,
        url=None if decided_by is None else decided_by.url,
    )


def range_test(outcome: ClaimOutcome) -> ExplanationStep:
    """How the versions compare."""
    scheme = ecosystems.scheme(outcome.ecosystem)
    facts: Facts = [
        ("Looked up as", f"{outcome.name} in {outcome.ecosystem}"),
        ("Version compared", outcome.version),
        ("Order of versions", scheme),
        ("Affected from", outcome.introduced if _has_start(outcome) else "the first version"),
    ]
    if outcome.fixed is not None:
        facts.append(("Fixed in", outcome.fixed))
    elif outcome.last_affected is not None:
        facts.append(("Last affected", outcome.last_affected))
    else:
        facts.append(("Fixed in", "no fixed version is named"))
    facts.append(("Result", comparison(outcome, scheme)))
    return ExplanationStep(module="range", title="Range", text=comparison(outcome, scheme), facts=facts)


def comparison(outcome: ClaimOutcome, scheme: str) -> str:
    """The result of a range test as a formula: ``3.0.11-1 < 3.0.15-1``."""
    version, end = outcome.version, outcome.fixed or outcome.last_affected
    if outcome.outcome == "not_comparable":
        return f"{version} ? {end or outcome.introduced}: the two cannot be put in order"
    if outcome.outcome == "outside_range":
        return _outside(outcome, scheme)
    if outcome.outcome == "not_affected":
        return f"the record says that {version} is not affected"
    if outcome.end_kind == "versions":
        return f"{version} is one of the versions that the record lists"
    start = f"{outcome.introduced} <= " if _has_start(outcome) else ""
    if outcome.fixed is not None:
        return f"{start}{version} < {outcome.fixed}"
    if outcome.last_affected is not None:
        return f"{start}{version} <= {outcome.last_affected}"
    return f"{start}{version}, and no fixed version is named"


def does_not_apply(feature: FeatureCondition) -> str:
    """Why a weakness does not apply to a device."""
    return f"Does not apply: {feature.name} is off."


def condition(feature: FeatureCondition, told: str | None) -> tuple[str, str]:
    """A part of the system that a weakness needs, and what the device tells of it; None: nothing (11.5)."""
    if told is None:
        here = "the device does not tell whether it is"
    else:
        here = f"here it is {'off' if told in feature.off_values else 'on'} ({feature.setting} is {told})"
    return "Applies only where", f"{feature.name} is on; {here}"


def match(found: Match, threshold: int) -> ExplanationStep:
    """How sure the match is."""
    facts: Facts = [
        ("Found", _METHODS.get(found.method, found.method)),
        ("Confidence", f"{found.confidence} of 100"),
        ("Status", _STATUSES[found.status]),
        ("Holds since", to_iso(found.since)),
        ("Knowledge", str(found.knowledge_version)),
        ("Fixed version", found.fixed_version or "none is known"),
    ]
    text = f"The software is {_STATUSES[found.status]}; confidence is {found.confidence} of 100."
    if found.confidence < threshold:
        text += f" Matches below {threshold} are shown here, but are not counted."
    return ExplanationStep(module="match", title="Match", text=text, facts=facts)


def threat(detail: VulnerabilityDetail) -> ExplanationStep:
    """How likely the weakness is used, and how bad that would be."""
    known = detail.facts
    facts: Facts = [
        ("Severity", known.severity),
        ("CVSS", _cvss(known)),
        ("EPSS", "not known" if known.epss is None else f"{known.epss:.5f} in the next 30 days"),
        ("Exploits", _EXPLOITS[known.exploit_level]),
        ("Known exploited", f"since {detail.known_exploited_since}" if detail.known_exploited_since else
         "yes" if known.is_known_exploited else "no"),
    ]  # fmt: skip
    if known.epss_percentile is not None:
        facts.append(("EPSS percentile", f"{known.epss_percentile:.5f}"))
    if known.is_used_by_ransomware:
        facts.append(("Ransomware", "used in campaigns"))
    if detail.due_on:
        facts.append(("Due on", detail.due_on))
    if known.withdrawn_at is not None:
        facts.append(("Withdrawn", to_iso(known.withdrawn_at)))
    text = f"Severity is {known.severity}; {_EXPLOITS[known.exploit_level]}."
    return ExplanationStep(module="threat", title="Threat", text=text, facts=facts)


def _cvss(known: VulnerabilityFacts) -> str:
    if known.cvss_score is None:
        return "not known"
    return f"{known.cvss_score:.1f} {known.cvss_vector or ''}".strip()


def _has_start(outcome: ClaimOutcome) -> bool:
    return outcome.introduced not in ("", "0")


def _outside(outcome: ClaimOutcome, scheme: str) -> str:
    version = outcome.version
    if outcome.end_kind == "versions":
        return f"{version} is not one of the versions that the record lists"
    if outcome.fixed is not None and _is(scheme, version, outcome.fixed, ">="):
        return f"{version} >= {outcome.fixed}, which has the fix"
    if outcome.last_affected is not None and _is(scheme, version, outcome.last_affected, ">"):
        return f"{version} > {outcome.last_affected}, the last affected version"
    if _has_start(outcome) and _is(scheme, version, outcome.introduced, "<"):
        return f"{version} < {outcome.introduced}, the first affected version"
    return f"{version} lies outside the affected range"


def _is(scheme: str, left: str, right: str, relation: str) -> bool:
    order = versions.compare(scheme, left, right)
    allowed = {
        "<": (versions.Order.LESS,),
        ">": (versions.Order.GREATER,),
        ">=": (versions.Order.GREATER, versions.Order.EQUAL),
    }
    return order in allowed[relation]
