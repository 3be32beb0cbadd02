"""All verdicts of a set of candidates, given what the sources claim. Pure: this is what ``weakspot scan`` runs too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Candidate, ClaimOutcome, Outcome, Verdict
from weakspot.matching.rules import branches, configurations, linux, programs, windows
from weakspot.matching.rules.precedence import Precedence, equal_precedence, verdict
from weakspot.matching.rules.ranges import TestedVersion, VersionColumn, bounds_comparable
from weakspot.matching.rules.supersedence import NO_SUPERSEDENCE, Supersedence
from weakspot.vocabulary import ecosystems

Identity = tuple[str, str]
_NOT_AFFECTED = ("not_affected", "fixed")
_MODULAR = frozenset({"AlmaLinux", "Rocky Linux", "Red Hat", "CentOS", "Oracle Linux", "Fedora"})
"""Distributions whose rpm packages come in module streams: the same name in several lines of versions."""


def verdicts(
    candidates: Iterable[Candidate],
    claims: Mapping[Identity, Sequence[Claim]],
    updates: Supersedence = NO_SUPERSEDENCE,
    precedence: Precedence = equal_precedence,
) -> list[Verdict]:
    """Every (software version, vulnerability) for which something speaks, weak ones included.

    A software version with several identities keeps the verdict of its most confident one. ``updates``: which Windows
    update contains which, needed where a candidate is a Windows system.
    """
    candidates = list(candidates)
    by_identity: dict[Identity, list[Candidate]] = defaultdict(list)
    systems: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.method in windows.METHODS:
            systems[candidate.software_version_id].append(candidate)
        else:
            by_identity[candidate.ecosystem, candidate.name].append(candidate)
    best: dict[tuple[int, int], Verdict] = {}
    for identity, group in by_identity.items():
        for found in _of_identity(group, claims.get(identity, ()), precedence):
            key = found.software_version_id, found.vulnerability_id
            if key not in best or best[key].confidence < found.confidence:
                best[key] = found
    best = programs.without_refuted(best, candidates, claims)
    of_systems = (found for group in systems.values() for found in windows.verdicts(group, claims, updates))
    return [*best.values(), *of_systems]


def incomparable(candidates: Iterable[Candidate], scheme_of: Mapping[str, str]) -> set[int]:
    """Software versions whose version text the ecosystem's order refuses."""
    by_ecosystem: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for candidate in candidates:
        if candidate.method not in windows.METHODS or not windows.is_assessable(candidate):
            by_ecosystem[candidate.ecosystem][candidate.version].append(candidate.software_version_id)
    return {
        software_version_id
        for ecosystem, by_text in by_ecosystem.items()
        for tested in VersionColumn(scheme_of[ecosystem], by_text).incomparable
        for software_version_id in tested.software_version_ids
    }


def _of_identity(group: Sequence[Candidate], claims: Sequence[Claim], precedence: Precedence) -> Iterable[Verdict]:
    by_vulnerability: dict[int, list[Claim]] = {}
    columns: dict[str, VersionColumn] = {}
    hits: dict[tuple[int, str], list[tuple[Claim, Outcome]]] = {}
    candidates_of: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in group:
        candidates_of[candidate.version].append(candidate)
    is_program = group[0].ecosystem in configurations.ECOSYSTEMS
    for claim in claims:
        if claim.running_on is not None and not is_program:
            continue  # what must be beside it is known for programs only
        column = columns.get(claim.scheme)
        if column is None:
            by_text = {text: [c.software_version_id for c in same] for text, same in candidates_of.items()}
            column = columns[claim.scheme] = VersionColumn(claim.scheme, by_text)
        vulnerability_id = claim.vulnerability_id
        said = by_vulnerability.get(vulnerability_id)
        if said is None:
            by_vulnerability[vulnerability_id] = [claim]
        else:
            said.append(claim)
        for tested, outcome in _tested(column, claim):
            hits.setdefault((vulnerability_id, tested.text), []).append((claim, outcome))
    for (vulnerability_id, text), hit in hits.items():
        said = by_vulnerability[vulnerability_id]
        missed: Sequence[Claim] = ()
        if len(said) > len(hit):
            hit_ids = {id(claim) for claim, _ in hit}
            missed = [c for c in said if id(c) not in hit_ids]
        outcomes_of: dict[str, list[ClaimOutcome]] = {}
        for candidate in candidates_of[text]:
            outcomes = outcomes_of.get(candidate.module)
            if outcomes is None:
                outcomes = outcomes_of[candidate.module] = _outcomes(candidate, hit, missed)
            found = verdict(candidate, vulnerability_id, outcomes, precedence) if outcomes else None
            if found is not None:
                yield found


