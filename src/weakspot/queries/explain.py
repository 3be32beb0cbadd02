"""Why am I seeing this? One finding followed through every module, or why it is not there."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from weakspot import intel, inventory, matching, posture, scoring
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import Claim, VulnerabilityDetail
from weakspot.inventory import settings
from weakspot.inventory.contracts import Device, SoftwareVersion
from weakspot.matching.contracts import Candidate, ClaimOutcome, Match
from weakspot.posture import FeatureCondition
from weakspot.queries import explanation_words as words
from weakspot.queries import insights
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Explanation, ExplanationStep
from weakspot.queries.findings import Finding, of_device
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.rows import active_hazard, is_excepted
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import NotFound


class _Case(msgspec.Struct, frozen=True):
    """What is known of one device and one vulnerability."""

    device: Device
    detail: VulnerabilityDetail
    installed: Mapping[int, SoftwareVersion]
    seen_at: Mapping[int, Micros]
    matches: list[Match]
    """Open matches of installed versions, the most confident first; also those too weak to be counted."""
    findings: list[Finding]
    feature: FeatureCondition | None
    """The part of the system that the weakness needs, as far as the system carries it (spec/features.md 11.5)."""
    is_inapplicable: bool
    """Whether that is known to be off, and nothing else carries the weakness."""

    @property
    def counted(self) -> list[Match]:
        """Matches that make the weakness present."""
        return [one for one in self.matches if one.confidence >= matching.DEFAULT_THRESHOLD]


class _Absent(msgspec.Struct, frozen=True):
    """The installed version that comes closest to being affected, and why it is not."""

    version: SoftwareVersion
    outcome: ClaimOutcome
    reason: str | None
    """Why the version cannot be assessed; None where it was and is not covered."""


def finding(read: ReadContext, scope: Scope, device_public_id: str, name: str) -> Explanation:
    """The explanation of (device, vulnerability), present or not. Raises NotFound for an unknown device or name."""
    lens = Lens(read, scope)
    case = _case(lens, find_device(lens, device_public_id), _known(lens, name))
    steps = [words.report(case.device, inventory.device_state(lens.conn, case.device.id))]
    absent = None if case.matches else _nearest(lens, case)
    if case.matches:
        steps += _present_steps(lens, case)
    elif absent is not None:
        steps += _absent_steps(lens, case, absent)
    steps += [words.threat(case.detail), _score(lens, case)]
    return Explanation(
        device_id=case.device.public_id,
        device_name=case.device.name,
        vulnerability=case.detail.facts.name,
        is_present=bool(case.counted) and not case.is_inapplicable,
        conclusion=_conclusion(case, absent),
        steps=steps,
    )


def _known(lens: Lens, name: str) -> VulnerabilityDetail:
    found = intel.find(lens.conn, name)
    if found is None:
        raise NotFound(f"No weakness is known as {name[:80]!r}; check the spelling, or search for a part of it.")
    return intel.detail(lens.conn, found)


def _case(lens: Lens, device: Device, detail: VulnerabilityDetail) -> _Case:
    seen_at = inventory.installation_times(lens.conn, device.id)
    matches = matching.matches_between(lens.conn, sorted(seen_at), detail.facts.id)
    installed = inventory.software_versions(lens.conn, sorted(seen_at))
    is_of_system = any(installed[one.software_version_id].type == posture.SYSTEM_TYPE for one in matches)
    return _Case(
        device=device,
        detail=detail,
        installed=installed,
        seen_at=seen_at,
        matches=sorted(matches, key=lambda one: (-one.confidence, one.software_version_id)),
        findings=of_device(lens, device.id, [detail.facts.id]),
        feature=posture.feature_needed(detail.facts.title, detail.facts.name) if is_of_system else None,
        is_inapplicable=lens.exceptions.missing_feature(device.id, detail.facts.id) is not None,
    )


def _told(lens: Lens, device_id: int, setting: str) -> str | None:
    """The value of a setting that the device tells; None: it tells none."""
    found = settings.present(lens.conn, device_id)
    values = {} if found is None else settings.values(lens.conn, found[0].tolist())
    return next((one.value for one in values.values() if one.name == setting), None)


def _present_steps(lens: Lens, case: _Case) -> list[ExplanationStep]:
    found = case.matches[0]
    outcome = _deciding(found)
    installed = _software_step(lens, case, case.installed[found.software_version_id])
    names = sorted({case.installed[one.software_version_id].name for one in case.matches[1:]})
    if names:
        installed.facts.append(("Also carried by", ", ".join(names[:20]) + ("" if len(names) <= 20 else ", …")))
    match = words.match(found, matching.DEFAULT_THRESHOLD)
    if case.feature is not None:
        match.facts.append(words.condition(case.feature, _told(lens, case.device.id, case.feature.setting)))
    return [
        installed,
        words.advisory(outcome, found.evidence, case.detail.claims),
        words.range_test(outcome),
        match,
    ]


def _absent_steps(lens: Lens, case: _Case, absent: _Absent) -> list[ExplanationStep]:
    return [
        _software_step(lens, case, absent.version),
        words.advisory(absent.outcome, [absent.outcome], case.detail.claims),
        words.range_test(absent.outcome),
    ]


def _software_step(lens: Lens, case: _Case, version: SoftwareVersion) -> ExplanationStep:
    evidence = inventory.evidence(lens.conn, case.device.id).get(version.id)
    return words.software(version, case.seen_at[version.id], evidence)


def _deciding(found: Match) -> ClaimOutcome:
    """The claim that the verdict was taken from."""
    mine = [
        one for one in found.evidence if one.source == found.source and one.outcome in ("affected", "not_comparable")
    ]
    return next((one for one in mine if one.fixed == found.fixed_version), (mine or list(found.evidence))[0])


def _nearest(lens: Lens, case: _Case) -> _Absent | None:
    """Among installed versions that a claim names: one that could not be assessed, else one that is not covered."""
    identities: dict[tuple[str, str], list[Candidate]] = {}
    for version in case.installed.values():
        # What belongs to a distribution's package is not judged by itself; here it is named, with that as the reason.
        for candidate in matching.candidates(msgspec.structs.replace(version, owned_by="")):
            identities.setdefault((candidate.ecosystem, candidate.name), []).append(candidate)
    named = [
        (candidate, claim)
        for identity, claims in intel.claims(lens.conn, identities).items()
        for claim in claims
        if claim.vulnerability_id == case.detail.facts.id
        for candidate in identities[identity]
    ]
    reasons = matching.not_assessed(lens.conn, sorted({one.software_version_id for one, _ in named}))
    # A covered version is here only when it is not assessed (or when the verdict is being made just now).
    found = [
        _Absent(case.installed[one.software_version_id], _outcome(one, claim), reasons.get(one.software_version_id))
        for one, claim in named
    ]
    return min(found, key=lambda one: (one.reason is not None, one.outcome.relation != "self"), default=None)


def _outcome(candidate: Candidate, claim: Claim) -> ClaimOutcome:
    is_denied = claim.status in ("not_affected", "fixed")
    return ClaimOutcome(
        advisory_id=claim.advisory_id,
        source=claim.source,
        record_id=claim.record_id,
        relation=claim.relation,
        ecosystem=claim.ecosystem,
        name=claim.name,
        version=candidate.version,
        introduced=claim.introduced,
        fixed=claim.fixed,
        last_affected=claim.last_affected,
        end_kind=claim.end_kind,
        status=claim.status,
        outcome="not_affected" if is_denied else "outside_range",
    )


def _score(lens: Lens, case: _Case) -> ExplanationStep:
    is_raised = case.detail.facts.id in insights.raised_on(lens, case.device.id)
    terms = scoring.vulnerability_terms(case.detail.facts, is_raised=is_raised)
    facts = [(term.label, f"{term.hazard / scoring.HAZARD_UNIT:.6f}") for term in terms]
    hazard = sum(term.hazard for term in terms)
    facts.append(("Hazard", f"{hazard / scoring.HAZARD_UNIT:.6f}"))
    is_counted = case.device.id in lens.counted
    if case.counted and is_counted:
        if case.is_inapplicable:
            text = "It does not apply here, so that it adds nothing to the device's exposure score."
            return ExplanationStep(module="score", title="Score", text=text, facts=facts)
        if is_excepted(lens, case.device.id, case.detail.facts.id):
            text = "An exception covers it here: it is detected, and adds nothing to the device's exposure score."
            return ExplanationStep(module="score", title="Score", text=text, facts=facts)
        whole = active_hazard(lens, case.device.id)
        now, without = scoring.device_score(whole), scoring.device_score(max(0, whole - hazard))
        facts += [
            ("Score of the device", f"{now:.1f}"),
            ("Score without this weakness", f"{without:.1f}"),
            ("Model", scoring.MODEL_VERSION),
        ]
        text = f"It takes the device's exposure score from {without:.1f} to {now:.1f}."
    elif case.counted:
        text = "The device is excluded or has been silent for 30 days, so that it has no exposure score now."
    else:
        text = "It adds nothing to the device's exposure score."
    return ExplanationStep(module="score", title="Score", text=text, facts=facts)


def _conclusion(case: _Case, absent: _Absent | None) -> str:
    device, name = case.device.name, case.detail.facts.name
    if case.is_inapplicable and case.feature is not None:
        return f"{name} does not apply to {device}: {case.feature.name} is off."
    if case.counted:
        found = case.counted[0]
        version = case.installed[found.software_version_id]
        fix = f"fixed in {found.fixed_version}" if found.fixed_version else "no fixed version is known"
        return f"{device} has {name} because {version.name} {version.version} is installed; {fix}."
    if case.matches:
        version = case.installed[case.matches[0].software_version_id]
        return (
            f"{name} is not counted on {device}: what is said of {version.name} {version.version} is too weak "
            f"(confidence {case.matches[0].confidence} of 100)."
        )
    ended = [one for one in case.findings if one.until is not None]
    past = f" It was there until {to_iso(max(one.until or 0 for one in ended))}." if ended else ""
    if absent is None:
        return f"{device} does not have {name}: no source says that software installed there is affected.{past}"
    version = absent.version
    if absent.reason is not None:
        return f"{name} was not assessed for {version.name} {version.version} on {device}: {absent.reason}.{past}"
    words_of_range = words.range_test(absent.outcome).text
    return f"{device} does not have {name}: {version.name} {version.version} is not affected ({words_of_range}).{past}"