def _outcomes(
    candidate: Candidate, hit: Sequence[tuple[Claim, Outcome]], missed: Sequence[Claim]
) -> list[ClaimOutcome]:
    """What the claims say of a candidate; empty when those that cover its version are about another module."""
    if candidate.ecosystem in configurations.ECOSYSTEMS and candidate.module:
        hit, missed = branches.narrowed(candidate, hit, missed)
    outcomes = [_hit(claim, candidate, outcome) for claim, outcome in hit if _is_about(claim, candidate)]
    if not outcomes:
        return []
    if not missed:
        return outcomes
    apply = [claim for claim in missed if _is_about(claim, candidate)]
    return outcomes + _outside(apply, candidate.version, {o.advisory_id for o in outcomes})


def _hit(claim: Claim, candidate: Candidate, outcome: Outcome) -> ClaimOutcome:
    """A claim whose range covers the version; where it holds only beside something else, that stays open."""
    is_program = candidate.ecosystem in configurations.ECOSYSTEMS
    condition = configurations.open_condition(claim, candidate) if is_program else ""
    if not condition:
        return _outcome(claim, candidate.version, outcome)
    return _outcome(claim, candidate.version, "not_comparable" if outcome == "affected" else outcome, condition)


def _is_about(claim: Claim, candidate: Candidate) -> bool:
    if candidate.ecosystem in configurations.ECOSYSTEMS:
        return configurations.applies(claim, candidate)
    if not claim.module and not candidate.module:
        return True
    if ecosystems.base(candidate.ecosystem) in _MODULAR:
        return linux.streams_agree(candidate.module, claim.module, candidate.version)
    return not claim.module or claim.module == candidate.module


def _tested(column: VersionColumn, claim: Claim) -> list[tuple[TestedVersion, Outcome]]:
    covered: Outcome = "not_affected" if claim.status in _NOT_AFFECTED else "affected"
    is_comparable = bounds_comparable(claim)
    found = column.covered(claim, is_comparable=is_comparable)
    tests = [(tested, covered) for tested in found]
    if covered == "affected" and not is_comparable:
        listed = {tested.text for tested in found}
        tests += [(tested, "not_comparable") for tested in column.sorted if tested.text not in listed]
    return tests


def _outside(claims: Sequence[Claim], text: str, decided: set[int]) -> list[ClaimOutcome]:
    """Claims whose range leaves the version out; one range of an advisory is enough, so its others are not named.

    decided: advisories of which another range covers the version.
    """
    seen: set[int] = set()
    outcomes = []
    for claim in claims:
        if claim.advisory_id not in decided and claim.advisory_id not in seen:
            seen.add(claim.advisory_id)
            outcomes.append(_outcome(claim, text, "outside_range"))
    return outcomes


def _outcome(claim: Claim, text: str, outcome: Outcome, note: str = "") -> ClaimOutcome:
    return ClaimOutcome(
        advisory_id=claim.advisory_id,
        source=claim.source,
        record_id=claim.record_id,
        relation=claim.relation,
        ecosystem=claim.ecosystem,
        name=claim.name,
        version=text,
        introduced=claim.introduced,
        fixed=claim.fixed,
        last_affected=claim.last_affected,
        end_kind=claim.end_kind,
        status=claim.status,
        outcome=outcome,
        module=claim.module,
        note=note,
    )
